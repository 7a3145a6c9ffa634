"""One post's discussion for one viewer: a page of it, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q

from .conf import Rules
from .models import Comment, Discussion, HouseRules
from .viewers import Viewer

_FIELDS = (
    "pk", "parent_id", "tree_id", "lft", "rght", "level", "status", "author_id", "author_name", "author_url",
    "body_html", "created_at", "edited_at", "published_at", "guest_key", "kind",
)  # fmt: skip


@dataclass(slots=True)
class Node:
    """A comment at its place on the page, or the placeholder of one that is not to be read."""

    comment: Any  # a row with the fields above
    depth: int
    parent: Any = None  # the parent's row, which may stand on an earlier page
    number: int = 0  # of top-level comments; 0 for replies
    is_placeholder: bool = False
    is_own: bool = False
    has_visible_reply: bool = False


@dataclass
class Page:
    """What of a discussion stands on one page."""

    post: Any
    discussion: Discussion
    rules: Rules
    viewer: Viewer
    number: int
    last: int
    nodes: list[Node] = field(default_factory=list)
    continued: list[Node] = field(default_factory=list)  # the ancestors of the first node, from an earlier page
    linkbacks: list[Any] = field(default_factory=list)

    @cached_property
    def why_closed(self) -> str:
        return self.discussion.why_closed(self.rules)


class Row(dict):
    """A stored comment's fields by name, cheaper than a model instance."""

    __slots__ = ()
    __getattr__ = dict.__getitem__


def load(post: Any, viewer: Viewer, number: int = 1) -> Page | None:
    """The page of that number; None where there is none. Six queries at the most, however long the discussion is."""
    rules = HouseRules.current()
    discussion = Discussion.objects.filter(post=post).first() or Discussion(post=post)
    discussion.post = post
    bounds = _bounds(post, rules.comments_a_page, number)
    if bounds is None:
        return None
    start, end, last = bounds
    page = Page(post, discussion, rules, viewer, number, last)
    rows = _rows(post, viewer, start, end)
    outside = _outside_parents(rows)
    page.nodes = _nodes(rows, outside, viewer, post)
    if page.nodes:
        _number(page.nodes, _shown_roots_before(post, start) if start else 0)
        first = page.nodes[0]
        if first.depth:
            page.continued = _chain(first, outside)
    page.linkbacks = _linkbacks(post) if discussion.linkback_count and number == last else []
    return page


def page_of(comment: Comment) -> int:
    """The number of the page that this comment stands on."""
    size = HouseRules.current().comments_a_page
    before = _public(comment.post).filter(
        Q(tree_id__lt=comment.tree_id) | Q(tree_id=comment.tree_id, lft__lt=comment.lft)
    )
    number = before.count() // size + 1
    while number > 1:
        bounds = _bounds(comment.post, size, number)
        if bounds is not None and bounds[0] is not None and bounds[0] <= (comment.tree_id, comment.lft):
            break
        number -= 1
    return number


def _public(post: Any) -> Any:
    """What was ever public: pages are cut along these, so that a removal moves nothing to another page."""
    return Comment.objects.filter(post=post, published_at__isnull=False, kind=Comment.Kind.COMMENT)


Key = tuple[int, int]


def _bounds(post: Any, size: int, number: int) -> tuple[Key | None, Key | None, int] | None:
    """Where a page begins and where the next one does (None: nowhere), and the number of the last page.

    A page begins with the thread that begins at or after its share of the comments; only a thread longer than a page
    is cut, at the comment itself.
    """
    total = _public(post).count()
    last = max(1, -(-total // size))
    if last > 1 and _start(post, size, last) is None:
        last -= 1
    if not 1 <= number <= last:
        return None
    start = _start(post, size, number) if number > 1 else None
    end = _start(post, size, number + 1) if number < last else None
    return start, end, last


def _start(post: Any, size: int, number: int) -> Key | None:
    place = (number - 1) * size
    ordered = _public(post).order_by("tree_id", "lft")
    at = ordered.values_list("tree_id", "lft", "level")[place : place + 1]
    found = next(iter(at), None)
    if found is None:
        return None
    tree_id, lft, level = found
    if level == 0:
        return tree_id, lft
    if _public(post).filter(tree_id=tree_id).count() > size:
        return tree_id, lft
    following = ordered.filter(tree_id__gt=tree_id).values_list("tree_id", "lft").first()
    return following


def _rows(post: Any, viewer: Viewer, start: Key | None, end: Key | None) -> list[Row]:
    shown = Q(published_at__isnull=False)
    if viewer.is_member:
        shown |= Q(author=viewer.user, status=Comment.Status.PENDING)
    elif viewer.guest_key:
        shown |= Q(author=None, guest_key=viewer.guest_key, status=Comment.Status.PENDING)
    rows = Comment.objects.filter(shown, post=post, kind=Comment.Kind.COMMENT)
    if start is not None:
        rows = rows.filter(Q(tree_id__gt=start[0]) | Q(tree_id=start[0], lft__gte=start[1]))
    if end is not None:
        rows = rows.filter(Q(tree_id__lt=end[0]) | Q(tree_id=end[0], lft__lt=end[1]))
    return [Row(zip(_FIELDS, values, strict=True)) for values in rows.in_reading_order().values_list(*_FIELDS)]


def _outside_parents(rows: Sequence[Row]) -> dict[int, Row]:
    """Parents and further ancestors of the first thread that stand on an earlier page."""
    if not rows or rows[0].level == 0:
        return {}
    first = rows[0]
    above = Comment.objects.filter(tree_id=first.tree_id, lft__lt=first.lft, rght__gt=first.lft)
    values = above.in_reading_order().values_list(*_FIELDS)
    return {row.pk: row for row in (Row(zip(_FIELDS, v, strict=True)) for v in values)}


def _nodes(rows: Sequence[Row], outside: dict[int, Row], viewer: Viewer, post: Any) -> list[Node]:
    """The rows as nodes; what is not to be read is a placeholder where a readable reply hangs below, else left out."""
    known: dict[int, Any] = dict(outside)
    nodes = []
    for row in rows:
        known[row.pk] = row
        own = row.status != Comment.Status.APPROVED and row.status == Comment.Status.PENDING and viewer.wrote(row)
        readable = row.status == Comment.Status.APPROVED or own
        nodes.append(Node(row, row.level, known.get(row.parent_id), 0, not readable, viewer.wrote(row)))
    # From the end on, each visible node makes its ancestors' placeholders worth showing.
    wanted: set[int] = set()
    kept = []
    for node in reversed(nodes):
        node.has_visible_reply = node.comment.pk in wanted
        if node.is_placeholder and not node.has_visible_reply:
            continue
        if node.comment.parent_id:
            wanted.add(node.comment.parent_id)
        kept.append(node)
    kept.reverse()
    return kept


def _number(nodes: Sequence[Node], before: int) -> None:
    for node in nodes:
        if node.depth == 0:
            before += 1
            node.number = before


def _shown_roots_before(post: Any, start: Key) -> int:
    """How many top-level comments the earlier pages show."""
    approved_below = Comment.objects.filter(
        tree_id=OuterRef("tree_id"), status=Comment.Status.APPROVED, parent__isnull=False
    )
    roots = _public(post).filter(parent=None, tree_id__lt=start[0] + (1 if start[1] > 1 else 0))
    return roots.filter(Q(status=Comment.Status.APPROVED) | Exists(approved_below)).count()


def _chain(first: Node, outside: dict[int, Row]) -> list[Node]:
    """The ancestors of the page's first comment, from the root down."""
    chain = []
    parent = first.parent
    while parent is not None:
        is_hidden = parent.status != Comment.Status.APPROVED
        chain.append(Node(parent, parent.level, outside.get(parent.parent_id), is_placeholder=is_hidden))
        parent = outside.get(parent.parent_id)
    return chain[::-1]


def _linkbacks(post: Any) -> list[Row]:
    rows = Comment.objects.filter(post=post).approved().linkbacks().in_reading_order()
    return [Row(zip(_FIELDS, values, strict=True)) for values in rows.values_list(*_FIELDS)]
