"""What of comments can be found: the approved ones below published articles, kept in step by events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from posts.models import Post
from posts.rendering import plain_text
from storied import search

from .events import CommentDetached, CommentEdited, CommentRedacted, CommentSubmitted, StatusChanged, subscribe
from .models import Comment


@search.register_source
def approved_comments() -> Iterator[search.Document]:
    """All comments that can be found."""
    public = Comment.objects.approved().filter(post__status=Post.Status.PUBLISHED).select_related("post")
    return documents(public.iterator(chunk_size=500))


def documents(comments: Iterable[Comment]) -> Iterator[search.Document]:
    for comment in comments:
        yield search.Document(
            "comment", comment.pk, comment.post_id, comment.post.title, comment.author_name,
            plain_text(comment.body_html), comment.created_at,
        )  # fmt: skip


@subscribe(CommentSubmitted, CommentEdited, CommentRedacted, CommentDetached, StatusChanged)
def follow_a_comment(event: Any) -> None:
    comment = event.comment
    if comment.is_approved and comment.post.status == Post.Status.PUBLISHED:
        search.index(documents([comment]))
    elif isinstance(event, CommentEdited | CommentRedacted) or getattr(event, "old", "") == Comment.Status.APPROVED:
        search.remove("comment", [comment.pk])


@receiver(post_save, sender=Post)
def follow_a_post(instance: Post, created: bool, raw: bool = False, **_kwargs: Any) -> None:
    """An article that is public again brings its comments back, and under its present title."""
    if raw or created or not instance.status_or_title_changed or instance.status != Post.Status.PUBLISHED:
        return
    search.index(documents(Comment.objects.filter(post=instance).approved().select_related("post").iterator(500)))


@dataclass(frozen=True)
class Found:
    """A hit with the post it belongs to and the address that leads there."""

    hit: search.Hit
    post: Post
    address: str


@dataclass(frozen=True)
class FoundPage:
    total: int
    is_capped: bool
    was_asked: bool
    found: list[Found]


def search_site(words: str, *, limit: int, offset: int = 0) -> FoundPage:
    """Articles, pages and comments with these words, best first; only what everybody may read now."""
    results = search.query(words, limit=limit, offset=offset)
    posts = Post.objects.published().in_bulk({hit.post_id for hit in results.hits})
    found = [Found(hit, posts[hit.post_id], _address(hit, posts)) for hit in results.hits if hit.post_id in posts]
    return FoundPage(results.total, results.is_capped, results.was_asked, found)


def _address(hit: search.Hit, posts: dict[int, Post]) -> str:
    return f"/comment/{hit.object_id}/" if hit.kind == "comment" else posts[hit.post_id].get_absolute_url()
