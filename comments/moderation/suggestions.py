"""Top-level comments that look like replies: they greet somebody who wrote before them. Suggested, never done alone."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from django.db.models import Case, F, Q, When

from comments.greetings import BEGINNING, folded, greeted_names, is_called
from comments.models import Comment
from posts.models import Post

# Who greets somebody rarely means a comment of another season; a page of cards looks no further, in time and rows.
_NOT_LONGER_AGO = timedelta(days=90)
_MOST_EARLIER = 500
_TAG = re.compile(r"<[^>]*(?:>|$)")


@dataclass(frozen=True)
class Earlier:
    """A comment that stood there before."""

    pk: int
    name: str
    author_id: int | None
    created_at: datetime
    text: str = ""


@dataclass(frozen=True)
class Suggestion:
    """That a comment be moved under an earlier one: the name as it was greeted, and whose comment it would be."""

    comment_id: int
    under_id: int
    greeted: str
    under_name: str


def parent_for(
    text: str, at: datetime, earlier: Sequence[Earlier], *, by: int | None = None, by_name: str = "", host: str = ""
) -> tuple[Earlier, str] | None:
    """The earlier comment that a text seems to answer, with the name it greets: the last one by that name before it.

    Nobody answers themselves, and who greets the host speaks of the article. `by` and `by_name` are the writer's.
    """
    candidates = [one for one in earlier if one.created_at < at]
    for greeted in greeted_names(text):
        if host and is_called(host, greeted):
            return None
        theirs = [one for one in candidates if is_called(one.name, greeted)]
        exactly = [one for one in theirs if folded(one.name) == folded(greeted)]
        theirs = [one for one in exactly or theirs if not _wrote(one, by, by_name)]
        if not theirs:
            continue
        if not exactly and len({folded(one.name) for one in theirs}) > 1:
            # "Ann" where Ann Miller and Ann Smith have written: nobody can say which.
            return None
        return max(theirs, key=lambda one: (one.created_at, one.pk)), greeted
    return None


def _wrote(one: Earlier, by: int | None, by_name: str) -> bool:
    if by is not None and one.author_id is not None:
        return one.author_id == by
    return folded(one.name) == folded(by_name)


def _plain(comment: Comment) -> str:
    """The first words, line by line, whatever they were written in."""
    return unescape(_TAG.sub("\n", comment.body_html[: 4 * BEGINNING])).strip()


def suggested(comments: Iterable[Comment]) -> dict[int, Suggestion]:
    """Where the misplaced ones among these comments seem to belong, by number: two queries for a page of cards."""
    greeting = {}
    for comment in comments:
        if comment.parent_id is None and not comment.is_linkback:
            names = greeted_names(_plain(comment))
            if names:
                greeting[comment.pk] = (comment, names)
    if not greeting:
        return {}
    wanted = Q()
    for comment, names in greeting.values():
        first = names[-1]
        # SQLite folds the case of ASCII alone.
        called = Q()
        for spelt in {first, first.lower(), first.upper(), first.title()}:
            called |= Q(author_name__istartswith=spelt)
        since = comment.created_at - _NOT_LONGER_AGO
        wanted |= Q(post=comment.post_id, created_at__lt=comment.created_at, created_at__gte=since) & called
    rows = Comment.objects.filter(wanted, status=Comment.Status.APPROVED, kind=Comment.Kind.COMMENT)
    known = Case(When(signed=Comment.Signature.NAME, then=F("author_id")))
    rows = rows.order_by("-created_at").values_list("post_id", "pk", "author_name", known, "created_at")
    by_post: dict[Any, list[Earlier]] = {}
    for post_id, pk, name, author_id, created_at in rows[:_MOST_EARLIER]:
        by_post.setdefault(post_id, []).append(Earlier(pk, name, author_id, created_at))
    posts = Post.objects.filter(pk__in={comment.post_id for comment, _names in greeting.values()})
    hosts = {pk: (author, name) for pk, author, name in posts.values_list("pk", "author", "author__display_name")}
    found = {}
    for comment, _names in greeting.values():
        host_id, host = hosts[comment.post_id]
        answer = parent_for(
            _plain(comment), comment.created_at, by_post.get(comment.post_id, []), by=comment.shown_author_id,
            by_name=comment.author_name, host="" if comment.shown_author_id == host_id else host,
        )  # fmt: skip
        if answer is not None:
            under, greeted = answer
            found[comment.pk] = Suggestion(comment.pk, under.pk, greeted, under.name)
    return found
