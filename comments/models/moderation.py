"""What was decided, by whom, and why: written once, never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .comment import Comment
from .written_once import WrittenOnce


class LogQuerySet(models.QuerySet["ModerationLogEntry"]):
    def of_status(self) -> "LogQuerySet":
        """The entries that say to which status a comment came; moves, appeals and redactions are none."""
        return self.filter(new__in=Comment.Status.values)

    def decisions(self) -> "LogQuerySet":
        """What others than the author brought a comment to."""
        return self.of_status().filter(by_author=False)

    def of_moderators(self) -> "LogQuerySet":
        """What people decided on a comment: its status, or that reports change nothing about it."""
        wanted = [*Comment.Status.values, ModerationLogEntry.KEPT]
        return self.filter(new__in=wanted, by_author=False, actor__isnull=False, comment__isnull=False)


class ModerationLogEntry(WrittenOnce):
    """One change of one comment's status, place or text. No actor means Storied itself, by its rules.

    Comment and actor are plain numbers to the database, so that nothing has to be changed here when one of them goes.
    """

    refusal = "the moderation log is written once; an entry is neither changed nor deleted."

    # What a comment is when its reports were dismissed, and when that was taken back: no status.
    KEPT = "kept"
    REPORTED = "reported"

    comment = models.ForeignKey(
        Comment, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="log"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False,
        related_name="decisions",
    )  # fmt: skip
    # The name that a moderator had; empty for authors, whose name stands with their comment and goes with it.
    actor_name = models.CharField(max_length=100, blank=True)
    by_author = models.BooleanField(default=False)
    action = models.CharField(max_length=20)
    old = models.CharField(max_length=100, blank=True)
    new = models.CharField(max_length=100, blank=True)
    clause = models.CharField(max_length=50, blank=True)
    reason = models.TextField(blank=True, help_text="in words for the author")
    note = models.TextField(blank=True, help_text="in words for moderators alone")
    template = models.CharField(max_length=50, blank=True, help_text="the words that were chosen for a refusal")
    rules = models.JSONField(default=list, help_text="the house rules that fired")
    revision = models.PositiveIntegerField(default=1, help_text="the text that was decided on")
    batch = models.UUIDField(null=True, help_text="the same for all that one decision did")
    # A decision on many has a row of its own, without a comment, that those of its comments point to.
    bulk = models.ForeignKey(
        "self", null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="parts"
    )
    count = models.PositiveIntegerField(default=1, help_text="of how many comments a bulk decision was made")
    at = models.DateTimeField(default=timezone.now)

    objects = LogQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "moderation log entries"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["comment", "-id"], name="history_of_a_comment"),
            models.Index(fields=["actor", "-id"], name="decisions_of_a_person"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="parts_of_a_decision"),
            models.Index(fields=["-at"], condition=Q(old="pending", by_author=False), name="ended_waits"),
            models.Index(fields=["-id"], condition=Q(by_author=False, actor__isnull=False), name="by_moderators"),
        ]

    def __str__(self) -> str:
        by = "its author" if self.by_author else self.actor_name or "Storied"
        return f"{self.action} of comment {self.comment_id} by {by}"


class LogCorrection(models.Model):
    """That entries of the log were changed or deleted after all, why and by whom: see `log.corrected`.

    While one is open, inside its transaction, the database lets such statements pass. None is ever open outside.
    """

    why = models.CharField(max_length=300)
    by_name = models.CharField(max_length=100, blank=True, help_text="empty: Storied itself")
    at = models.DateTimeField(default=timezone.now)
    is_open = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"Correction of the log: {self.why}"
