"""A page of a discussion typeset once for everybody, and each viewer's own part put into it.

Readers whom nobody knows have whole pages kept in front of Django (`storied.front`), so theirs is typeset when it is
asked for. For members and guests no front could keep a page each; they share what is kept here, and only the threads
that hold something of their own are typeset for them.
"""

from dataclasses import dataclass, replace
from typing import Any

from storied.front import SITE, Memo, discussion_slot

from . import discussion, permissions, typesetting
from .discussion import Page
from .typesetting import Piece
from .viewers import NOBODY, Viewer


@dataclass(frozen=True)
class _Typeset:
    """A page as everybody reads it; its threads and its top-level comments' numbers by tree; who wrote in which."""

    page: Page
    threads: dict[int, bytes]
    numbers: dict[int, int]
    writers: dict[int | str, tuple[int, ...]]


# Few, since a long one takes a megabyte; one that is no longer there costs what it costs those whom nobody knows.
_kept = Memo(most=16)


def page_for_everybody(post: Any, number: int) -> tuple[Page, list[Piece]] | None:
    """A page and its threads as everybody sees them, made anew; None where there is no page of that number."""
    page = discussion.load(post, NOBODY, number)
    return (page, list(typesetting.threads(page).values())) if page else None


def page_for(post: Any, viewer: Viewer, number: int) -> tuple[Page, list[Piece]] | None:
    """The same as this viewer sees them.

    For somebody known one query, and another where something there is their own.
    """
    moderates = not permissions.why_not_moderate(viewer, post)
    # A discussion that closes by itself does so without anybody's saying it on the board.
    key = (post.pk, number, moderates, discussion.why_closed_by_now(post))
    kept = _kept.get(key, (SITE, discussion_slot(post.pk)), lambda: _typeset(post, number, moderates=moderates))
    if kept is None:
        return None
    page = replace(kept.page, post=post, viewer=viewer)
    theirs = kept.writers.get(viewer.user.pk, ()) + kept.writers.get(viewer.guest_key, ())
    own = typesetting.threads(discussion.own_part(page, kept.numbers, theirs))
    if not own:
        return page, list(kept.threads.values())
    threads = {**kept.threads, **own}
    return page, [threads[tree] for tree in sorted(threads)]


def _typeset(post: Any, number: int, *, moderates: bool) -> _Typeset | None:
    page = discussion.load(post, NOBODY, number)
    if page is None:
        return None
    page = replace(page, moderates=moderates)
    threads = {tree: html.encode() for tree, html in typesetting.threads(page).items()}
    numbers, writers = discussion.numbers_of_trees(page), discussion.writers(page)
    return _Typeset(replace(page, rows=(), known={}), threads, numbers, writers)
