"""What tests of kept and forgotten data share: a clock that can be set, and mail that is kept here."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

# What may be found of somebody who was erased, and why.
STAYS = {
    "comments_block.value": "an address that a moderator has blocked, while the block holds",
}


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


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox
