"""What waits for a moderator: which comments, in which order, and how many."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from comments import care, permissions
from comments.models import Appeal, CareItem, Comment, Flag, ModerationLogEntry
from comments.models.risk import Risk
from comments.viewers import Viewer
from posts.models import Post

from . import filters, replies

CARDS_A_PAGE = 20
LINES_A_PAGE = 100  # of the short view, for a pile that is looked through
# Nobody counts further than this: "1,000+" says enough, and a count is a look at each row.
COUNTED = 1_000
COUNTED_REPLIES = 100
LAST_PAGE = 500
_NOTHING_WANTED = filters.Wanted()


@dataclass(frozen=True)
class Queue:
    """A list of comments with the same question to the moderator."""

    name: str
    title: str
    empty: str
    about: str = ""
    # What held its comments is asked for here.
    has_reasons: bool = False
    is_endless: bool = False


QUEUES = {
    queue.name: queue
    for queue in (
        Queue("pending", "Held", "Nobody is waiting.", "What should be read soon comes first.", has_reasons=True),
        Queue("reported", "Reported", "No reader has asked you to look at anything.", "Most reports first."),
        Queue(
            "awaiting", "Awaiting a reply", "Nobody is waiting for an answer.",
            "First comments, and long ones, of the last 30 days that nobody has answered.",
        ),
        Queue("spam", "Spam", "No spam is kept.", "The newest first.", has_reasons=True, is_endless=True),
        Queue("decided", "Recent decisions", "Nothing has been decided yet.", is_endless=True),
        Queue("recent", "All", "Nothing has been written yet.", "The newest first.", is_endless=True),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A part of a queue: nobody counts the whole for it."""

    rows: list[Any]
    number: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def previous_page_number(self) -> int:
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        return self.number + 1


def page_of(rows: Any, asked: str, size: int = CARDS_A_PAGE, *, whole: Any = None) -> Page:
    """One page of these rows, in two queries, and a third for a number beyond the end.

    `whole` is where the rows themselves are read, with what is shown beside them.
    """
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    number = min(max(number, 1), LAST_PAGE)
    # Which they are is asked by itself: else what is sorted and passed over is read too, with what stands beside it,
    # and a database that is told the conditions again may try them on the rows of all pages.
    which = list(rows.values_list("pk", flat=True)[(number - 1) * size : number * size + 1])
    if not which and number > 1:
        return page_of(rows, "1", size, whole=whole)
    found = (rows.model.objects if whole is None else whole).in_bulk(which[:size])
    return Page([found[pk] for pk in which[:size] if pk in found], number, len(which) > size and number < LAST_PAGE)


def moderated_by(viewer: Viewer) -> Any:
    """The comments that this viewer may decide on."""
    articles = permissions.articles_moderated_by(viewer)
    if articles is None:
        return Comment.objects.all()
    return Comment.objects.filter(post__in=Post.objects.filter(articles).values("pk"))


def comments_in(name: str, viewer: Viewer, wanted: filters.Wanted = _NOTHING_WANTED) -> Any:
    """The comments of a queue: by risk and then by age, and where nothing is at stake the newest first."""
    mine = filters.narrowed(moderated_by(viewer), wanted, viewer, is_endless=QUEUES[name].is_endless)
    if name == "pending":
        return mine.pending().order_by(Risk("reasons").desc(), "created_at", "pk")
    if name == "reported":
        reports = Flag.objects.open().filter(comment=OuterRef("pk")).order_by().values("comment")
        number = Coalesce(Subquery(reports.annotate(n=Count("pk")).values("n")), 0)
        reported = mine.filter(pk__in=Flag.objects.open().values("comment"))
        return reported.alias(reports=number).order_by("-reports", "created_at", "pk")
    if name == "awaiting":
        return replies.awaiting(mine)
    if name == "spam":
        return mine.spam().filter(emptied_at=None).order_by("-created_at", "-pk")
    return mine.filter(emptied_at=None).order_by("-pk")


def decisions(viewer: Viewer, wanted: filters.Wanted = _NOTHING_WANTED) -> Any:
    """What moderators decided, the newest first."""
    made = ModerationLogEntry.objects.of_moderators()
    if wanted or permissions.articles_moderated_by(viewer) is not None:
        mine = filters.narrowed(moderated_by(viewer), wanted, viewer, is_endless=True)
        made = made.filter(comment__in=mine.order_by().values("pk"))
    return made.order_by("-pk")


def counts(viewer: Viewer) -> dict[str, int]:
    """How many wait in each queue of comments, up to `COUNTED`."""
    return _how_many(_question({name: (rows, COUNTED) for name, rows in _what_waits(moderated_by(viewer)).items()}))


def waiting(viewer: Viewer) -> dict[str, str]:
    """How many wait in each room of the desk, as its tabs say it: one query."""
    since = replies.looked_back_to()
    if permissions.articles_moderated_by(viewer) is None:
        question = _question_of_all(since, COUNTED)
    else:
        mine = moderated_by(viewer)
        asked = Appeal.objects.open().filter(comment__in=mine.values("pk"))
        question = _question(_rooms(mine, care.items_of(viewer).open(), asked, since))
    most = question.most
    return {name: f"{most[name]:,}+" if n >= most[name] else f"{n:,}" for name, n in _how_many(question).items()}


def _rooms(mine: Any, in_care: Any, asked: Any, since: datetime) -> dict[str, tuple[Any, int]]:
    return {name: (rows, COUNTED) for name, rows in _what_waits(mine).items()} | {
        "care": (in_care, COUNTED),
        "appeals": (asked, COUNTED),
        "awaiting": (replies.awaiting(mine, since), COUNTED_REPLIES),
    }


def _what_waits(mine: Any) -> dict[str, Any]:
    reported = Flag.objects.open()
    return {"pending": mine.pending(), "spam": mine.spam(), "reported": mine.filter(pk__in=reported.values("comment"))}


class _Question(NamedTuple):
    """How many rows each of several has, up to a number: one statement, that reads no further."""

    most: dict[str, int]
    statement: str
    parameters: list[Any]


@lru_cache(maxsize=2)
def _question_of_all(since: datetime, _counted: int) -> _Question:
    # Each page of the desk asks it, and putting it together takes longer than a small site's answer.
    return _question(_rooms(Comment.objects.all(), CareItem.objects.open(), Appeal.objects.open(), since))


def _question(limits: dict[str, tuple[Any, int]]) -> _Question:
    parts, parameters = [], []
    for rows, most in limits.values():
        try:
            statement, values = rows.order_by().values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({statement}) AS found)")  # noqa: S608
        parameters += values
    return _Question({name: most for name, (_, most) in limits.items()}, f"SELECT {', '.join(parts)}", parameters)


def _how_many(question: _Question) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(question.statement, question.parameters)
        return dict(zip(question.most, cursor.fetchone(), strict=True))
