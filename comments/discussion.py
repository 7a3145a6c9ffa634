"""One post's discussion for one viewer: a page of it, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from storied import rows as stored_rows

from . import care, paging, permissions
from .conf import Rules
from .models import Discussion, HouseRules, UnsentText
from .viewers import Viewer
from .visits import NewHere


class Row(NamedTuple):
    """What of a stored comment stands on a page."""

    pk: int
    parent_id: int | None
    tree_id: int
    lft: int
    level: int
    state: str | None  # None for most: approved, never edited, open to replies, by name; else see `_STATE`
    author_id: int | None
    author_name: str
    author_url: str
    body_html: str
    written_at: str  # in UTC, as in "2024-06-01 06:40"; finer or not, with a zone or without, by the database
    guest_key: str

    @property
    def status(self) -> str:
        return "approved" if self.state is None else self.state.split(",")[0]

    @property
    def is_locked(self) -> bool:
        return self.state is not None and self.state.split(",")[1] == "locked"

    @property
    def is_edited(self) -> bool:
        return self.state is not None and self.state.split(",")[2] == "edited"

    @property
    def is_signed_by_name(self) -> bool:
        """Whether readers may be told whose account it is."""
        return self.state is None or self.state.split(",")[3] == "name"

    @property
    def gone_note(self) -> str:
        """What its placeholder says after "This comment was removed"."""
        return "" if self.state is None else self.state.split(",", 4)[4]


@dataclass
class Page:
    """What of a discussion stands on one page.

    Top-level comments have the same numbers for everybody, so what only this viewer sees (`private`) has none.
    """

    post: Any
    discussion: Discussion
    rules: Rules
    viewer: Viewer
    number: int
    last: int
    moderates: bool = False  # each comment has a moderator's door
    start: paging.Key | None = None  # where it begins, and where the next page does; None where that needs no saying
    end: paging.Key | None = None
    rows: Sequence[Row] = ()
    known: dict[int | None, Row] = field(default_factory=dict)  # parents, of earlier pages too
    own: set[int] = field(default_factory=set)
    private: set[int] = field(default_factory=set)
    noted: frozenset[int] = frozenset()  # comments with the owner's note for readers above them
    roots_before: int = 0
    numbers: dict[int, int] | None = None  # of top-level comments by tree, where they cannot be counted
    continued: Sequence[Row] = ()  # the ancestors of the first comment, from an earlier page, from the root down
    linkbacks: Sequence[Row] = ()
    elsewhere: Sequence[tuple[int, int | None]] = ()  # the newest comments on other pages, with their members
    new_here: NewHere | None = None  # of members alone
    alias: str = ""  # the name that a member uses only here
    unsent: UnsentText | None = None  # what a member has begun to write here

    @cached_property
    def why_closed(self) -> str:
        return self.discussion.why_closed(self.rules)

    def is_gone(self, row: Row) -> bool:
        """Whether of this comment there is only a placeholder: its writer reads on what waits."""
        return row.status != "approved" and not (row.pk in self.own and row.status == "pending")


def load(post: Any, viewer: Viewer, number: int = 1) -> Page | None:
    """The page of that number; None where there is none.

    Two queries for a discussion that fits on one page, a few more for a longer one, however long it is.
    """
    rules = HouseRules.current()
    discussion = paging.stored(post.pk) or Discussion(post=post)
    discussion.post = post
    bounds = paging.bounds(discussion, rules.page_size, number)
    if bounds is None:
        return None
    start, end, last = bounds
    moderates = not permissions.why_not_moderate(viewer, post)
    page = Page(post, discussion, rules, viewer, number, last, moderates, start, end)
    _lay_out(page, _public_rows(page), _waiting_rows(page))
    if start:
        page.roots_before = paging.shown_roots_before(discussion, start)
        page.continued = _chain(page)
    page.linkbacks = _linkbacks(post) if discussion.linkback_count and number == last else []
    page.noted = care.noted_below(post.pk)
    if last > 1:
        page.elsewhere = [(pk, author_id) for pk, author_id in _newest(post) if pk not in page.known]
    return page


def own_part(page: Page, numbers: dict[int, int], theirs: Iterable[int]) -> Page:
    """Of a page, the threads that its viewer sees otherwise than everybody does.

    `theirs` are the trees in which they have written (`writers`), `numbers` those of top-level comments
    (`numbers_of_trees`). One query; another where there is such a thread.
    """
    part = replace(page, rows=(), known={}, continued=(), linkbacks=(), numbers=numbers)
    waiting = _waiting_rows(part)
    trees = {*theirs, *(row.tree_id for row in waiting)}
    if trees:
        _lay_out(part, _public_rows(part, trees), waiting)
    return part


def numbers_of_trees(page: Page) -> dict[int, int]:
    """The numbers of a page's top-level comments by their trees."""
    roots = [row.tree_id for row in page.rows if row.level == 0 and row.pk not in page.private]
    return {tree: number for number, tree in enumerate(roots, page.roots_before + 1)}


def writers(page: Page) -> dict[int | str, tuple[int, ...]]:
    """The trees in which each member, by number, and each guest, by key, has written on a page."""
    found: dict[int | str, dict[int, None]] = {}
    for row in page.known.values():
        who = row.guest_key if row.author_id is None else row.author_id
        if who:
            found.setdefault(who, {})[row.tree_id] = None
    return {who: tuple(trees) for who, trees in found.items()}


def is_in_search(post: Any, rules: Rules) -> bool:
    """Whether search engines may show what was said below this article."""
    return rules.comments_in_search and post.in_search == post.InSearch.ALL


def why_closed_by_now(post: Any) -> str:
    """Why nobody can write below this article as far as time and the house rules say, without a query."""
    return Discussion(post=post).why_closed(HouseRules.current())


# Five columns of which hardly any comment needs one would take a tenth of the time of the whole page.
_STATE = (
    "CASE WHEN status = 'approved' AND NOT is_locked AND edited_at IS NULL AND signed = 'name' THEN NULL ELSE "
    "status || CASE WHEN is_locked THEN ',locked' ELSE ',' END || "
    "CASE WHEN edited_at IS NULL THEN ',' ELSE ',edited' END || ',' || signed || ',' || gone_note END"
)
# Written by hand: building such a query through the ORM costs more than running it. What is cast is not made into
# Python's own kinds, which would take as long again.
_IN_SQL = {"pk": "id", "state": _STATE, "written_at": "CAST(created_at AS text)"}
_COLUMNS = ", ".join(_IN_SQL.get(name, name) for name in Row._fields)
_WAITING = "post_id = %s AND status = 'pending' AND published_at IS NULL AND kind = 'comment'"


def _public_rows(page: Page, trees: Iterable[int] | None = None) -> list[Row]:
    """What of a page was ever public, or of these trees alone."""
    where, parameters = _between(page)
    if trees is not None:
        trees = list(trees)
        where += f" AND tree_id IN ({', '.join(['%s'] * len(trees))})"
        parameters += trees
    return _fetch(f"post_id = %s AND {paging.PUBLIC}{where}", [page.post.pk, *parameters])


def _waiting_rows(page: Page) -> list[Row]:
    """What of this viewer waits there and was never public.

    Asked for apart: together with the public ones no index would serve.
    """
    viewer, (where, parameters) = page.viewer, _between(page)
    if viewer.is_member:
        return _fetch(f"author_id = %s AND {_WAITING}{where}", [viewer.user.pk, page.post.pk, *parameters])
    if not viewer.guest_key:
        return []
    whose = f"guest_key = %s AND guest_key <> '' AND author_id IS NULL AND {_WAITING}{where}"
    return _fetch(whose, [viewer.guest_key, page.post.pk, *parameters])


def _between(page: Page) -> tuple[str, list[int]]:
    where, parameters = "", []
    if page.start is not None and page.end is not None and page.start[0] == page.end[0]:
        # A part of one long thread. Said so, since of rows that are compared nobody can tell how few there are.
        return " AND tree_id = %s AND lft >= %s AND lft < %s", [*page.start, page.end[1]]
    for sign, key in ((">=", page.start), ("<", page.end)):
        if key is not None:
            # Compared as rows, since no index serves the same said with OR.
            where += f" AND (tree_id, lft) {sign} (%s, %s)"
            parameters += key
    return where, parameters


def _fetch(where: str, parameters: Iterable[Any]) -> list[Row]:
    # The conditions are this module's own words; what comes from outside is a parameter.
    found = stored_rows.fetch(f"SELECT {_COLUMNS} FROM comments_comment WHERE {where} {paging.ORDER}", list(parameters))  # noqa: S608
    return list(map(Row._make, found))


def _lay_out(page: Page, public: list[Row], waiting: list[Row]) -> None:
    """What of the rows this viewer gets to see, and what has to be known of them for that."""
    rows = sorted([*public, *waiting], key=lambda row: (row.tree_id, row.lft)) if waiting else public
    page.known = {row.pk: row for row in rows}
    if page.start is not None and rows and rows[0].level and rows[0].tree_id == page.start[0]:
        page.known |= {row.pk: row for row in _ancestors(rows[0])}
    if page.viewer.is_known:
        page.own = {row.pk for row in rows if page.viewer.wrote(row)}
    page.private = {row.pk for row in waiting}
    if any(row.state is not None for row in rows):
        rows = _shown(page, rows)
    page.rows = rows


# By the parent links, one step each; by the edges it would be all that comes before in the thread.
_ABOVE = (
    "id IN (WITH RECURSIVE above (id, parent_id) AS (SELECT id, parent_id FROM comments_comment WHERE id = %s "
    "UNION ALL SELECT next.id, next.parent_id FROM comments_comment AS next JOIN above ON next.id = above.parent_id) "
    "SELECT id FROM above) AND published_at IS NOT NULL"
)


def _ancestors(row: Row) -> list[Row]:
    return _fetch(_ABOVE, [row.parent_id])


def _shown(page: Page, rows: list[Row]) -> list[Row]:
    """The rows without those that are not to be read and have nothing below that is; adds to `page.private`."""
    # From the end on, each visible comment makes its ancestors' placeholders worth showing.
    wanted: set[int | None] = set()
    wanted_here: set[int | None] = set()
    kept = []
    for row in reversed(rows):
        if row.pk not in page.private and (row.status == "approved" or row.pk in wanted):
            wanted.add(row.parent_id)
        elif row.pk in wanted_here or not page.is_gone(row):
            wanted_here.add(row.parent_id)
            page.private.add(row.pk)
        else:
            continue
        kept.append(row)
    return kept[::-1]


def _chain(page: Page) -> list[Row]:
    """The ancestors of the first comment that everybody sees, from the root down, where it has any."""
    first = next((row for row in page.rows if row.pk not in page.private), None)
    parent = page.known.get(first.parent_id) if first else None
    chain = []
    # What was never public is not named, not even to its writer, who sees it in its place.
    while parent is not None and parent.pk not in page.private:
        chain.append(parent)
        parent = page.known.get(parent.parent_id)
    return chain[::-1]


NEWEST = 100  # of a discussion of several pages: enough to say that there is something new on the others


def _newest(post: Any) -> list[tuple[int, int | None]]:
    return stored_rows.fetch(
        "SELECT id, author_id FROM comments_comment WHERE post_id = %s AND status = 'approved' AND kind = 'comment' "
        "AND published_at IS NOT NULL ORDER BY created_at DESC LIMIT %s",
        [post.pk, NEWEST],
    )


def _linkbacks(post: Any) -> list[Row]:
    return _fetch("post_id = %s AND status = 'approved' AND kind <> 'comment'", [post.pk])
