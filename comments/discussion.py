"""One post's discussion for one viewer: a page of it, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from storied import rows as stored_rows

from .conf import Rules
from .models import Comment, Discussion, HouseRules
from .viewers import Viewer


class Row(NamedTuple):
    """What of a stored comment stands on a page."""

    pk: int
    parent_id: int | None
    tree_id: int
    lft: int
    level: int
    status: str
    author_id: int | None
    author_name: str
    author_url: str
    body_html: str
    created_at: datetime  # see `moment`
    edited_at: datetime | None
    guest_key: str


@dataclass(slots=True)
class Node:
    """A comment at its place on the page, or the placeholder of one that is not to be read."""

    comment: Any  # a row with the fields above
    depth: int
    parent: Any = None  # the parent's row, which may stand on an earlier page
    number: int = 0  # of top-level comments; 0 for replies
    is_placeholder: bool = False
    is_own: bool = False


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


def load(post: Any, viewer: Viewer, number: int = 1) -> Page | None:
    """The page of that number; None where there is none.

    Two queries for a discussion that fits on one page, a few more for a longer one, however long it is.
    """
    rules = HouseRules.current()
    discussion = _stored(post.pk) or Discussion(post=post)
    discussion.post = post
    bounds = _bounds(discussion, rules.comments_a_page, number)
    if bounds is None:
        return None
    start, end, last = bounds
    page = Page(post, discussion, rules, viewer, number, last)
    rows = _rows(post, viewer, start, end)
    outside = _outside_parents(rows)
    page.nodes = _nodes(rows, outside, viewer)
    if page.nodes:
        _number(page.nodes, _shown_roots_before(discussion, start) if start else 0)
        first = page.nodes[0]
        if first.depth:
            page.continued = _chain(first, outside)
    page.linkbacks = _linkbacks(post) if discussion.linkback_count and number == last else []
    return page


def fits_on_a_page(post: Any) -> bool:
    """Whether a discussion surely has no second page, as far as was read of it (else one query)."""
    found = post.discussion if type(post).discussion.is_cached(post) else _stored(post.pk)
    # One more may have come since it was read.
    return found is None or found.public_count < HouseRules.current().comments_a_page


def page_of(comment: Comment) -> int:
    """The number of the page that this comment stands on."""
    size = HouseRules.current().comments_a_page
    discussion = _stored(comment.post_id)
    if discussion is None or discussion.public_count <= size:
        return 1
    before = _public(comment.post_id).filter(
        Q(tree_id__lt=comment.tree_id) | Q(tree_id=comment.tree_id, lft__lt=comment.lft)
    )
    number = before.count() // size + 1
    while number > 1:
        bounds = _bounds(discussion, size, number)
        if bounds is not None and bounds[0] is not None and bounds[0] <= (comment.tree_id, comment.lft):
            break
        number -= 1
    return number


def _stored(post_id: int) -> Discussion | None:
    return stored_rows.first(Discussion, "post_id = %s", [post_id])


def _public(post: Any) -> Any:
    """What was ever public: pages are cut along these, so that a removal moves nothing to another page."""
    return Comment.objects.filter(post=post, published_at__isnull=False, kind=Comment.Kind.COMMENT)


Key = tuple[int, int]


def _bounds(discussion: Discussion, size: int, number: int) -> tuple[Key | None, Key | None, int] | None:
    """Where a page begins and where the next one does (None: nowhere), and the number of the last page.

    A page begins with the thread that begins at or after its share of the comments; only a thread longer than a page
    is cut, at the comment itself.
    """
    post = discussion.pk
    last = max(1, -(-discussion.public_count // size))
    if last > 1 and _start(post, size, last) is None:
        last -= 1
    if not 1 <= number <= last:
        return None
    start = _start(post, size, number) if number > 1 else None
    end = _start(post, size, number + 1) if number < last else None
    return start, end, last


def _start(post_id: int, size: int, number: int) -> Key | None:
    place = (number - 1) * size
    ordered = f"SELECT tree_id, lft, level FROM comments_comment WHERE post_id = %s AND {_PUBLIC}"  # noqa: S608
    found = _first(f"{ordered} {_ORDER} LIMIT 1 OFFSET %s", [post_id, place])
    if found is None:
        return None
    tree_id, lft, level = found
    if level == 0:
        return tree_id, lft
    length = _first(
        f"SELECT COUNT(*) FROM comments_comment WHERE post_id = %s AND tree_id = %s AND {_PUBLIC}",  # noqa: S608
        [post_id, tree_id],
    )
    if length[0] > size:
        return tree_id, lft
    following = _first(f"{ordered} AND tree_id > %s {_ORDER} LIMIT 1", [post_id, tree_id])
    return following[:2] if following else None


def _first(query: str, parameters: list[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()


# Written by hand: building such a query through the ORM costs more than running it.
_COLUMNS = ", ".join(f"comments_comment.{name if name != 'pk' else 'id'}" for name in Row._fields)
_PUBLIC = "published_at IS NOT NULL AND kind = 'comment'"
_WAITING = "post_id = %s AND status = 'pending' AND published_at IS NULL AND kind = 'comment'"
_ORDER = "ORDER BY tree_id, lft"


def _rows(post: Any, viewer: Viewer, start: Key | None, end: Key | None) -> list[Row]:
    where, parameters = "", []
    for sign, key in ((">=", start), ("<", end)):
        if key is not None:
            where += f" AND (tree_id {sign[0]} %s OR (tree_id = %s AND lft {sign} %s))"
            parameters += [key[0], *key]
    rows = _fetch(f"post_id = %s AND {_PUBLIC}{where}", [post.pk, *parameters])
    if not viewer.is_known:
        return rows
    # Asked for apart: together with the public ones no index would serve.
    if viewer.is_member:
        mine = _fetch(f"author_id = %s AND {_WAITING}{where}", [viewer.user.pk, post.pk, *parameters])
    else:
        whose = f"guest_key = %s AND guest_key <> '' AND author_id IS NULL AND {_WAITING}{where}"
        mine = _fetch(whose, [viewer.guest_key, post.pk, *parameters])
    return sorted([*rows, *mine], key=lambda row: (row.tree_id, row.lft)) if mine else rows


def _outside_parents(rows: Sequence[Row]) -> dict[int, Row]:
    """Parents and further ancestors of the first thread that stand on an earlier page."""
    if not rows or rows[0].level == 0:
        return {}
    first = rows[0]
    above = _fetch("tree_id = %s AND lft < %s AND rght > %s", [first.tree_id, first.lft, first.lft])
    return {row.pk: row for row in above}


def _fetch(where: str, parameters: Iterable[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        # The conditions are this module's own words; what comes from outside is a parameter.
        cursor.execute(f"SELECT {_COLUMNS} FROM comments_comment WHERE {where} {_ORDER}", list(parameters))  # noqa: S608
        return [Row._make(values) for values in cursor.fetchall()]


def moment(stored: datetime) -> datetime:
    """A stored time with its zone: SQLite gives it without, in UTC."""
    return stored if stored.tzinfo else stored.replace(tzinfo=UTC)


def _nodes(rows: Sequence[Row], outside: dict[int, Row], viewer: Viewer) -> list[Node]:
    """The rows as nodes; what is not to be read is a placeholder where a readable reply hangs below, else left out."""
    known: dict[int | None, Row] = dict(outside)
    nodes = []
    hidden = 0
    may_own = viewer.is_known
    for row in rows:
        known[row.pk] = row
        is_own = may_own and viewer.wrote(row)
        is_placeholder = row.status != "approved" and not (is_own and row.status == "pending")
        hidden += is_placeholder
        nodes.append(Node(row, row.level, known.get(row.parent_id), 0, is_placeholder, is_own))
    if not hidden:
        return nodes
    # From the end on, each visible node makes its ancestors' placeholders worth showing.
    wanted: set[int] = set()
    kept = []
    for node in reversed(nodes):
        if node.is_placeholder and node.comment.pk not in wanted:
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


def _shown_roots_before(discussion: Discussion, start: Key) -> int:
    """How many top-level comments the earlier pages show."""
    until = start[0] + (1 if start[1] > 1 else 0)
    where = f"post_id = %s AND tree_id < %s AND {_PUBLIC}"
    roots = f"SELECT COUNT(*) FROM comments_comment WHERE {where} AND level = 0"  # noqa: S608
    number = _first(roots, [discussion.pk, until])[0]
    if discussion.public_count > discussion.comment_count:
        # Those that were taken away and under which nothing is to be read do not stand there.
        approved_below = Comment.objects.filter(
            tree_id=OuterRef("tree_id"), status=Comment.Status.APPROVED, parent__isnull=False
        )
        gone = _public(discussion.pk).filter(parent=None, tree_id__lt=until).exclude(status=Comment.Status.APPROVED)
        number -= gone.filter(~Exists(approved_below)).count()
    return number


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
    return _fetch("post_id = %s AND status = 'approved' AND kind <> 'comment'", [post.pk])
