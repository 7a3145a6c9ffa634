"""What was decided, by whom, and why: written once, never changed."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from .comment import Comment


class ModerationLogEntry(models.Model):
    """One change of one comment's status or place. No actor means Storied itself, by its rules."""

    comment = models.ForeignKey(Comment, null=True, on_delete=models.SET_NULL, related_name="log")
    comment_number = models.BigIntegerField(help_text="kept when the comment is purged")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="decisions")
    actor_name = models.CharField(max_length=100, blank=True, help_text="kept when the account goes")
    by_author = models.BooleanField(default=False)
    action = models.CharField(max_length=20)
    old = models.CharField(max_length=100, blank=True)
    new = models.CharField(max_length=100, blank=True)
    clause = models.CharField(max_length=50, blank=True)
    reason = models.TextField(blank=True, help_text="in words for the author")
    rules = models.JSONField(default=list, help_text="the house rules that fired")
    revision = models.PositiveIntegerField(default=1)
    batch = models.UUIDField(null=True, help_text="the same for all that one bulk decision did")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["comment", "-id"], name="history_of_a_comment"),
            models.Index(fields=["actor", "-id"], name="decisions_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.action} of comment {self.comment_number} by {self.actor_name or 'Storied'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            self.refuse_change()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.refuse_change()

    def refuse_change(self) -> NoReturn:
        raise TypeError("The moderation log is written once: an entry is neither changed nor deleted.")
