"""What moderators did with people, lists, articles and roles: written once, never changed.

What they decide on comments stands in the moderation log.
"""

from typing import Any

from django.db import models
from django.utils import timezone

from .written_once import WrittenOnce


class DeskLogEntry(WrittenOnce):
    """One act. Who and whom are numbers and names, not links: they stay when an account goes."""

    refusal = "the desk's log is written once; an entry is neither changed nor deleted."

    actor_number = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=100, blank=True)
    action = models.CharField(max_length=30)
    # In a word: "account 12", "guest 3f…", "article 5", "comment 9".
    subject = models.CharField(max_length=80, blank=True)
    subject_name = models.CharField(max_length=300, blank=True)
    words = models.TextField(blank=True, help_text="for moderators")
    details = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject", "-id"], name="acts_on_a_subject")]

    def __str__(self) -> str:
        return f"{self.action}: {self.subject}"

    @classmethod
    def note(cls, actor: Any, action: str, subject: str = "", name: str = "", words: str = "", **details: Any) -> None:
        """Writes an entry, in the transaction of the act."""
        cls.objects.create(
            actor_number=actor.pk if actor else None, actor_name=actor.display_name if actor else "", action=action,
            subject=subject, subject_name=name[:300], words=words, details=details,
        )  # fmt: skip
