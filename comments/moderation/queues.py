"""What waits for a moderator: a fixed number of queries for a page of cards, whatever waits behind it."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from comments import status
from comments.models import Comment, Flag, GuidelineAcceptance, ModerationLogEntry
from comments.viewers import Viewer

CARDS_A_PAGE = 20
ANCESTORS_ON_A_CARD = 3  # the whole way up is one click away


@dataclass(frozen=True)
class Queue:
    """A list of comments with the same question to the moderator."""

    name: str
    title: str
    empty: str


QUEUES = {
    queue.name: queue
    for queue in (
        Queue("pending", "Pending", "Nobody is waiting."),
        Queue("reported", "Reported", "No reader has asked you to look at anything."),
        Queue("spam", "Spam", "No spam is kept."),
        Queue("recent", "Recent", "Nothing has been written yet."),
    )
}


@dataclass
class Card:
    """A comment as a moderator has to see it: in its conversation, with the grounds and the person's record."""

    comment: Comment
    ancestors: list[Comment] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    history: list[ModerationLogEntry] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    record: dict[str, int] = field(default_factory=dict)

    @property
    def acceptance(self) -> GuidelineAcceptance | None:
        """The consent on record; imported comments have none."""
        return getattr(self.comment, "acceptance", None)


def moderated_by(viewer: Viewer) -> Any:
    """The comments that this viewer may decide on."""
    if viewer.is_moderator:
        return Comment.objects.all()
    return Comment.objects.filter(post__author=viewer.user) if viewer.is_member else Comment.objects.none()


def comments_in(name: str, viewer: Viewer) -> Any:
    """The comments of a queue: what has waited longest first, in Spam and Recent the newest."""
    mine = moderated_by(viewer)
    if name == "pending":
        return mine.pending().order_by("created_at", "pk")
    if name == "reported":
        reported = Flag.objects.open().values("comment")
        return mine.filter(pk__in=reported).order_by("created_at", "pk")
    if name == "spam":
        return mine.spam().order_by("-created_at", "-pk")
    return mine.order_by("-created_at", "-pk")


def counts(viewer: Viewer) -> dict[str, int]:
    """How many wait in each queue."""
    mine = moderated_by(viewer)
    reported = Flag.objects.open()
    if not viewer.is_moderator:
        reported = reported.filter(comment__post__author=viewer.user)
    by_status = mine.aggregate(
        pending=Count("pk", filter=Q(status="pending")), spam=Count("pk", filter=Q(status="spam"))
    )
    return {**by_status, "reported": reported.aggregate(n=Count("comment", distinct=True))["n"]}


def cards(comments: list[Comment]) -> list[Card]:
    """The cards of these comments, in a fixed number of queries."""
    made = {comment.pk: Card(comment, actions=status.allowed(comment)) for comment in comments}
    if not made:
        return []
    for flag in Flag.objects.open().filter(comment__in=made).select_related("reporter").order_by("created_at"):
        made[flag.comment_id].flags.append(flag)
    entries = ModerationLogEntry.objects.filter(comment__in=made).select_related("actor").order_by("-pk")
    for entry in entries:
        made[entry.comment_id].history.append(entry)
    _add_ancestors(made)
    _add_records(made)
    return [made[comment.pk] for comment in comments]


def _add_ancestors(made: dict[int, Card]) -> None:
    replies = [card.comment for card in made.values() if card.comment.parent_id]
    if not replies:
        return
    around = Q()
    for reply in replies:
        nearest = reply.level - ANCESTORS_ON_A_CARD
        around |= Q(tree_id=reply.tree_id, lft__lt=reply.lft, rght__gt=reply.rght, level__gte=nearest)
    by_tree = defaultdict(list)
    for ancestor in Comment.objects.filter(around).order_by("tree_id", "lft"):
        by_tree[ancestor.tree_id].append(ancestor)
    for card in made.values():
        reply = card.comment
        above = [a for a in by_tree[reply.tree_id] if a.lft < reply.lft and a.rght > reply.rght]
        card.ancestors = above[-ANCESTORS_ON_A_CARD:]


def _add_records(made: dict[int, Card]) -> None:
    people = {card.comment.author_id for card in made.values()} - {None}
    browsers = {card.comment.guest_key for card in made.values() if card.comment.author_id is None} - {""}
    rows = (
        Comment.objects.filter(Q(author__in=people) | Q(author=None, guest_key__in=browsers))
        .values_list("author_id", "guest_key", "status")
        .annotate(number=Count("pk"))
        .order_by()
    )
    records: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for author_id, guest_key, state, number in rows:
        records[author_id or guest_key][state] += number
    for card in made.values():
        card.record = dict(records.get(card.comment.author_id or card.comment.guest_key, {}))
