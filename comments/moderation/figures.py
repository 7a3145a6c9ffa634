"""How moderation goes, for the owner: what waits, how long, what the rules held and whether they were right.

Nothing here is counted by moderator. A fixed number of queries, whatever there is.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import CharField, Count, Exists, F, Func, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from comments.models import Comment, ModerationLogEntry

SPANS = {30: "30 days", 90: "90 days", 365: "twelve months"}
UNANSWERED_AFTER = timedelta(hours=24)
MOST_UNANSWERED = 20
# Waits that began longer before the span than this are counted from there on.
_BEFORE = timedelta(days=60)
_AGES = (("less than an hour", 1), ("1 to 6 hours", 6), ("6 to 24 hours", 24), ("1 to 3 days", 72), ("longer", None))


@dataclass
class Day:
    """What happened on one day, or, over a year, in one week that began then."""

    date: date
    waiting: int = 0  # at its end
    comments: int = 0
    newcomers: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def median(self) -> float | None:
        return median(self.waits) if self.waits else None

    @property
    def p90(self) -> float | None:
        """Nine of ten were decided within this time."""
        return sorted(self.waits)[math.ceil(0.9 * len(self.waits)) - 1] if self.waits else None


@dataclass
class RuleFigures:
    """How often a rule held or set aside a comment, and what moderators made of it."""

    code: str
    held: int = 0
    published: int = 0  # nevertheless
    refused: int = 0

    @property
    def decided(self) -> int:
        return self.published + self.refused

    @property
    def disagreed(self) -> int | None:
        """In percent of what was decided; None where nothing was."""
        return round(100 * self.published / self.decided) if self.decided else None


@dataclass
class Figures:
    """Everything on the page."""

    days: list[Day]
    span: int
    by_week: bool
    waiting: int
    oldest: datetime | None
    ages: list[tuple[str, int]]
    rules: list[RuleFigures]
    unanswered: list[Comment]
    unanswered_count: int

    @property
    def waits(self) -> list[float]:
        return [wait for day in self.days for wait in day.waits]


def figures(span: int, now: datetime | None = None) -> Figures:
    """The figures of the last so many days: eight queries."""
    now = now or timezone.now()
    by_week = span > 100
    days = _days(span, now, by_week)
    since = timezone.make_aware(datetime.combine(days[0].date, datetime.min.time()))
    by_date = {day.date: day for day in days}
    waiting, oldest, ages = _ages(now)
    rules = _from_the_log(by_date, since, waiting, by_week)
    for at, number in _comments_by_hour(since):
        _add(by_date, at, by_week, "comments", number)
    for at in _first_comments(since):
        _add(by_date, at, by_week, "newcomers", 1)
    unanswered = _unanswered(since, now)
    return Figures(
        days, span, by_week, waiting, oldest, ages, rules,
        list(unanswered.select_related("post").order_by("-created_at")[:MOST_UNANSWERED]), unanswered.count(),
    )  # fmt: skip


def _days(span: int, now: datetime, by_week: bool) -> list[Day]:
    today = timezone.localtime(now).date()
    if not by_week:
        return [Day(today - timedelta(days=before)) for before in range(span - 1, -1, -1)]
    monday = today - timedelta(days=today.weekday())
    return [Day(monday - timedelta(weeks=before)) for before in range(span // 7, -1, -1)]


def _date_of(at: datetime, by_week: bool) -> date:
    # The site has one zone: asking for the present one at each entry of the log took a fifth of the page.
    day = at.astimezone(timezone.get_default_timezone()).date()
    return day - timedelta(days=day.weekday()) if by_week else day


def _add(by_date: dict[date, Day], at: datetime, by_week: bool, name: str, number: int) -> None:
    day = by_date.get(_date_of(at, by_week))
    if day is not None:
        setattr(day, name, getattr(day, name) + number)


def _ages(now: datetime) -> tuple[int, datetime | None, list[tuple[str, int]]]:
    """How many wait, since when the longest does, and how many for how long: since they were held last."""
    held = ModerationLogEntry.objects.filter(comment=OuterRef("pk"), new="pending").exclude(old="pending")
    begun = Coalesce(Subquery(held.order_by("-pk").values("at")[:1]), "created_at")
    since = sorted(Comment.objects.pending().annotate(begun=begun).order_by().values_list("begun", flat=True))
    ages, younger = [], len(since)
    for words, hours in _AGES:
        older = 0 if hours is None else bisect_right(since, now - timedelta(hours=hours))
        ages.append((words, younger - older))
        younger = older
    return len(since), since[0] if since else None, ages


def _from_the_log(by_date: dict[date, Day], since: datetime, waiting: int, by_week: bool) -> list[RuleFigures]:
    """Fills in the length of the queue and the waits of each day; what the rules did. One query."""
    rows = (
        ModerationLogEntry.objects.filter(
            Q(old="pending") | Q(new="pending") | Q(new="spam") | Q(old="spam"), new__in=Comment.Status.values
        )
        .filter(at__gte=since - _BEFORE)
        .order_by("pk")
        .values_list("comment", "at", "old", "new", "by_author", "actor", "rules")
    )
    began: dict[int, datetime] = {}
    held_by: dict[int, list[str]] = {}
    rules: dict[str, RuleFigures] = {}
    changes: Counter[date] = Counter()
    for comment_id, at, old, new, by_author, actor, grounds in rows.iterator(chunk_size=5_000):
        inside = at >= since
        if inside and (old == "pending") != (new == "pending"):
            changes[_date_of(at, by_week)] += 1 if new == "pending" else -1
        by_somebody = actor is not None and not by_author
        if old in {"pending", "spam"} and by_somebody:
            start = began.pop(comment_id, None) if old == "pending" else None
            day = by_date.get(_date_of(at, by_week)) if inside else None
            if start is not None and day is not None:
                day.waits.append((at - start).total_seconds())
            if new != "pending":
                for code in held_by.pop(comment_id, ()):
                    if new == "approved":
                        rules[code].published += 1
                    else:
                        rules[code].refused += 1
        if new == "pending":
            began[comment_id] = at
        if new in {"pending", "spam"} and inside and grounds and not by_somebody:
            codes = list(dict.fromkeys(ground["code"] for ground in grounds if "code" in ground))
            held_by[comment_id] = codes
            for code in codes:
                rules.setdefault(code, RuleFigures(code)).held += 1
    length = waiting
    for day in reversed(by_date.values()):
        day.waiting = max(0, length)
        length -= changes[day.date]
    return sorted(rules.values(), key=lambda rule: (-rule.held, rule.code))


class _Hour(Func):
    """The hour of a time in UTC as text, "2026-11-23 21": cheap to group by, and any zone's days are made of hours."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template="SUBSTR(%(expressions)s, 1, 13)", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "TO_CHAR(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"
        return super().as_sql(compiler, connection, template=template, **extra)


def _moment(hour: str) -> datetime:
    return datetime.strptime(f"{hour} +0000", "%Y-%m-%d %H %z")


def _comments_by_hour(since: datetime) -> Iterable[tuple[datetime, int]]:
    """What was written, spam aside; from an index alone."""
    real = [status for status in Comment.Status.values if status != "spam"]
    rows = Comment.objects.filter(status__in=real, created_at__gte=since).order_by()
    for hour, number in rows.annotate(hour=_Hour("created_at")).values_list("hour").annotate(n=Count("pk")):
        yield _moment(hour), number


def _first_comments(since: datetime) -> Iterable[datetime]:
    """When each newcomer wrote for the first time: two queries, each from an index alone."""
    for who, people in (
        ("author", Comment.objects.filter(author__isnull=False)),
        ("guest_key", Comment.objects.exclude(guest_key="")),
    ):
        firsts = people.order_by().values(who).annotate(first=Min("created_at")).filter(first__gte=since)
        yield from firsts.values_list("first", flat=True)


def _unanswered(since: datetime, now: datetime) -> Any:
    """Published first comments of newcomers that nobody has replied to for a day."""
    replies = Comment.objects.filter(parent=OuterRef("pk"), status=Comment.Status.APPROVED)
    earlier = Comment.objects.filter(created_at__lt=OuterRef("created_at"))
    earlier_by_account = earlier.filter(author=OuterRef("author"))
    # The same condition as the index has: without it the database cannot know that the index serves.
    earlier_by_guest = earlier.filter(guest_key=OuterRef("guest_key")).exclude(guest_key="")
    return (
        Comment.objects.filter(
            status=Comment.Status.APPROVED, created_at__gte=since, created_at__lt=now - UNANSWERED_AFTER,
            kind=Comment.Kind.COMMENT,
        )
        .exclude(Exists(replies))
        .exclude(author=F("post__author"), signed=Comment.Signature.NAME)
        .filter(Q(author__isnull=False) & ~Exists(earlier_by_account) | ~Q(guest_key="") & ~Exists(earlier_by_guest))
    )  # fmt: skip
