"""Documents as the apps would push them in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from storied.search import Document

NEW_YEAR = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def document() -> Callable[..., Document]:
    """Makes a document, each an hour younger than the one before; say only what matters."""
    numbers = count(1)

    def make(body: str = "", **given: object) -> Document:
        number = next(numbers)
        usual = {
            "kind": "comment",
            "object_id": number,
            "post_id": 1,
            "title": "On the weather",
            "author": "Judy",
            "body": body,
            "published_at": NEW_YEAR + timedelta(hours=number),
        }
        return Document(**usual | given)

    return make
