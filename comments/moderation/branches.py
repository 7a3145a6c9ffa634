"""What is done with a part of a discussion: locked, split off, slowed down."""

from typing import Any

from django.db import transaction

from comments import log, permissions, tree
from comments.events import CommentMoved, subscribe
from comments.exceptions import CommentsError
from comments.models import Comment, DeskLogEntry, Discussion
from comments.viewers import Viewer
from storied.front import discussion_changes

from .actions import move

SLOWEST = 24 * 60  # minutes: one comment a day


def lock(comment_id: int, viewer: Viewer, *, words: str = "") -> Comment:
    """Nobody can reply to this comment or to anything below it; what stands there stays."""
    return _set_locked(comment_id, viewer, True, words)


def unlock(comment_id: int, viewer: Viewer) -> Comment:
    return _set_locked(comment_id, viewer, False, "")


def split_off(comment_id: int, viewer: Viewer, *, lock_it: bool = False) -> Comment:
    """A branch goes to the top level, as a thread of its own, with its replies; locked there if so asked."""
    with transaction.atomic():
        moved = move(comment_id, None, viewer)
        return lock(moved.pk, viewer) if lock_it else moved


def _set_locked(comment_id: int, viewer: Viewer, is_locked: bool, words: str) -> Comment:
    with transaction.atomic():
        comment = tree.lock_thread_of(comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        branch = tree.branch_of(comment)
        if branch.exclude(is_locked=is_locked).update(is_locked=is_locked):
            discussion_changes(comment.post_id)
            old, new = ("open to replies", "locked") if is_locked else ("locked", "open to replies")
            log.write(
                comment, "lock" if is_locked else "unlock", actor=viewer.user, why=log.Why(note=words), old=old, new=new
            )
        comment.is_locked = is_locked
        return comment


@subscribe(CommentMoved)
def what_is_moved_under_a_lock_is_locked(event: CommentMoved) -> None:
    """A locked branch takes all in that is moved there; what is moved out keeps its lock until it is opened."""
    comment = event.comment
    if comment.parent_id is not None and Comment.objects.filter(pk=comment.parent_id, is_locked=True).exists():
        tree.branch_of(Comment.objects.get(pk=comment.pk)).update(is_locked=True)
        comment.is_locked = True


def slow_down(post: Any, minutes: int, viewer: Viewer) -> Discussion:
    """Everybody writes once in so many minutes below this article; 0 ends it."""
    permissions.ensure(permissions.why_not_moderate(viewer, post))
    if not 0 <= minutes <= SLOWEST:
        raise CommentsError(f"Please give a number of minutes from 0 to {SLOWEST:,}.", field="minutes")
    with transaction.atomic():
        discussion = Discussion.objects.select_for_update(of=("self",)).of(post)
        if discussion.slow_minutes != minutes:
            DeskLogEntry.note(
                viewer.user, "slow_down", f"article {post.pk}", str(post), before=discussion.slow_minutes, after=minutes
            )
            discussion.slow_minutes = minutes
            discussion.save(update_fields=["slow_minutes"])
    return discussion
