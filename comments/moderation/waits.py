"""How long comments wait for a moderator: said to whoever waits."""

from datetime import datetime, timedelta
from statistics import median

from django.utils import timezone

from comments.conf import Rules
from comments.models import ModerationLogEntry

_DAYS = 30
_FEWEST = 5  # decisions: fewer say nothing about the next one
_MOST = 200  # of the last ones: enough for a median, and a bounded question


def usual_wait(rules: Rules) -> str:
    """The owner's own sentence; without one, half of the last waits in words; empty where there were too few."""
    if rules.usual_wait:
        return rules.usual_wait
    waits = last_waits()
    if len(waits) < _FEWEST:
        return ""
    return f"half of the last {len(waits)} were read within {_in_words(median(waits))}"


def last_waits() -> list[timedelta]:
    """How long those waited on which somebody decided in the last 30 days: two queries."""
    ended = list(
        ModerationLogEntry.objects.filter(
            old="pending", by_author=False, at__gt=timezone.now() - timedelta(days=_DAYS), actor__isnull=False
        )
        .order_by("-at")
        .values_list("comment_id", "pk", "at")[:_MOST]
    )
    began: dict[int, list[tuple[int, datetime]]] = {}
    begins = ModerationLogEntry.objects.filter(comment__in={row[0] for row in ended}, new="pending")
    for comment_id, pk, at in begins.order_by("pk").values_list("comment_id", "pk", "at"):
        began.setdefault(comment_id, []).append((pk, at))
    waits = []
    for comment_id, pk, at in ended:
        before = [start for number, start in began.get(comment_id, []) if number < pk]
        if before:
            waits.append(at - before[-1])
    return waits


def _in_words(wait: timedelta) -> str:
    minutes = wait.total_seconds() / 60
    if minutes < 50:
        rounded = max(5, 5 * round(minutes / 5))
        return f"{rounded} minutes"
    hours = minutes / 60
    if hours < 1.5:
        return "an hour"
    return f"{round(hours)} hours" if hours < 36 else f"{round(hours / 24)} days"
