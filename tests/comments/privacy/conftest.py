"""What tests of kept and forgotten data share: a clock that can be set."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from django.utils import timezone


@pytest.fixture
def after(monkeypatch: Any) -> Callable[..., datetime]:
    """Lets so much time have passed since the test began."""
    began = timezone.now()

    def after(**span: float) -> datetime:
        moment = began + timedelta(**span)

        class Clock(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:
                return moment

        # Defaults of fields hold on to `timezone.now` itself, so it is what stands below it that is set.
        monkeypatch.setattr(timezone, "datetime", Clock)
        return moment

    return after
