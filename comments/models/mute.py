"""That a member would rather not read, or not get mail about, what one person writes. Nobody else learns of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Mute(models.Model):
    """`whom` says in one word who it is, as far as this member can know: see `muting`. `name` is what stood there."""

    class Kind(models.TextChoices):
        FOLD = "fold", "Fold what they write, and send me no mail about it"
        MAIL = "mail", "Only send me no mail about it"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mutes", db_index=False)
    whom = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=100)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    guest_key = models.CharField(max_length=40, blank=True)
    # Where it holds there alone: a name used only below one article; a comment of which nobody can tell whose it is.
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey("comments.Comment", null=True, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "whom"], name="a_person_is_muted_once")]

    def __str__(self) -> str:
        return f"{self.name}, muted"
