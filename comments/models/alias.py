"""A name that a member uses only in one discussion."""

from typing import Any

from django.conf import settings
from django.db import models


class AliasManager(models.Manager["Alias"]):
    def name_of(self, user: Any, post_id: int) -> str:
        """The name that a member has taken there; empty where there is none."""
        return self.filter(post=post_id, user=user).values_list("name", flat=True).first() or ""

    def below(self, post_id: int) -> dict[int, str]:
        """All names of one discussion by the numbers of their accounts: for the server alone."""
        return dict(self.filter(post=post_id).values_list("user", "name"))


class Alias(models.Model):
    """One for each person and article, and nobody else's there. It is never changed, so that talk can refer to it."""

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=200)
    taken_at = models.DateTimeField(auto_now_add=True)

    objects = AliasManager()

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["post", "user"], name="one_alias_for_each_person_and_article"),
            models.UniqueConstraint(fields=["post", "name_key"], name="an_alias_is_one_persons_in_an_article"),
        ]

    def __str__(self) -> str:
        return self.name
