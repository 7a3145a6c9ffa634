"""A comment with all that a moderator has to see beside it: a fixed number of queries for a page of cards."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, Subquery, When

from comments import permissions, status
from comments.models import (
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
from comments.viewers import NOBODY, Viewer

from . import claims, people, suggestions

ANCESTORS_ON_A_CARD = 3  # the whole way up is one click away
NOTES_ON_A_CARD = 2
_SEVERAL = 5


@dataclass
class Card:
    """A comment as a moderator has to see it: in its conversation, with the grounds and the person's record."""

    comment: Comment
    ancestors: list[Comment] = field(default_factory=list)
    before: Comment | None = None
    after: Comment | None = None
    flags: list[Flag] = field(default_factory=list)
    history: list[ModerationLogEntry] = field(default_factory=list)
    actions: tuple[str, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)
    person: Person | None = None
    brief: people.Brief = field(default_factory=people.Brief)
    notes: list[PersonNote] = field(default_factory=list)
    suggestion: suggestions.Suggestion | None = None
    claim: DeskClaim | None = None
    is_mine: bool = False  # whether who looks has said so
    care: CareItem | None = None
    # Those around it that are in Care: what they say is not read in passing either.
    heavy_around: frozenset[int] = frozenset()
    # Whether who looks wrote it: nobody is told who reported them, whoever they are here.
    is_own: bool = False

    @property
    def number(self) -> str:
        """As it stands in the names of fields, forty times on a card."""
        return str(self.comment.pk)

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


def cards(comments: list[Comment], viewer: Viewer = NOBODY) -> list[Card]:
    """The cards of these comments, in a fixed number of queries; notes for those who keep people."""
    made = {
        comment.pk: Card(comment, actions=tuple(status.allowed(comment)), is_own=viewer.wrote(comment))
        for comment in comments
    }
    if not made:
        return []
    for flag in Flag.objects.open().filter(comment__in=made).select_related("reporter").order_by("created_at"):
        made[flag.comment_id].flags.append(flag)
    entries = ModerationLogEntry.objects.filter(comment__in=made).order_by("-pk")
    for entry in entries:
        made[entry.comment_id].history.append(entry)
    for pk, claim in claims.claims_on(made).items():
        made[pk].claim, made[pk].is_mine = claim, claim.by_id == viewer.user.pk
    _add_what_stands_around(made)
    _add_care(made)
    _add_records(made)
    _add_people(made)
    if not permissions.why_not_keep_people(viewer):
        _add_notes(made)
    return [made[comment.pk] for comment in comments]


def _add_what_stands_around(made: dict[int, Card]) -> None:
    """The way up from each, and what stands before and after it in public: two queries.

    Beside a root stand the other roots of its article, beside a reply the other replies to the same comment.
    """
    before, after = (
        Case(When(parent=None, then=_next_to(step, of_roots=True)), default=_next_to(step, of_roots=False))
        for step in ("lt", "gt")
    )
    rows = Comment.objects.filter(pk__in=made).annotate(before=before, after=after).order_by()
    places = {pk: numbers for pk, *numbers in rows.values_list("pk", "before", "after", *_WAY_UP)}
    found = Comment.objects.in_bulk({pk for numbers in places.values() for pk in numbers if pk})
    for pk, numbers in places.items():
        made[pk].before, made[pk].after, *above = map(found.get, numbers)
        made[pk].ancestors = [comment for comment in reversed(above) if comment is not None]


# The numbers of the nearest ancestors of a comment.
_WAY_UP = tuple(f"{'parent__' * steps}parent_id" for steps in range(ANCESTORS_ON_A_CARD))


def _next_to(step: str, *, of_roots: bool) -> Subquery:
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
