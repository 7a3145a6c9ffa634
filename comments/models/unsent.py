"""What a member has begun to write and not sent yet."""

from django.conf import settings
from django.db import models


class UnsentText(models.Model):
    """One member's text below one article, on all their devices; nobody else ever sees it. Written in `unsent`."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="+")
    # What it answers. When that goes, the text stays, and `is_answer` tells that it was to be one.
    is_answer = models.BooleanField()
    parent = models.ForeignKey("comments.Comment", null=True, on_delete=models.SET_NULL, related_name="+")
    body = models.TextField()
    # Which one it is, too: whoever saves says which one they know.
    saved_at = models.DateTimeField(db_index=True)
    # The opened page that saved it, by a random word of its own; empty where no script did.
    page = models.CharField(max_length=40, blank=True)
    # In milliseconds, up to when its saves have used up their time.
    busy_until = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "post"], name="one_unsent_text_a_member_and_post")]

    def __str__(self) -> str:
        # Wherever rows are listed, as before a deletion: not whose it is, and never what it says.
        return "A text that was not sent yet"

    @property
    def mark(self) -> str:
        """Tells this state of it from every other."""
        return self.saved_at.isoformat()
