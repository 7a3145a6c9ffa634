"""Passages that a moderator took out of a comment, and the sealed copy of what stood there."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .comment import Comment


class RedactionQuerySet(models.QuerySet["Redaction"]):
    def in_force(self) -> "RedactionQuerySet":
        return self.filter(undone_at=None)


class Redaction(models.Model):
    """One passage removed from one comment. What it said is encrypted here until `sealed_until`, then gone."""

    class What(models.TextChoices):
        METHOD = "method detail", "Detail of a method"
        PERSONAL = "personal detail", "Personal detail"
        NAME = "name", "Name of a person"
        CONTACT = "contact detail", "Address, number or other contact detail"
        PLACE = "place", "Place"
        QUOTATION = "quotation", "Quotation"
        ADVERTISING = "advertising", "Advertising"
        WORDS = "words", "Words"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="redactions")
    what = models.CharField(max_length=20, choices=What.choices)
    clause = models.CharField(max_length=50, blank=True)
    # The number of the text that it made; a later one means that the author has edited it since.
    revision = models.PositiveIntegerField()
    sealed = models.TextField(blank=True, help_text="encrypted: the texts as they were; empty once that has expired")
    sealed_until = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_by_name = models.CharField(max_length=100, blank=True, help_text="kept when the account goes")
    made_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    objects = RedactionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["sealed_until"], condition=~Q(sealed=""), name="sealed_copies")]

    def __str__(self) -> str:
        return f"Redaction of comment {self.comment_id}: {self.what}"

    @property
    def is_in_force(self) -> bool:
        return self.undone_at is None
