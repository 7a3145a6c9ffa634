"""What everybody may know of how this site is moderated: numbers without people, and one's own record.

Few decisions would point at somebody. So a number below five is not told, every other one is told as the multiple of
five below it, and no totals are: nothing can be had by subtracting. The numbers are those of whole
weeks, so that nobody can watch them change after a single decision.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from comments.models import Comment, Flag, GuidelineClause, ModerationLogEntry, Person, Restriction
from comments.viewers import Viewer

from .replies import MARKS

FEWEST = 5
PERIODS = ((90, "The last 90 days"), (365, "The last twelve months"))

_KEPT_FOR = 12 * 3600  # seconds


@dataclass(frozen=True)
class Told:
    """A number as it is told: None for a few, else at least so many."""

    at_least: int | None

    @classmethod
    def of(cls, number: int) -> "Told":
        if number and number < FEWEST:
            return cls(None)
        return cls(number - number % FEWEST)

    def __str__(self) -> str:
        if self.at_least is None:
            return f"fewer than {FEWEST}"
        return f"{self.at_least:,} or more" if self.at_least else "none"


@dataclass(frozen=True)
class Row:
    """One line of the page."""

    what: str
    told: Told
    key: str = ""


@dataclass
class Period:
    """The numbers of one span of time."""

    title: str
    since: datetime
    until: datetime
    decisions: list[Row] = field(default_factory=list)
    clauses: list[Row] = field(default_factory=list)
    reversals: list[Row] = field(default_factory=list)
    median_wait: str = ""
    within_a_day: str = ""

    @property
    def last_day(self) -> datetime:
        return self.until - timedelta(days=1)


def last_monday(now: datetime | None = None) -> datetime:
    """When the week began: what happened since is told next week."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = (today - timedelta(days=today.weekday())).date()
    return timezone.make_aware(datetime.combine(monday, datetime.min.time()))


def next_monday(now: datetime | None = None) -> datetime:
    """Until when the page says the same."""
    monday = (last_monday(now) + timedelta(days=7, hours=12)).date()
    return timezone.make_aware(datetime.combine(monday, datetime.min.time()))


def periods(now: datetime | None = None) -> list[Period]:
    """The whole page: reckoned once or twice a day, since what is over does not change."""
    until = last_monday(now)
    key = f"openness-1-{until:%Y-%m-%d}"
    return cache.get_or_set(key, lambda: [_period(title, days, until) for days, title in PERIODS], _KEPT_FOR)


def _period(title: str, days: int, until: datetime) -> Period:
    since = until - timedelta(days=days)
    period = Period(title, since, until)
    entries = ModerationLogEntry.objects.filter(by_author=False, at__gte=since, at__lt=until)
    # What went or came with its branch is told with the comment that was decided on.
    decided = entries.exclude(action__in=["undo", "remove_below", "restore_below"])
    period.decisions = _decisions(decided)
    period.clauses = _by_clause(decided)
    period.reversals = _reversals(decided, since, until)
    waits = _waits(since, until)
    if len(waits) >= FEWEST:
        period.median_wait = in_words(median(waits))
        soon = sum(wait <= 24 * 3600 for wait in waits) * 100 // len(waits)
        period.within_a_day = f"{soon - soon % 5} %"
    return period


_BY_SOMEBODY = Q(actor__isnull=False)


def _decisions(decided: Any) -> list[Row]:
    def number(*conditions: Q, **more: Any) -> Count:
        return Count("comment", filter=Q(*conditions, **more), distinct=True)

    counted = decided.aggregate(
        published=number(_BY_SOMEBODY, old="pending", new="approved"),
        declined=number(_BY_SOMEBODY, new="rejected"),
        removed=number(_BY_SOMEBODY, new="removed"),
        spam=number(_BY_SOMEBODY, new="spam"),
    )
    names = {
        "published": "published after a moderator had read them",
        "declined": "declined before they were published",
        "removed": "removed after they were published",
        "spam": "set aside as spam by a moderator",
    }
    return [Row(words, Told.of(counted[name])) for name, words in names.items()]


def _by_clause(decided: Any) -> list[Row]:
    refused = decided.filter(_BY_SOMEBODY, new__in=["rejected", "removed"])
    counts = dict(refused.order_by().values_list("clause").annotate(n=Count("comment", distinct=True)))
    titles: dict[str, tuple[int, str]] = {}
    for key, number, title in GuidelineClause.objects.order_by("version__number").values_list("key", "number", "title"):
        titles[key] = (number, title)
    rows = []
    for key in sorted(counts, key=lambda key: (not key, titles.get(key, (10_000, key)))):
        number, title = titles.get(key, (0, key))
        words = f"{number}. {title}" if number else title or "No clause in particular"
        rows.append(Row(words, Told.of(counts[key]), key if key in titles else ""))
    return rows


def _reversals(decided: Any, since: datetime, until: datetime) -> list[Row]:
    by_somebody = ModerationLogEntry.objects.filter(
        comment=OuterRef("comment"), pk__lt=OuterRef("pk"), new=OuterRef("old"), actor__isnull=False, by_author=False
    )
    approved = decided.filter(_BY_SOMEBODY, old__in=["rejected", "removed", "spam"], new="approved")
    turned, by_rule = approved.filter(Exists(by_somebody)), approved.filter(~Exists(by_somebody), old="spam")
    reports = Flag.objects.filter(settled_at__gte=since, settled_at__lt=until)
    by_outcome = reports.aggregate(
        upheld=Count("comment", filter=Q(outcome=Flag.Outcome.UPHELD), distinct=True),
        dismissed=Count("comment", filter=Q(outcome=Flag.Outcome.DISMISSED), distinct=True),
    )
    return [
        Row("decisions that were taken back later", Told.of(turned.aggregate(n=Count("comment", distinct=True))["n"])),
        Row(
            "comments that the rules had set aside as spam, and that were published",
            Told.of(by_rule.aggregate(n=Count("comment", distinct=True))["n"]),
        ),
        Row("comments that readers reported, rightly as moderators found", Told.of(by_outcome["upheld"])),
        Row("comments that readers reported, and that stayed", Told.of(by_outcome["dismissed"])),
    ]


def _waits(since: datetime, until: datetime) -> list[float]:
    """Seconds that comments waited for somebody's decision."""
    return [wait for _at, wait in ended_waits(since, until)]


_LONGEST_KNOWN_WAIT = timedelta(days=60)  # what waited longer is counted from there on


def ended_waits(since: datetime, until: datetime) -> list[tuple[datetime, float]]:
    """(when a moderator ended it, its seconds) of each wait that ended in a span of time: one query."""
    rows = (
        ModerationLogEntry.objects.filter(Q(old="pending") | Q(new="pending"))
        .filter(at__gte=since - _LONGEST_KNOWN_WAIT, at__lt=until)
        .order_by("pk")
        .values_list("comment", "at", "new", "by_author", "actor")
    )
    began: dict[int, datetime] = {}
    waits = []
    for comment_id, at, new, by_author, actor in rows.iterator(chunk_size=5_000):
        if new == Comment.Status.PENDING:
            began[comment_id] = at
            continue
        start = began.pop(comment_id, None)
        if start is not None and at >= since and actor is not None and not by_author:
            waits.append((at, (at - start).total_seconds()))
    return waits


def in_words(seconds: float) -> str:
    """A span of time, no more exactly than anybody wants to know it."""
    minutes = seconds / 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return _many(round(minutes), "minute")
    hours = minutes / 60
    return _many(round(hours), "hour") if hours < 48 else _many(round(hours / 24), "day")


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


# --- One's own record ---------------------------------------------------------------------------------------


@dataclass
class OwnRecord:
    """All that was decided on what somebody wrote, reported or may do here, for that person alone."""

    comments: Any
    statuses: dict[str, int]
    restrictions: list[Restriction]
    reports: list[Flag]


def own_record(viewer: Viewer) -> OwnRecord:
    """The record of a member. Comments come newest first, with their log to be fetched along."""
    mine = Comment.objects.filter(author=viewer.user)
    counted = dict(mine.order_by().values_list("status").annotate(n=Count("pk")))
    restrictions = Restriction.objects.on(Person(viewer.user.pk))
    reports = Flag.objects.filter(reporter=viewer.user).select_related("comment__post").order_by("-created_at")[:200]
    comments = mine.select_related("post").order_by("-created_at", "-pk")
    return OwnRecord(comments, counted, list(restrictions), list(reports))


def told_entries(numbers: Collection[int]) -> Any:
    """What the log of these comments tells their author: what was decided and the words to them, not by whom."""
    # That somebody was worried about them is for those who look after it; a report that changed nothing is none of
    # their troubles; and whether the author of the article has a reply for them yet is no decision.
    quiet = Q(action__startswith="care_") | Q(new__in=[ModerationLogEntry.KEPT, ModerationLogEntry.REPORTED])
    quiet |= Q(action__in=MARKS)
    return ModerationLogEntry.objects.filter(comment__in=numbers).exclude(quiet).defer("note", "actor_name", "rules")


def told_log(comments: Iterable[Comment]) -> dict[int, list[ModerationLogEntry]]:
    """The log of each comment as its author may read it, the newest first."""
    found: dict[int, list[ModerationLogEntry]] = {comment.pk: [] for comment in comments}
    for entry in told_entries(found).order_by("-pk"):
        found[entry.comment_id].append(entry)
    return found
