"""House rules against too much at once: from one person, from one network, below one article."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from comments.exceptions import TooMany
from comments.models import Comment
from storied import rows

from .case import Case, Decided
from .draft import Draft


def nobody_floods(case: Case) -> Decided | None:
    if case.moderates:
        return None
    draft, rules, now = case.draft, case.rules, timezone.now()
    if case.editing:
        edits = case.editing.revisions.filter(replaced_at__gt=now - timedelta(hours=1)).count()
        if rules.flood_per_hour and edits >= rules.flood_per_hour:
            raise TooMany("That was edited very often. Please wait an hour; your text is kept below.", retry_after=3600)
        return None
    mine = ("author_id = %s", draft.author.pk) if draft.author else (_OF_A_GUEST, draft.viewer.guest_key)
    limits = [
        (most, span, whose, key)
        for most, span, (whose, key) in (
            (rules.flood_per_minute, timedelta(minutes=1), mine),
            (rules.flood_per_hour, timedelta(hours=1), mine),
            (rules.flood_per_network, timedelta(minutes=1), (_OF_A_NETWORK, draft.network)),
        )
        if most and key
    ]
    since = [(whose, key, now - span) for _most, span, whose, key in limits]
    for (most, span, _whose, _key), count in zip(limits, _written_since(since), strict=True):
        if count >= most:
            wait = "a minute" if span == timedelta(minutes=1) else "an hour"
            raise TooMany(
                f"That was a lot in a short time. Please wait {wait} and submit again; your text is kept below.",
                retry_after=int(span.total_seconds()),
            )
    return None


_FROM = "FROM comments_comment"
# In the very words of the partial indexes, by which SQLite knows them.
_OF_A_GUEST = "guest_key = %s AND NOT (guest_key = '') AND author_id IS NULL"
_OF_A_NETWORK = "network = %s AND NOT (network = '')"


def _written_since(limits: list[tuple[str, Any, datetime]]) -> tuple[int, ...]:
    """How much was written since each of these moments, in one query."""
    if not limits:
        return ()
    lately = "created_at > %s AND created_at < %s"
    counts = ", ".join(f"(SELECT COUNT(*) {_FROM} WHERE {whose} AND {lately})" for whose, *_rest in limits)
    adapt = connection.ops.adapt_datetimefield_value
    values = [(key, adapt(moment), adapt(_not_beyond())) for _whose, key, moment in limits]
    [found] = rows.fetch(f"SELECT {counts}", [value for three in values for value in three])
    return found


def _not_beyond() -> datetime:
    """Nobody writes tomorrow: an import brings such dates, and a clock that was wrong for a while leaves them.

    Who has written so would have to wait for years. The clocks of two machines may differ a little.
    """
    return timezone.now() + timedelta(minutes=1)


def _written_by(draft: Draft) -> Any:
    """What this person wrote before, as far as it can be proved."""
    if draft.author:
        return Comment.objects.filter(author=draft.author)
    return Comment.objects.filter(author=None, guest_key=draft.viewer.guest_key).exclude(guest_key="")


def nobody_is_faster_than_the_article_allows(case: Case) -> Decided | None:
    minutes = case.discussion.slow_minutes
    if not minutes or case.editing or case.moderates:
        return None
    since = timezone.now() - timedelta(minutes=minutes)
    lately = {"created_at__gt": since, "created_at__lt": _not_beyond()}
    times = _written_by(case.draft).filter(post=case.draft.post, **lately).order_by("-created_at")
    last = next(iter(times.values_list("created_at", flat=True)[:1]), None)
    if last is not None:
        wait = max(1, -(-int((last - since).total_seconds()) // 60))
        raise TooMany(
            f"This discussion goes slowly at the moment: everybody writes once in {minutes} "
            f"{'minute' if minutes == 1 else 'minutes'}. You can submit this in {wait} "
            f"{'minute' if wait == 1 else 'minutes'}; your text is kept below.",
            retry_after=wait * 60,
        )
    return None
