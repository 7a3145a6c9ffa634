"""What waits for a moderator: a fixed number of queries for a page of cards, whatever waits behind it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from comments import care, permissions, status
from comments.models import (
    Appeal,
    CareItem,
    Comment,
    DeskClaim,
    Flag,
    GuidelineAcceptance,
    ModerationLogEntry,
    Person,
    PersonNote,
)
from comments.models.person import IS_A_GUEST
from comments.models.risk import Risk
from comments.viewers import NOBODY, Viewer
from posts.models import Post

from . import claims, filters, people, replies, suggestions

CARDS_A_PAGE = 20
LINES_A_PAGE = 100  # of the short view, for a pile that is looked through
ANCESTORS_ON_A_CARD = 3  # the whole way up is one click away
NOTES_ON_A_CARD = 2
# Nobody counts further than this: "1,000+" says enough, and a count is a look at each row.
COUNTED = 1_000
COUNTED_REPLIES = 100
_SEVERAL = 5
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


@dataclass
class Card:
    """A comment as a moderator has to see it: in its conversation, with the grounds and the person's record."""

    comment: Comment
    ancestors: list[Comment] = field(default_factory=list)
    before: Comment | None = None
    after: Comment | None = None
    flags: list[Flag] = field(default_factory=list)
    history: list[ModerationLogEntry] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    person: Person | None = None
    brief: people.Brief = field(default_factory=people.Brief)
    notes: list[PersonNote] = field(default_factory=list)
    suggestion: suggestions.Suggestion | None = None
    claim: DeskClaim | None = None
    care: CareItem | None = None
    # Those around it that are in Care: what they say is not read in passing either.
    heavy_around: frozenset[int] = frozenset()
    # Whether who looks wrote it: nobody is told who reported them, whoever they are here.
    is_own: bool = False

    @property
    def removed_branch(self) -> bool:
        """Whether it was taken away together with what stands below it."""
        return any(entry.action == "remove_branch" for entry in self.history)

    @property
    def waits_since(self) -> datetime:
        """When it was held last: what readers report may have been public for years."""
        held = (e.at for e in self.history if e.new == Comment.Status.PENDING != e.old)
        return next(held, self.comment.created_at)

    @property
    def acceptance(self) -> GuidelineAcceptance | None:
        """The consent on record; imported comments have none."""
        return getattr(self.comment, "acceptance", None)

    @property
    def is_heavy(self) -> bool:
        """Whether it is to be opened by a click, once a moderator is ready for it."""
        return self.care is not None or any(reason.get("code") == "care" for reason in self.comment.reasons)


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


def page_of(rows: Any, asked: str, size: int = CARDS_A_PAGE) -> Page:
    """One page of these rows: one query, and a second one for a number beyond the end."""
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    number = min(max(number, 1), LAST_PAGE)
    # Which they are is found first: else what is sorted and passed over is read too, with all that stands beside it.
    which = rows.select_related(None).values("pk")[(number - 1) * size : number * size + 1]
    found = list(rows.filter(pk__in=which))
    if not found and number > 1:
        return page_of(rows, "1", size)
    return Page(found[:size], number, len(found) > size and number < LAST_PAGE)


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
    return made.select_related("comment__post", "actor").order_by("-pk")


def counts(viewer: Viewer) -> dict[str, int]:
    """How many wait in each queue of comments, up to `COUNTED`."""
    return _how_many({name: (rows, COUNTED) for name, rows in _what_waits(viewer).items()})


def waiting(viewer: Viewer) -> dict[str, str]:
    """How many wait in each room of the desk, as its tabs say it: one query."""
    mine, asked = moderated_by(viewer), Appeal.objects.open()
    if permissions.articles_moderated_by(viewer) is not None:
        asked = asked.filter(comment__in=mine.values("pk"))
    limits = {name: (rows, COUNTED) for name, rows in _what_waits(viewer).items()} | {
        "care": (care.items_of(viewer).open(), COUNTED),
        "appeals": (asked, COUNTED),
        "awaiting": (replies.awaiting(mine), COUNTED_REPLIES),
    }
    numbers = _how_many(limits)
    return {name: f"{most:,}+" if numbers[name] >= most else f"{numbers[name]:,}" for name, (_, most) in limits.items()}


def _what_waits(viewer: Viewer) -> dict[str, Any]:
    mine = moderated_by(viewer)
    reported = Flag.objects.open()
    return {"pending": mine.pending(), "spam": mine.spam(), "reported": mine.filter(pk__in=reported.values("comment"))}


def _how_many(limits: dict[str, tuple[Any, int]]) -> dict[str, int]:
    """How many rows each of these has, up to a number: all in one query, that reads no further."""
    parts, parameters = [], []
    for rows, most in limits.values():
        try:
            statement, values = rows.order_by().values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({statement}) AS found)")  # noqa: S608
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return dict(zip(limits, cursor.fetchone(), strict=True))


# --- Cards ------------------------------------------------------------------------------------------------


def cards(comments: list[Comment], viewer: Viewer = NOBODY) -> list[Card]:
    """The cards of these comments, in a fixed number of queries; notes for those who keep people."""
    made = {
        comment.pk: Card(comment, actions=status.allowed(comment), is_own=viewer.wrote(comment)) for comment in comments
    }
    if not made:
        return []
    for flag in Flag.objects.open().filter(comment__in=made).select_related("reporter").order_by("created_at"):
        made[flag.comment_id].flags.append(flag)
    entries = ModerationLogEntry.objects.filter(comment__in=made).select_related("actor").order_by("-pk")
    for entry in entries:
        made[entry.comment_id].history.append(entry)
    for pk, claim in claims.claims_on(made).items():
        made[pk].claim = claim
    _add_ancestors(made)
    _add_siblings(made)
    _add_care(made)
    _add_records(made)
    _add_people(made)
    if not permissions.why_not_keep_people(viewer):
        _add_notes(made)
    return [made[comment.pk] for comment in comments]


def _add_ancestors(made: dict[int, Card]) -> None:
    below = [card.comment for card in made.values() if card.comment.parent_id]
    if not below:
        return
    around = Q()
    for reply in below:
        nearest = reply.level - ANCESTORS_ON_A_CARD
        around |= Q(tree_id=reply.tree_id, lft__lt=reply.lft, rght__gt=reply.rght, level__gte=nearest)
    by_tree = defaultdict(list)
    for ancestor in Comment.objects.filter(around).order_by("tree_id", "lft"):
        by_tree[ancestor.tree_id].append(ancestor)
    for card in made.values():
        reply = card.comment
        above = [a for a in by_tree[reply.tree_id] if a.lft < reply.lft and a.rght > reply.rght]
        card.ancestors = above[-ANCESTORS_ON_A_CARD:]


def _add_siblings(made: dict[int, Card]) -> None:
    """What stands beside each in public, before and after it: three queries at the most."""
    beside: dict[int, tuple[int | None, int | None]] = {}
    for of_roots in (True, False):
        these = [pk for pk, card in made.items() if (card.comment.parent_id is None) is of_roots]
        if these:
            before, after = (_next_to(of_roots, step) for step in ("lt", "gt"))
            rows = Comment.objects.filter(pk__in=these).annotate(before=before, after=after).order_by()
            beside |= {pk: (first, second) for pk, first, second in rows.values_list("pk", "before", "after")}
    found = Comment.objects.in_bulk({pk for pair in beside.values() for pk in pair if pk})
    for pk, (before_pk, after_pk) in beside.items():
        made[pk].before, made[pk].after = found.get(before_pk), found.get(after_pk)


def _next_to(of_roots: bool, step: str) -> Subquery:
    public = Comment.objects.filter(status=Comment.Status.APPROVED, kind=Comment.Kind.COMMENT)
    name = "tree_id" if of_roots else "lft"
    if of_roots:
        public = public.filter(post=OuterRef("post"), parent=None, published_at__isnull=False)
    else:
        public = public.filter(tree_id=OuterRef("tree_id"), parent=OuterRef("parent"))
    public = public.filter(**{f"{name}__{step}": OuterRef(name)})
    return Subquery(public.order_by(f"-{name}" if step == "lt" else name).values("pk")[:1])


def _add_care(made: dict[int, Card]) -> None:
    """What is in Care of these, and of what stands around them: one query."""
    around = {card.comment.pk: [*card.ancestors, card.before, card.after] for card in made.values()}
    asked = {*made, *(comment.pk for beside in around.values() for comment in beside if comment is not None)}
    items = {item.comment_id: item for item in CareItem.objects.open().filter(comment__in=asked)}
    for pk, card in made.items():
        card.care = items.get(pk)
        card.heavy_around = frozenset(items)


def _add_people(made: dict[int, Card]) -> None:
    briefs = people.briefs(card.comment for card in made.values())
    suggested = suggestions.suggested(card.comment for card in made.values())
    for pk, card in made.items():
        card.person, card.brief = Person.of_comment(card.comment), briefs[pk]
        if not card.comment.is_signed_by_name:
            # Exact numbers, notes and restrictions would lead to the person.
            card.record = {state: _roughly(number) for state, number in card.record.items()}
            card.brief = people.Brief(flags_upheld=_roughly(card.brief.flags_upheld))
        card.suggestion = suggested.get(pk)


def _roughly(number: int) -> Any:
    """How many, in words by which nobody can be told from others."""
    return number and ("several" if number >= _SEVERAL else "a few")


def _add_notes(made: dict[int, Card]) -> None:
    """The last notes of other moderators: a query where there are any."""
    noted = {card.person for card in made.values() if card.person is not None and card.brief.notes}
    if not noted:
        return
    by_person = defaultdict(list)
    for note in PersonNote.objects.filter(_about(noted)).order_by("-pk"):
        by_person[note.person].append(note)
    for card in made.values():
        card.notes = by_person.get(card.person, [])[:NOTES_ON_A_CARD]


def _about(noted: Iterable[Person]) -> Q:
    accounts = [person.account_id for person in noted if person.account_id is not None]
    guests = [person.guest_key for person in noted if person.account_id is None]
    return Q(account__in=accounts) | (Q(account=None, guest_key__in=guests) & IS_A_GUEST)


def _add_records(made: dict[int, Card]) -> None:
    people = {card.comment.author_id for card in made.values()} - {None}
    browsers = {card.comment.guest_key for card in made.values() if card.comment.author_id is None} - {""}
    rows = (
        Comment.objects.filter(Q(author__in=people) | (Q(author=None, guest_key__in=browsers) & ~Q(guest_key="")))
        .values_list("author_id", "guest_key", "status")
        .annotate(number=Count("pk"))
        .order_by()
    )
    records: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for author_id, guest_key, state, number in rows:
        records[author_id or guest_key][state] += number
    for card in made.values():
        card.record = dict(records.get(card.comment.author_id or card.comment.guest_key, {}))
