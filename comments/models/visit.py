"""What a member has seen of a discussion, so that what is new can be told from it, on every device."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Visit(models.Model):
    """A member's visits to one discussion. Written in `visits`.

    A row without a post says that this member wants nothing of the kind kept.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visits", db_index=False
    )
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    # As `seen.Seen` is written: what had been seen before this visit, and what was seen first in the course of it.
    before = models.TextField(default="", blank=True)
    during = models.TextField(default="", blank=True)
    # The comment far down at which they were last; none where they had come to the end, or never far.
    place = models.BigIntegerField(null=True)
    # When the visit before ended, and when the reader was last there.
    since = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "post"], name="one_visit_a_member_and_post"),
            models.UniqueConstraint(fields=["member"], condition=Q(post__isnull=True), name="one_wish_a_member"),
        ]
        indexes = [
            # An article that goes takes its visits along; old ones are forgotten.
            models.Index(fields=["post"], name="visits_of_a_post"),
            models.Index(fields=["last_at"], name="visits_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.member}'s visits to {self.post}"
