"""What a member was offered as maybe their own, and said is not."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class NotMine(models.Model):
    """One member's word on one comment of a guest; nobody else learns of it. Written in `submission.claiming`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="+")
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "comment"], name="said_once_of_a_comment")]

    def __str__(self) -> str:
        return f"Comment {self.comment_id} is not {self.user}'s"
