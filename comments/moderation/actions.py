"""What moderators do with a comment, one at a time or many; each leaves its log entry."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from comments import permissions, status, tree
from comments.events import CommentMoved, publish
from comments.exceptions import CommentsError
from comments.models import Comment, Discussion, Flag, ModerationLogEntry
from comments.viewers import Viewer

from . import flagging

# What a moderator may be offered; `hold` and `undo` among them.
DECISIONS = ("approve", "reject", "mark_spam", "remove", "restore", "hold")
_SETTLES_FLAGS = {
    "approve": Flag.Outcome.DISMISSED,
    "restore": Flag.Outcome.DISMISSED,
    "reject": Flag.Outcome.UPHELD,
    "mark_spam": Flag.Outcome.UPHELD,
    "remove": Flag.Outcome.UPHELD,
}


def decide(
    comment_id: int,
    action: str,
    viewer: Viewer,
    *,
    clause: str = "",
    reason: str = "",
    seen_revision: int | None = None,
    batch: UUID | None = None,
) -> Comment:
    """One decision on one comment, and the settling of the reports that led to it."""
    if action not in DECISIONS:
        raise CommentsError("There is no such decision.")
    with transaction.atomic():
        comment = Comment.objects.select_related("post").get(pk=comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        why = status.Why(reason=reason, clause=clause, batch=batch)
        comment = status.change_status(comment_id, action, actor=viewer.user, why=why, seen_revision=seen_revision)
        if action in _SETTLES_FLAGS:
            flagging.settle(comment, _SETTLES_FLAGS[action], by=viewer.user)
        return comment


def keep(comment_id: int, viewer: Viewer) -> Comment:
    """Reports looked at and dismissed: the comment stays as it is."""
    with transaction.atomic():
        comment = Comment.objects.select_related("post").get(pk=comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        flagging.settle(comment, Flag.Outcome.DISMISSED, by=viewer.user)
        return comment


def undo(comment_id: int, viewer: Viewer, *, batch: UUID | None = None) -> Comment:
    """Takes the last decision on a comment back; with `batch` only if it was that one."""
    with transaction.atomic():
        comment = Comment.objects.select_related("post").get(pk=comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        comment = status.undo(comment_id, actor=viewer.user, batch=batch)
        flagging.reopen(comment)
        return comment


@dataclass(frozen=True)
class Outcome:
    """What became of one comment of a bulk decision; `error` is empty where it worked."""

    comment_id: int
    comment: Comment | None
    error: str = ""


def decide_all(
    comment_ids: Iterable[int],
    action: str,
    viewer: Viewer,
    *,
    clause: str = "",
    reason: str = "",
    seen: Mapping[int, int] = MappingProxyType({}),
) -> tuple[UUID, list[Outcome]]:
    """The same decision on many: each on its own, so that one that cannot be done does not undo the others.

    `seen` has the revision that was read, by comment.
    """
    batch = uuid4()

    def decide_one(comment_id: int) -> Comment:
        return decide(
            comment_id, action, viewer, clause=clause, reason=reason, seen_revision=seen.get(comment_id), batch=batch
        )

    return batch, _each(comment_ids, decide_one)


def keep_all(comment_ids: Iterable[int], viewer: Viewer) -> list[Outcome]:
    """Settles the reports of many comments, each on its own."""
    return _each(comment_ids, lambda comment_id: keep(comment_id, viewer))


def undo_all(batch: UUID, viewer: Viewer) -> list[Outcome]:
    """Takes a bulk decision back, where nobody has decided otherwise since."""
    entries = ModerationLogEntry.objects.filter(batch=batch, actor=viewer.user).order_by("pk")
    comment_ids = [pk for pk in entries.values_list("comment_id", flat=True) if pk is not None]
    return _each(comment_ids, lambda comment_id: undo(comment_id, viewer, batch=batch))


def _each(comment_ids: Iterable[int], act: Callable[[int], Comment]) -> list[Outcome]:
    outcomes = []
    for comment_id in comment_ids:
        try:
            outcomes.append(Outcome(comment_id, act(comment_id)))
        except CommentsError as refusal:
            outcomes.append(Outcome(comment_id, None, refusal.message))
        except Comment.DoesNotExist:
            outcomes.append(Outcome(comment_id, None, "This comment no longer exists."))
    return outcomes


def move(comment_id: int, parent_id: int | None, viewer: Viewer) -> Comment:
    """Puts a misplaced comment with its replies under the one it answers; its address stays."""
    with transaction.atomic():
        comment = Comment.objects.select_related("post").get(pk=comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        old_parent = comment.parent_id
        moved = tree.move(comment_id, parent_id)
        if moved.parent_id != old_parent:
            ModerationLogEntry.objects.create(
                comment=moved, comment_number=moved.pk, actor=viewer.user, actor_name=viewer.user.display_name,
                action="move", old=f"under {old_parent}" if old_parent else "top level",
                new=f"under {parent_id}" if parent_id else "top level", revision=moved.revision,
            )  # fmt: skip
            publish(CommentMoved(moved, old_parent_id=old_parent))
        return moved


def open_discussion(post: Any, viewer: Viewer) -> Discussion:
    return _set_open(post, viewer, True)


def close_discussion(post: Any, viewer: Viewer) -> Discussion:
    """Nobody but moderators can write below this article until it is opened again."""
    return _set_open(post, viewer, False)


def _set_open(post: Any, viewer: Viewer, is_open: bool) -> Discussion:
    permissions.ensure(permissions.why_not_moderate(viewer, post))
    with transaction.atomic():
        discussion, _ = Discussion.objects.get_or_create(post=post)
        discussion.is_open = is_open
        discussion.save(update_fields=["is_open"])
    return discussion
