"""New words for a stored comment, by its own writer: the old ones stay beside it as a revision; and the same anew."""

from typing import Any

from django.utils import timezone

from comments import rendering
from comments.models import Comment, CommentRevision
from storied.front import discussion_changes


def rewrite(comment: Comment, body: str, html: str, *, replaced_by: Any, **more: Any) -> None:
    """Inside the transaction that has locked the comment; `more` are further fields that change with the words."""
    CommentRevision.objects.create(
        comment=comment, number=comment.revision, body=comment.body, body_format=comment.body_format,
        replaced_by=replaced_by,
    )  # fmt: skip
    changes: dict[str, Any] = {
        "body": body, "body_format": Comment.BodyFormat.MARKDOWN, "body_html": html,
        "renderer_version": rendering.RENDERER_VERSION, "revision": comment.revision + 1,
        "edited_at": timezone.now(), **more,
    }  # fmt: skip
    discussion_changes(comment.post_id)
    Comment.objects.filter(pk=comment.pk).update(**changes)
    for name, value in changes.items():
        setattr(comment, name, value)


def render_again(comment: Comment) -> bool:
    """The same words by the present rules, for a comment that is locked; whether that changed what readers get."""
    html = rendering.body_html(comment.body, comment.body_format)
    is_changed = html != comment.body_html
    if is_changed:
        discussion_changes(comment.post_id)
    if is_changed or comment.renderer_version != rendering.RENDERER_VERSION:
        comment.body_html, comment.renderer_version = html, rendering.RENDERER_VERSION
        Comment.objects.filter(pk=comment.pk).update(body_html=html, renderer_version=rendering.RENDERER_VERSION)
    return is_changed
