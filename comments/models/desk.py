"""What moderators tell each other of a comment while they work: who looks at it, and that it needs no reply."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from .comment import Comment

# Long enough to read a comment and its conversation; whoever is called away keeps nobody from it for longer.
CLAIM_HOLDS = timedelta(minutes=5)


class DeskClaimQuerySet(models.QuerySet["DeskClaim"]):
    def in_force(self) -> "DeskClaimQuerySet":
        return self.filter(at__gt=timezone.now() - CLAIM_HOLDS)


class DeskClaim(models.Model):
    """That a moderator is looking at a comment. It binds nobody, and ends by itself. Written in `moderation.claims`."""

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="desk_claim")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = DeskClaimQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.by} looks at comment {self.comment_id}"

    @property
    def is_in_force(self) -> bool:
        return timezone.now() - self.at < CLAIM_HOLDS


class ReplyMark(models.Model):
    """That a comment waits for no reply of the owner's although it has none. Written in `moderation.replies`."""

    class What(models.TextChoices):
        ELSEWHERE = "answered_elsewhere", "Answered elsewhere"
        NOT_NEEDED = "no_reply_needed", "No reply needed"

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="reply_mark")
    what = models.CharField(max_length=20, choices=What.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.get_what_display()}: comment {self.comment_id}"
