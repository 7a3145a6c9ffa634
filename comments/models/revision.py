"""What a comment said before it was edited."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .comment import Comment


class CommentRevision(models.Model):
    """The text of one earlier revision; the present one stands in the comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    body = models.TextField()
    body_format = models.CharField(max_length=10, choices=Comment.BodyFormat.choices)
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["comment", "number"], name="one_text_a_revision")]

    def __str__(self) -> str:
        return f"Revision {self.number} of comment {self.comment_id}"
