"""Who stands behind a name that is used only in one discussion: told to one moderator, once, for a stated reason."""

from typing import Any

from django.db import transaction

from comments import log, permissions
from comments.events import WriterUnmasked, publish
from comments.exceptions import CommentsError
from comments.models import Comment, DeskLogEntry
from comments.viewers import Viewer


def unmask(comment_id: int, viewer: Viewer, reason: str) -> Any:
    """The account. Who asked, and why, stays on record and goes to the owner; the answer does not."""
    with transaction.atomic():
        comment = Comment.objects.locked(comment_id)
        permissions.ensure(permissions.why_not_unmask(viewer, comment))
        if not reason.strip():
            raise CommentsError("Please say why this has to be known.", code="no_reason", field="reason")
        entry = log.write(comment, "unmask", actor=viewer.user, why=log.Why(note=reason))
        DeskLogEntry.note(viewer.user, "unmask", f"comment {comment.pk}", comment.author_name, reason)
        publish(WriterUnmasked(comment, entry))
    return comment.author
