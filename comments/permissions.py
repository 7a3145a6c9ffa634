"""Who may do what. The same function hides a button and refuses its POST, in words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from .conf import Rules
from .exceptions import NotAllowed
from .models import Comment
from .viewers import Viewer

# A permission answers why not; the empty string is a yes.
Permission = Callable[..., str]


def ensure(why_not: str) -> None:
    """Raises NotAllowed with these words, if there are any."""
    if why_not:
        raise NotAllowed(why_not)


def why_not_moderate(viewer: Viewer, post: Any = None) -> str:
    """Moderators and owners everywhere, an article's author below the article."""
    if viewer.is_moderator:
        return ""
    if post is not None and viewer.is_member and post.author_id == viewer.user.pk:
        return ""
    return "Only moderators can do this."


def why_not_change_rules(viewer: Viewer) -> str:
    if viewer.is_member and viewer.user.is_owner:
        return ""
    return "Only the owner of this site can do this."


def why_not_edit(viewer: Viewer, comment: Comment, rules: Rules, *, by_link: bool = False) -> str:
    """One's own comment: while it waits, and for a while after it was published."""
    if not (by_link or viewer.wrote(comment)):
        return "You can only edit what you wrote yourself."
    if comment.status == Comment.Status.PENDING:
        return ""
    if comment.status != Comment.Status.APPROVED:
        return "This comment is no longer there to be edited."
    if comment.published_at and timezone.now() - comment.published_at > timedelta(minutes=rules.edit_minutes):
        return (
            f"A comment can be edited for {rules.edit_minutes} minutes after it was published. "
            "You can still withdraw it, or add a reply to it."
        )
    return ""


def why_not_withdraw(viewer: Viewer, comment: Comment, *, by_link: bool = False) -> str:
    if not (by_link or viewer.wrote(comment)):
        return "You can only withdraw what you wrote yourself."
    if comment.status not in {Comment.Status.PENDING, Comment.Status.APPROVED}:
        return "This comment is no longer there to be withdrawn."
    return ""


def why_not_flag(viewer: Viewer, comment: Comment) -> str:
    if viewer.wrote(comment):
        return "This is your own comment. You can edit or withdraw it instead."
    if not comment.is_approved:
        return "This comment is no longer public."
    return ""
