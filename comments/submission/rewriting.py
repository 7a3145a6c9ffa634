"""New words for a stored comment, by its own writer: the old ones stay beside it as a revision."""

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
