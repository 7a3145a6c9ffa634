"""That a reply greets somebody whose name was taken off: its writer is asked whether the greeting should go, too."""

from django.db import models
from django.utils import timezone

from .comment import Comment


class GreetingOffer(models.Model):
    """Stands until the reply's writer has said yes or no. `name` is the old one, which the reply has in its text."""

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, related_name="greeting_offer")
    about = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"About the greeting of comment {self.comment_id}"
