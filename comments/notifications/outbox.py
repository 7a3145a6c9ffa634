"""The outbox: rows of what is owed, written in the transaction of whatever happened; nothing leaves from here."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from comments.models import Notification

from .recipients import Recipient

# Second thoughts come soon: what is withdrawn or undone within a minute is never told of.
HELD_FOR = timedelta(minutes=1)


def owed(kind: str, event: str, to: Recipient, *, held_for: timedelta = HELD_FOR, **about: Any) -> Notification:
    """A row for this person. `event` names what happened: the same event is never owed twice to one person."""
    now = timezone.now()
    return Notification(
        kind=kind, key=f"{event}:{to.who}", **to.fields, created_at=now, due_at=now + held_for, **about
    )  # fmt: skip


def store(rows: Iterable[Notification]) -> None:
    """Writes what is not owed yet, in one statement; none where there is nobody to tell."""
    rows = list(rows)
    if rows:
        Notification.objects.bulk_create(rows, ignore_conflicts=True)
