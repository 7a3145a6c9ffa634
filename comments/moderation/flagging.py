"""Readers' reports: taking them in, and settling them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from comments import care, log, permissions, status
from comments.events import CommentFlagged, publish
from comments.exceptions import NotAllowed, TooMany
from comments.models import CareItem, CareSignal, Comment, Flag, HouseRules, ModerationLogEntry
from comments.viewers import Viewer

# The reason that is no report: somebody fears for the writer.
WORRIED = "worried"
# Of one account or one network: more than anybody finds who reads.
MOST_AN_HOUR = 60


def flag(comment_id: int, viewer: Viewer, *, reporter_key: str, reason: str, words: str = "") -> Flag | CareItem:
    """A reader's report; a second one by the same reader changes the first. At the threshold the comment is held.

    Worry about the writer is none: it goes to Care, counts to no threshold, and stands in nobody's record.
    """
    _ensure_it_is_no_flood(viewer, reporter_key)
    if reason == WORRIED:
        return care.worry(comment_id, viewer, reporter_key=reporter_key, words=words)
    rules = HouseRules.current()
    with transaction.atomic():
        comment = Comment.objects.locked(comment_id)
        permissions.ensure(permissions.why_not_flag(viewer, comment))
        report, _ = Flag.objects.update_or_create(
            comment=comment,
            reporter_key=reporter_key,
            defaults={
                "reporter": viewer.user if viewer.is_member else None, "reason": reason, "words": words,
                "outcome": "", "created_at": timezone.now(),
            },
        )  # fmt: skip
        publish(CommentFlagged(comment, flag=report))
        reports = Flag.objects.open().filter(comment=comment).count()
        if rules.flags_to_hold and reports >= rules.flags_to_hold and not _was_looked_at(comment):
            grounds = {"code": "flagged", "detail": f"{reports} readers reported it"}
            status.change_status(comment.pk, "hold", why=status.Why(rules=(grounds,)))
            Comment.objects.filter(pk=comment.pk).update(reasons=[grounds])
        return report


def _ensure_it_is_no_flood(viewer: Viewer, reporter_key: str) -> None:
    """Each report is somebody's work, and each worry a mail to those on call."""
    since = timezone.now() - timedelta(hours=1)
    reports = Flag.objects.filter(reporter_key=reporter_key, created_at__gt=since).count()
    worries = CareSignal.objects.filter(key=reporter_key, at__gt=since).count()
    if reports + worries >= MOST_AN_HOUR and not viewer.is_moderator:
        raise TooMany(
            "That was a lot in a short time. A moderator reads what you have sent; please wait an hour before the "
            "next report.",
            retry_after=3600,
        )


def settle(comment: Comment, outcome: str, *, by: Any) -> int:
    """Closes the open reports of a comment; their number."""
    return Flag.objects.open().filter(comment=comment).update(outcome=outcome, settled_by=by, settled_at=timezone.now())


def keep(comment: Comment, viewer: Viewer, why: log.Why) -> str:
    """The comment stays as it is, and its open reports are dismissed; says who was first where none is open."""
    if comment.status == Comment.Status.PENDING:
        raise NotAllowed("It is held, and would stay hidden. Publish or decline it: either settles its reports.")
    if not Flag.objects.open().filter(comment=comment).exists():
        settled = Flag.objects.filter(comment=comment).select_related("settled_by").order_by("-settled_at").first()
        by = f" by {settled.settled_by}" if settled and settled.settled_by else ""
        return f"Its reports are settled already{by}."
    log.write(comment, "keep", actor=viewer.user, why=why, old=ModerationLogEntry.REPORTED, new=ModerationLogEntry.KEPT)
    settle(comment, Flag.Outcome.DISMISSED, by=viewer.user)
    return ""


def undo_keep(comment: Comment, kept: ModerationLogEntry, viewer: Viewer) -> None:
    """Takes one's own dismissal of reports back: they are open again."""
    log.write(comment, "undo", actor=viewer.user, old=ModerationLogEntry.KEPT, new=ModerationLogEntry.REPORTED)
    reopen(comment, by=viewer.user, since=kept.at)


def reopen(comment: Comment, *, by: Any, since: datetime) -> None:
    """Reports that a decision of this person, made at that time, settled are open again."""
    settled = Flag.objects.filter(comment=comment, settled_by=by, settled_at__gte=since)
    first = settled.order_by("settled_at").values_list("settled_at", flat=True).first()
    settled.filter(settled_at=first).update(outcome="", settled_by=None, settled_at=None)


def _was_looked_at(comment: Comment) -> bool:
    """Whether a moderator dismissed reports of this very text: then more of them do not hide it again by themselves."""
    dismissed = Flag.objects.filter(comment=comment, outcome=Flag.Outcome.DISMISSED)
    if comment.edited_at:
        dismissed = dismissed.filter(settled_at__gt=comment.edited_at)
    return dismissed.exists()
