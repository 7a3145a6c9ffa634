"""A page of a discussion as its reader meets it: comment by comment, or as HTML."""

from typing import NamedTuple

from comments import typesetting
from comments.discussion import Page, Row
from comments.models.comment import CommentQuerySet


class Node(NamedTuple):
    """A comment at its place on the page, or the placeholder of one that is not to be read."""

    comment: Row
    depth: int
    parent: Row | None  # may stand on an earlier page
    number: int  # of top-level comments; 0 for replies, and for what nobody else sees
    is_placeholder: bool


def nodes(page: Page) -> list[Node]:
    """Told from the rows alone, so that what `typesetting` makes of them is not asked about itself."""
    number, found = page.roots_before, []
    for row in page.rows:
        is_numbered = row.level == 0 and row.pk not in page.private
        number += is_numbered
        shown_number = number if is_numbered else 0
        found.append(Node(row, row.level, page.known.get(row.parent_id), shown_number, page.is_gone(row)))
    return found


def in_reading_order(comments: CommentQuerySet) -> CommentQuerySet:
    """Threads from the oldest on, each reply under its parent."""
    return comments.order_by("tree_id", "lft")


def discussion_html(page: Page, respond: str = "") -> str:
    """All of it, made anew; `respond` stands for the place to answer."""
    threads = list(typesetting.threads(page).values())
    return typesetting.together(typesetting.discussion_pieces(page, threads, respond))


def threads_html(page: Page) -> str:
    """The comments without what stands around them."""
    return "".join(typesetting.threads(page).values())
