"""Second looks that writers ask for at a decision on what they wrote."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .comment import Comment
from .moderation import ModerationLogEntry


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> "AppealQuerySet":
        return self.filter(outcome="")


class Appeal(models.Model):
    """One writer's asking for a second look at one decision, and its answer."""

    class Outcome(models.TextChoices):
        KEPT = "kept", "The decision stays"
        REVERSED = "reversed", "The decision was taken back"
        CLOSED = "closed", "There was nothing left to decide"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="appeals")
    # The decision that is asked about: an entry of the log, which is never deleted.
    decision = models.ForeignKey(
        ModerationLogEntry, on_delete=models.DO_NOTHING, db_constraint=False, related_name="appeals"
    )
    words = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    answer = models.TextField(blank=True, help_text="in words for the author")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_by_name = models.CharField(max_length=100, blank=True, help_text="kept when the account goes")
    by_same_person = models.BooleanField(default=False, help_text="reviewed again by who had decided")
    decided_at = models.DateTimeField(null=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["made_at"], condition=Q(outcome=""), name="open_appeals")]
        constraints = [
            models.UniqueConstraint(fields=["decision"], name="a_decision_is_appealed_once"),
            models.UniqueConstraint(fields=["comment"], condition=Q(outcome=""), name="one_open_appeal_a_comment"),
        ]

    def __str__(self) -> str:
        return f"Appeal on comment {self.comment_id}"

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at < timezone.now()
