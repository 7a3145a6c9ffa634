"""The Commenting Guidelines in their versions, and who agreed to which."""

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from .comment import Comment


class GuidelineVersion(models.Model):
    """One published text of the guidelines; it never changes, since people have agreed to it."""

    number = models.PositiveIntegerField(unique=True)
    body = models.TextField(blank=True)
    body_html = models.TextField(blank=True)
    summary_of_change = models.TextField(blank=True)
    is_material = models.BooleanField(default=True)
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Commenting Guidelines, version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A published version of the guidelines is not changed; publish the next one.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("guidelines:version", args=[self.number])


class GuidelineClause(models.Model):
    """One clause; `key` is the same in every version that has it, so that decisions can name it."""

    version = models.ForeignKey(GuidelineVersion, on_delete=models.CASCADE, related_name="clauses")
    key = models.SlugField(max_length=50)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    short_point = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    body_html = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="a_clause_stands_once"),
            models.UniqueConstraint(fields=["version", "number"], name="a_clause_has_its_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class GuidelineAcceptance(models.Model):
    """That a comment's author agreed, to what, when, and by which words. Imported comments have none."""

    class Channel(models.TextChoices):
        FORM = "form", "The form under an article"
        EDIT = "edit", "An edit"

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="acceptance", primary_key=True)
    version = models.ForeignKey(GuidelineVersion, on_delete=models.PROTECT, related_name="acceptances")
    sentence = models.CharField(max_length=300)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.FORM)
    accepted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Comment {self.comment_id} agreed to {self.version_id}"
