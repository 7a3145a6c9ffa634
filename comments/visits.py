"""What is new to a member in a discussion since they were last there.

A visit is a span of time: half an hour of absence ends it. What had been seen before it began is the line between old
and new, so that a reload changes nothing. What was there when a member first came is never new, wherever it stands.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from .models import Comment, Visit
from .seen import NOTHING, Seen

ABSENCE = timedelta(minutes=30)  # ends a visit
AT_MOST_EACH = timedelta(minutes=10)  # a visit that goes on is noted again
THE_END = 0  # as a place: nothing is left to be led back to


@dataclass(frozen=True)
class News:
    """What a member knows of a discussion. `since` is when they were there before; None where they never were.

    `place` is the comment to which they may want to be led back.
    """

    is_wanted: bool = True
    seen: Seen = NOTHING
    since: datetime | None = None
    during: Seen = NOTHING
    is_stale: bool = True
    place: int | None = None

    def of(self, comments: Iterable[int]) -> list[int]:
        """Those of these comments that are new, in the order given."""
        return [number for number in comments if number not in self.seen] if self.since else []

    def is_to_be_noted(self, comments: Iterable[int]) -> bool:
        """Whether a look at these comments has to be written down."""
        if not self.is_wanted:
            return False
        return self.is_stale or any(n not in self.seen and n not in self.during for n in comments)


@dataclass(frozen=True)
class NewHere:
    """The same for one page: the numbers that are new there, in reading order, and those that are on other pages.

    `shown` is all that stands there.
    """

    news: News
    numbers: Sequence[int]
    elsewhere: Sequence[int]
    shown: str
    is_to_be_noted: bool

    @property
    def all_elsewhere(self) -> str:
        return str(Seen.of(self.elsewhere))


def asked_for(member: Any, post_id: int) -> tuple[type[Visit], str, Sequence[Any]]:
    """The question for a member's visits to a discussion, as `storied.rows` takes it."""
    # The wish to have nothing kept comes first.
    where = "member_id = %s AND (post_id = %s OR post_id IS NULL) ORDER BY post_id IS NOT NULL LIMIT 1"
    return Visit, where, [member.pk, post_id]


def news_of(visit: Visit | None) -> News:
    """What a member has seen of a discussion."""
    if visit is None:
        return News()
    if visit.post_id is None:
        return News(is_wanted=False)
    now = timezone.now()
    before, during = Seen.read(visit.before), Seen.read(visit.during)
    if now - visit.last_at > ABSENCE:
        return News(seen=before | during, since=visit.last_at, place=visit.place)
    is_stale = now - visit.last_at > AT_MOST_EACH
    return News(seen=before, since=visit.since, during=during, is_stale=is_stale, place=visit.place)


def note(
    member: Any, post_id: int, shown: Seen, *, page_made_at: datetime, all_read: bool = False, place: int | None = None
) -> None:
    """Writes down that a member has read these comments; `all_read` ends their being new at once.

    `place` is the one of them at which they are; THE_END leads them nowhere, None leaves what was known.
    """
    # Where the article or the member has gone this very moment there is nothing to note.
    with suppress(IntegrityError), transaction.atomic():
        _note(member, post_id, shown, page_made_at, all_read, place)


def _note(member: Any, post_id: int, shown: Seen, page_made_at: datetime, all_read: bool, place: int | None) -> None:
    now = timezone.now()
    if Visit.objects.filter(member=member, post=None).exists():
        return
    # What stood on the discussion's other pages then was there before, too.
    known = shown | _public(post_id, page_made_at) if not _has_visited(member, post_id) else NOTHING
    fresh = {"before": str(known), "since": now, "last_at": now, "place": place or None}
    visit, is_first = Visit.objects.get_or_create(member=member, post_id=post_id, defaults=fresh)
    if is_first:
        return
    visit = Visit.objects.select_for_update(of=("self",)).filter(pk=visit.pk).first()
    if visit is None:
        return  # forgotten this very moment, as was wished
    before, during = Seen.read(visit.before), Seen.read(visit.during)
    if now - visit.last_at > ABSENCE:
        before, during, visit.since = before | during, NOTHING, visit.last_at
    if all_read:
        before, during = before | during | shown, NOTHING
    else:
        during |= shown.without(before)
    if place is not None:
        visit.place = place or None
    visit.before, visit.during, visit.last_at = str(before), str(during), now
    visit.save()


def forget(member: Any) -> None:
    """Forgets all that this member has read, and keeps nothing of the kind from now on."""
    now = timezone.now()
    with transaction.atomic():
        Visit.objects.filter(member=member).exclude(post=None).delete()
        Visit.objects.get_or_create(member=member, post=None, defaults={"since": now, "last_at": now})


def remember_again(member: Any) -> None:
    """Keeps again what this member reads."""
    Visit.objects.filter(member=member, post=None).delete()


def not_come_back_since(moment: datetime) -> QuerySet[Visit]:
    """The visits to discussions that a member has not come back to; wishes are no visits."""
    return Visit.objects.filter(last_at__lt=moment).exclude(post=None)


def _has_visited(member: Any, post_id: int) -> bool:
    return Visit.objects.filter(member=member, post=post_id).exists()


def _public(post_id: int, moment: datetime) -> Seen:
    """What of a discussion could be read at that moment."""
    public = Comment.objects.approved().comments().filter(post=post_id, published_at__lte=moment)
    return Seen.of(public.values_list("pk", flat=True))
