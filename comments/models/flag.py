"""Readers' reports."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .comment import Comment


class FlagQuerySet(models.QuerySet["Flag"]):
    def open(self) -> "FlagQuerySet":
        return self.filter(outcome="")


class Flag(models.Model):
    """One reader's report of one comment. The button says "Report"."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "Upheld"
        DISMISSED = "dismissed", "Dismissed"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="flags")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="flags")
    # The account's or the browser's key: the same reader counts once.
    reporter_key = models.CharField(max_length=50)
    reason = models.CharField(max_length=50)
    words = models.CharField(max_length=1_000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["comment"], condition=models.Q(outcome=""), name="open_flags")]
        constraints = [models.UniqueConstraint(fields=["comment", "reporter_key"], name="a_reader_reports_once")]

    def __str__(self) -> str:
        return f"Report of comment {self.comment_id}: {self.reason}"
