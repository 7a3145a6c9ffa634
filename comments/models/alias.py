"""A name that a member uses only in one discussion."""

from django.conf import settings
from django.db import models


class Alias(models.Model):
    """One for each person and article, and nobody else's there. It is never changed, so that talk can refer to it."""

    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=200)
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["post", "user"], name="one_alias_for_each_person_and_article"),
            models.UniqueConstraint(fields=["post", "name_key"], name="an_alias_is_one_persons_in_an_article"),
        ]

    def __str__(self) -> str:
        return self.name
