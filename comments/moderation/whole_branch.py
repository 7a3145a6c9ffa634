"""A comment taken away with all that stands below it, and brought back with it, as one decision."""

from uuid import UUID, uuid4

from django.db import transaction

from comments import log, permissions, status, tree
from comments.exceptions import CommentsError, Conflict
from comments.log import UNSAID, Why
from comments.models import Comment, CommentQuerySet, Flag
from comments.viewers import Viewer

from . import flagging

_OF_THE_HEAD = {Comment.Status.APPROVED: "remove", Comment.Status.PENDING: "reject"}
_BACK = {Comment.Status.REMOVED: "restore", Comment.Status.REJECTED: "approve"}


def remove_branch(
    comment_id: int, viewer: Viewer, *, why: Why = UNSAID, seen_revision: int | None = None, batch: UUID | None = None
) -> Comment:
    """Declines or removes a comment, and hides every public reply below it; one row of the log stands for all."""
    with transaction.atomic():
        head = tree.lock_thread_of(comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, head.post))
        if head.status in {Comment.Status.WITHDRAWN, Comment.Status.SPAM}:
            raise status.NoSuchTransition(f"This comment is {status.who_decided(head)}.")
        if seen_revision is not None and seen_revision != head.revision:
            raise Conflict("This comment has been changed since you opened it. Please read it again first.")
        inside = Comment.objects.filter(tree_id=head.tree_id, lft__gt=head.lft, lft__lt=head.rght).approved()
        below = _locked(inside)
        batch = batch or uuid4()
        bulk = log.write(head, "remove_branch", actor=viewer.user, why=why, count=len(below) + 1)
        of_head = Why(why.reason, why.clause, batch=batch, note=why.note, template=why.template, bulk=bulk)
        if head.status in _OF_THE_HEAD:
            head = status.change_status(head.pk, _OF_THE_HEAD[head.status], actor=viewer.user, why=of_head)
            flagging.settle(head, Flag.Outcome.UPHELD, by=viewer.user)
        for pk in below:
            # Their authors did nothing; the words for the head's author are not for them.
            status.change_status(pk, "remove_below", actor=viewer.user, why=Why(batch=batch, bulk=bulk))
        return head


def restore_branch(comment_id: int, viewer: Viewer, *, why: Why = UNSAID, batch: UUID | None = None) -> Comment:
    """Brings back what the last removal of this branch took away.

    But for what somebody decided on since, and what has been emptied meanwhile: that stays a gap in the branch.
    """
    with transaction.atomic():
        head = tree.lock_thread_of(comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, head.post))
        removal = head.log.filter(action="remove_branch").order_by("-pk").first()
        parts = list(removal.parts.of_status().order_by("pk")) if removal else []
        _locked(Comment.objects.filter(pk__in=[part.comment_id for part in parts]))
        still = [part for part in parts if _is_last(part)]
        if not still:
            raise CommentsError("Nothing below this comment was taken away together with it.", code="nothing_to_do")
        batch = batch or uuid4()
        bulk = log.write(head, "restore_branch", actor=viewer.user, why=why, count=len(still))
        for part in still:
            of_head = part.comment_id == head.pk
            action = _BACK[part.new] if of_head else "restore_below"
            words = Why(why.reason if of_head else "", batch=batch, note=why.note if of_head else "", bulk=bulk)
            status.change_status(part.comment_id, action, actor=viewer.user, why=words)
        return Comment.objects.select_related("post").get(pk=comment_id)


def _locked(comments: CommentQuerySet) -> list[int]:
    """Their numbers, in reading order, all of them locked before one is changed.

    A change waits for the discussion's counts; who decides on one of them alone has locked it, and waits for those too.
    """
    rows = comments.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("lft", "pk")
    return [pk for _lft, pk in sorted(rows)]


def _is_last(part: log.ModerationLogEntry) -> bool:
    """Whether nobody has decided on that comment since, and it still says something."""
    last = log.ModerationLogEntry.objects.of_status().filter(comment=part.comment_id).order_by("-pk").first()
    there = Comment.objects.filter(pk=part.comment_id, status=part.new, emptied_at=None)
    return last == part and there.exists()
