"""A page of a discussion typeset once for everybody, and each viewer's own part put into it.

Readers whom nobody knows have whole pages kept in front of Django (`storied.front`), so theirs is typeset when it is
asked for. For members and guests no front could keep a page each; they share what is kept here, and only the threads
that hold something of their own are typeset for them.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from storied import rows
from storied.front import SITE, Memo, discussion_slot

from . import discussion, muting, permissions, typesetting, unsent, visits
from .discussion import Page
from .models import Alias
from .seen import Seen
from .typesetting import Piece
from .viewers import NOBODY, Viewer


@dataclass(frozen=True)
class _Typeset:
    """A page as everybody reads it; its threads and its top-level comments' numbers by tree; who wrote in which.

    `comments` are those that can be read there, in reading order, with their trees; `shown` is the set of them.
    `aliases` are the names used only there, by account.
    """

    page: Page
    threads: dict[int, bytes]
    numbers: dict[int, int]
    writers: dict[int | str, tuple[int, ...]]
    comments: dict[int, int]
    shown: str
    aliases: dict[int, str]


_BESIDE = 220  # bytes a comment, of all that is known beside its HTML


def _weight(typeset: _Typeset | None) -> int:
    if typeset is None:
        return 0
    return sum(len(html) for html in typeset.threads.values()) + _BESIDE * len(typeset.comments)


# Together some 8,000 comments; one that is no longer there costs what it costs those whom nobody knows.
_kept = Memo(most=200, most_bytes=8_000_000, weigh=_weight)


def page_for_everybody(post: Any, number: int) -> tuple[Page, list[Piece]] | None:
    """A page and its threads as everybody sees them, made anew; None where there is no page of that number."""
    page = discussion.load(post, NOBODY, number)
    return (page, list(typesetting.threads(page).values())) if page else None


def page_for(post: Any, viewer: Viewer, number: int) -> tuple[Page, list[Piece]] | None:
    """The same as this viewer sees them.

    For somebody known one query, and another where something there is their own; for a member two more, which tell
    what is new to them and what they have not sent yet, and whom they have muted.
    """
    moderates = not permissions.why_not_moderate(viewer, post)
    # A discussion that closes by itself does so without anybody's saying it on the board.
    key = (post.pk, number, moderates, discussion.why_closed_by_now(post))
    kept = _kept.get(key, (SITE, discussion_slot(post.pk)), lambda: _typeset(post, number, moderates=moderates))
    if kept is None:
        return None
    page = replace(kept.page, post=post, viewer=viewer, alias=kept.aliases.get(viewer.user.pk, ""))
    theirs = kept.writers.get(viewer.user.pk, ()) + kept.writers.get(viewer.guest_key, ())
    part = discussion.own_part(page, kept.numbers, theirs)
    threads = kept.threads
    own = typesetting.threads(part)
    if own:
        threads = {**threads, **own}
        threads = {tree: threads[tree] for tree in sorted(threads)}
        kept = replace(kept, comments=_still_there(kept, part, own))
    if viewer.is_member:
        visit, text = rows.first_of_each(
            visits.asked_for(viewer.user, post.pk), unsent.asked_for(viewer.user, post.pk)
        )  # fmt: skip
        page = replace(page, unsent=text)
        folded = muting.folded_for(viewer.user, post.pk)
        page, threads = _with_news(page, kept, threads, visits.news_of(visit), part.own | folded)
        threads = _with_folds(kept, threads, folded)
    return page, list(threads.values())


def _still_there(kept: _Typeset, part: Page, own: Collection[int]) -> dict[int, int]:
    """The comments that can be read on the page. In threads that were read anew one may have gone this very moment."""
    there = {row.pk for row in part.rows if not part.is_gone(row)}
    return {number: tree for number, tree in kept.comments.items() if tree not in own or number in there}


def _with_folds(kept: _Typeset, threads: dict[int, Piece], folded: Collection[int]) -> dict[int, Piece]:
    """The threads with what somebody has written whom this member has muted folded away."""
    by_tree: dict[int, list[int]] = {}
    for number, tree in kept.comments.items():
        if number in folded:
            by_tree.setdefault(tree, []).append(number)
    return {**threads, **{tree: typesetting.with_folds(threads[tree], those) for tree, those in by_tree.items()}}


def _with_news(
    page: Page, kept: _Typeset, threads: dict[int, Piece], news: visits.News, never: Collection[int]
) -> tuple[Page, dict[int, Piece]]:
    """The page and its threads with a mark on each comment that is new to this member.

    What is their own, or by somebody whom they have muted, `never` is.
    """
    new = [number for number in news.of(kept.comments) if number not in never]
    of_others = (n for n, author_id in page.elsewhere if author_id != page.viewer.user.pk and n not in never)
    elsewhere = sorted(news.of(of_others))
    here = visits.NewHere(news, new, elsewhere, kept.shown, news.is_to_be_noted(kept.comments))
    page = replace(page, new_here=here)
    if not new:
        return page, threads
    by_tree: dict[int, list[tuple[int, int | None]]] = {}
    for number, following in zip_longest(new, new[1:]):
        by_tree.setdefault(kept.comments[number], []).append((number, following))
    marked = {tree: typesetting.with_marks(threads[tree], those) for tree, those in by_tree.items()}
    return page, {**threads, **marked}


def _typeset(post: Any, number: int, *, moderates: bool) -> _Typeset | None:
    page = discussion.load(post, NOBODY, number)
    if page is None:
        return None
    page = replace(page, moderates=moderates)
    threads = {tree: html.encode() for tree, html in typesetting.threads(page).items()}
    numbers, writers = discussion.numbers_of_trees(page), discussion.writers(page)
    comments = {row.pk: row.tree_id for row in page.rows if not page.is_gone(row)}
    shown, aliases = str(Seen.of(comments)), Alias.objects.below(post.pk)
    return _Typeset(replace(page, rows=(), known={}), threads, numbers, writers, comments, shown, aliases)
