"""Words that a moderator wants to see first, by language."""

from django.conf import settings
from django.db import models

from storied.front import SITE, Memo

_kept = Memo(most=2)


class WatchedWords(models.Model):
    """One list: a word or phrase a line, a * at the end of one stands for any ending."""

    class Action(models.TextChoices):
        HOLD = "hold", "Hold for a moderator"
        SPAM = "spam", "Set aside as spam"

    # Empty for any language; else a code such as "en", "de" or "tr".
    language = models.CharField(max_length=12, blank=True)
    action = models.CharField(max_length=10, choices=Action.choices)
    words = models.TextField(blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["language", "action"]
        constraints = [models.UniqueConstraint(fields=["language", "action"], name="one_list_a_language_and_action")]

    def __str__(self) -> str:
        return f"Watched words ({self.language or 'any language'}): {self.get_action_display()}"

    @classmethod
    def current(cls) -> tuple[tuple[str, str, str], ...]:
        """(language, action, words) of every list that has any."""
        return _kept.get("lists", (SITE,), cls._stored)

    @classmethod
    def _stored(cls) -> tuple[tuple[str, str, str], ...]:
        return tuple(cls.objects.exclude(words="").values_list("language", "action", "words"))
