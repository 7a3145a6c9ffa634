"""Comments as feeds: only what everybody may read."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from posts.feeds import ForReaders
from posts.models import Post

from .models import Comment, CommentQuerySet

COMMENTS_IN_A_FEED = 40


class Newest(ForReaders):
    """The newest comments of the whole site."""

    def title(self, _of: Any = None) -> str:
        return f"Comments on {settings.STORIED_SITE_NAME}"

    def description(self, _of: Any = None) -> str:
        return self.title(_of)

    def items(self, _of: Any = None) -> list[Comment]:
        return _newest(Comment.objects.on_published_posts())

    def item_title(self, item: Comment) -> str:
        return f"{item.author_name} on {item.post}"

    def item_author_name(self, item: Comment) -> str:
        return item.author_name

    def item_pubdate(self, item: Comment) -> datetime:
        return item.created_at


class OfPost(Newest):
    """The newest comments of one article."""

    def get_object(self, request: HttpRequest, post_pk: int) -> Post:
        return get_object_or_404(Post.objects.published(), pk=post_pk)

    def title(self, of: Post) -> str:
        return f"Comments on “{of.title}”"

    def link(self, of: Post) -> str:
        return settings.SITE_URL + of.get_absolute_url()

    def items(self, of: Post) -> list[Comment]:
        return _newest(Comment.objects.filter(post=of))


def _newest(comments: CommentQuerySet) -> list[Comment]:
    newest = comments.approved().order_by("-created_at", "-pk")
    return list(newest.select_related("post")[:COMMENTS_IN_A_FEED])
