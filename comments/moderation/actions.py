"""What moderators do with a comment, one at a time or many; each leaves its log entry."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from comments import log, permissions, status, tree
from comments.events import CommentMoved, publish
from comments.exceptions import CommentsError, Conflict
from comments.log import Why
from comments.models import Comment, Discussion, Flag, ModerationLogEntry
from comments.viewers import Viewer
from storied.turns import once_more

from . import flagging, refusals
from .appeals import WordsAreMissing
from .whole_branch import remove_branch, restore_branch

# What a moderator may be offered.
DECISIONS = ("approve", "reject", "mark_spam", "remove", "restore", "hold", "keep", "remove_branch", "restore_branch")
_ON_A_BRANCH = {"remove_branch", "restore_branch"}
_REVERSALS = {"approve", "restore", "restore_branch"}
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
    note: str = "",
    template: str = "",
    seen_revision: int | None = None,
    seen_status: str = "",
    batch: UUID | None = None,
    bulk: int | None = None,
) -> Comment:
    """One decision on one comment, and the settling of the reports that led to it.

    `reason` is for the author; where it is empty and a `template` was chosen, that one's words are. `note` is for
    moderators alone. What somebody has decided is taken back with words only (in the first seconds: see `undo`).
    """
    why = Why(reason=reason, clause=clause, note=note, template=template, batch=batch, bulk=bulk)
    return _decide(comment_id, action, viewer, why, seen_revision, seen_status)[0]


def _decide(
    comment_id: int, action: str, viewer: Viewer, why: Why, seen_revision: int | None, seen_status: str = ""
) -> tuple[Comment, str]:
    """The comment, and, where somebody was first with the same decision, who."""
    if action not in DECISIONS:
        raise CommentsError("There is no such decision.")
    with transaction.atomic():
        if action in _ON_A_BRANCH:
            # As a reply does: first the thread, then the comment. The other way round they would wait in a ring.
            tree.lock_thread_of(comment_id)
        comment = Comment.objects.locked(comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        _ensure_nobody_was_first(comment, action, seen_status)
        if action == "keep":
            return comment, flagging.keep(comment, viewer, why)
        if action == "restore_branch":
            _ensure_words_for_a_reversal(comment, action, why)
            return restore_branch(comment_id, viewer, why=why, batch=why.batch), ""
        why = _with_words(why, comment)
        if action == "remove_branch":
            return remove_branch(comment_id, viewer, why=why, seen_revision=seen_revision, batch=why.batch), ""
        if comment.status == status.TRANSITIONS[action][1]:
            return comment, f"It is {status.who_decided(comment)}, already."
        _ensure_words_for_a_reversal(comment, action, why)
        was_public = comment.published_at is not None
        status.change_locked(comment, action, actor=viewer.user, why=why, seen_revision=seen_revision)
        if action in _SETTLES_FLAGS and was_public:
            # Nobody can have reported what was never public.
            flagging.settle(comment, _SETTLES_FLAGS[action], by=viewer.user)
        return comment, ""


def _ensure_nobody_was_first(comment: Comment, action: str, seen_status: str) -> None:
    """A decision is on what the moderator saw; who comes second learns who was first, and what they decided."""
    if not seen_status or comment.status == seen_status:
        return
    if action in status.TRANSITIONS and comment.status == status.TRANSITIONS[action][1]:
        return
    raise Conflict(f"Somebody was first: this comment is {status.who_decided(comment)}. Nothing was changed.")


def _with_words(why: Why, comment: Comment) -> Why:
    """The chosen template's words and clause, where the moderator wrote none."""
    template = refusals.find(why.template)
    if template is None:
        return replace(why, template="")
    clause = why.clause or template.clause
    title = status.clause_named(clause)[1]
    return replace(why, clause=clause, reason=refusals.filled(template, comment, title, why.reason))


def _ensure_words_for_a_reversal(comment: Comment, action: str, why: Why) -> None:
    if action not in _REVERSALS or comment.status == Comment.Status.PENDING or why.reason or why.note:
        return
    last = status.last_change(comment)
    if last is not None and last.actor_id is not None and not last.by_author:
        raise WordsAreMissing(
            f"This was decided by {last.actor_name}. Please say in a few words why you decide otherwise.",
            field="reason",
        )


def undo(comment_id: int, viewer: Viewer, *, batch: UUID | None = None, decided_at: datetime | None = None) -> Comment:
    """Takes one's own last decision on a comment back, in its first seconds; with `batch` only if it was that one."""
    with transaction.atomic():
        comment = Comment.objects.locked(comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        last = status.to_be_undone(comment, actor=viewer.user, batch=batch, decided_at=decided_at)
        if last.action == "keep":
            flagging.undo_keep(comment, last, viewer)
        else:
            comment = status.undo(comment, last, actor=viewer.user)
            flagging.reopen(comment, by=viewer.user, since=last.at)
        return comment


@dataclass(frozen=True)
class Outcome:
    """What became of one comment of a bulk decision; `error` is empty where it worked.

    `was_first` says who had decided the same before: then nothing was changed.
    """

    comment_id: int
    comment: Comment | None
    error: str = ""
    was_first: str = ""


def decide_all(
    comment_ids: Iterable[int],
    action: str,
    viewer: Viewer,
    *,
    clause: str = "",
    reason: str = "",
    note: str = "",
    template: str = "",
    seen: Mapping[int, int] = MappingProxyType({}),
    seen_as: Mapping[int, str] = MappingProxyType({}),
) -> tuple[UUID, list[Outcome]]:
    """The same decision on many: each on its own, so that one that cannot be done does not undo the others.

    `seen` has the revision that was read, `seen_as` the status that was shown, by comment. The log has one row for
    the whole, with its size and words, that the rows of the comments point to.
    """
    chosen = list(comment_ids)
    why = Why(reason=reason, clause=clause, note=note, template=template, batch=uuid4())
    bulk = _Bulk(action, viewer, why, len(chosen))

    def decide_one(comment_id: int) -> tuple[Comment, str]:
        with bulk.row() as number:
            return _decide(
                comment_id, action, viewer, replace(why, bulk=number), seen.get(comment_id), seen_as.get(comment_id, "")
            )

    return why.batch, _each(chosen, decide_one)


class _Bulk:
    """The one row of the log that stands for a decision on many: written with the first of them that is decided."""

    def __init__(self, action: str, viewer: Viewer, why: Why, size: int) -> None:
        self._action, self._viewer, self._why, self._size = action, viewer, why, size
        self._number: int | None = None

    @contextmanager
    def row(self) -> Iterator[int | None]:
        """The row's number, inside the transaction of one comment's decision; a refusal takes it back."""
        if self._size < 2 or self._number is not None or not self._viewer.is_member:
            yield self._number
            return
        with transaction.atomic():
            number = log.write(None, self._action, actor=self._viewer.user, why=self._why, count=self._size)
            yield number
            if not ModerationLogEntry.objects.filter(batch=self._why.batch, comment__isnull=False).exists():
                # Somebody had decided the same before: nothing was changed.
                transaction.set_rollback(True)
                return
        self._number = number


def undo_all(batch: UUID, viewer: Viewer) -> list[Outcome]:
    """Takes a bulk decision back, where nobody has decided otherwise since; in the first seconds after its end."""
    entries = ModerationLogEntry.objects.of_moderators().filter(batch=batch, actor=viewer.user).order_by("pk")
    parts = list(entries.values_list("comment_id", "at"))
    ended_at = max((at for _pk, at in parts), default=None)
    return _each(
        [pk for pk, _at in parts],
        lambda comment_id: (undo(comment_id, viewer, batch=batch, decided_at=ended_at), ""),
    )


def _each(comment_ids: Iterable[int], act: Callable[[int], tuple[Comment, str]]) -> list[Outcome]:
    """One after another; what is done already when one is broken off is not asked for again with it."""
    outcomes, act = [], once_more(act)
    for comment_id in comment_ids:
        try:
            comment, was_first = act(comment_id)
            outcomes.append(Outcome(comment_id, comment, was_first=was_first))
        except CommentsError as refusal:
            outcomes.append(Outcome(comment_id, None, refusal.message))
    return outcomes


def move(comment_id: int, parent_id: int | None, viewer: Viewer) -> Comment:
    """Puts a misplaced comment with its replies under the one it answers; its address stays."""
    with transaction.atomic():
        # Locked first: it is told from where it was moved, also where somebody else has moved it just now.
        comment, _parent = tree.lock_both(comment_id, parent_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        old_parent = comment.parent_id
        moved = tree.move(comment_id, parent_id)
        if moved.parent_id != old_parent:
            entry = log.write(moved, "move", actor=viewer.user, old=log.place(old_parent), new=log.place(parent_id))
            publish(CommentMoved(moved, old_parent_id=old_parent, actor=viewer.user, entry=entry))
        return moved


def open_discussion(post: Any, viewer: Viewer) -> Discussion:
    return _set_open(post, viewer, True)


def close_discussion(post: Any, viewer: Viewer) -> Discussion:
    """Nobody but moderators can write below this article until it is opened again."""
    return _set_open(post, viewer, False)


def _set_open(post: Any, viewer: Viewer, is_open: bool) -> Discussion:
    permissions.ensure(permissions.why_not_moderate(viewer, post))
    with transaction.atomic():
        discussion = Discussion.objects.of(post)
        discussion.is_open = is_open
        discussion.save(update_fields=["is_open"])
    return discussion
