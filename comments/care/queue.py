"""What waits for somebody to look after, and what readers are told beside a comment."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from comments import permissions
from comments.models import CareItem, Comment
from comments.viewers import Viewer
from posts.models import Post

from . import arrangements


def items_of(viewer: Viewer) -> Any:
    """The items about comments that this viewer moderates."""
    articles = permissions.articles_moderated_by(viewer)
    if articles is None:
        return CareItem.objects.all()
    return CareItem.objects.filter(comment__post__in=Post.objects.filter(articles).values("pk"))


def queue(viewer: Viewer) -> Any:
    """What is open, the longest first. Two queries for a page of it, with what led there."""
    return _with_all(items_of(viewer).open().order_by("opened_at", "pk"))


def closed(viewer: Viewer) -> Any:
    """What was closed, the latest first."""
    return _with_all(items_of(viewer).closed().order_by("-closed_at", "-pk"))


def count(viewer: Viewer) -> int:
    """How many are open."""
    return items_of(viewer).open().count()


def heavy_among(comments: Iterable[Comment]) -> frozenset[int]:
    """Those to be opened by a click, once a moderator is ready: held for such words, or open in Care. One query."""
    held = {comment.pk: any(reason.get("code") == "care" for reason in comment.reasons) for comment in comments}
    in_care = CareItem.objects.open().filter(comment__in=held).values_list("comment", flat=True)
    return frozenset({*in_care, *(pk for pk, is_heavy in held.items() if is_heavy)})


def noted_below(post_id: int) -> frozenset[int]:
    """The comments below an article that have the owner's note above them.

    No query unless the owner has chosen such notes.
    """
    if not arrangements.current().notes:
        return frozenset()
    noted = CareItem.objects.filter(Q(is_noted=True), comment__post=post_id)
    return frozenset(noted.values_list("comment", flat=True))


def _with_all(items: Any) -> Any:
    return items.select_related("comment__post", "comment__parent", "comment__author", "claimed_by").prefetch_related(
        "signals__person"
    )
