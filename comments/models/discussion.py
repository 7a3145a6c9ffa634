"""One post's discussion: whether it is open, and how much is in it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from comments.conf import Rules


class DiscussionQuerySet(models.QuerySet["Discussion"]):
    def of(self, post: Any) -> "Discussion":
        """The discussion of this post, made when the first one asks to write."""
        return self.get_or_create(post=post)[0]


class Discussion(models.Model):
    """Counts are of what everybody may see; `check_tree` recounts them."""

    post = models.OneToOneField("posts.Post", on_delete=models.CASCADE, related_name="discussion", primary_key=True)
    is_open = models.BooleanField("open for comments", default=True)
    comment_count = models.PositiveIntegerField(default=0, editable=False)
    linkback_count = models.PositiveIntegerField(default=0, editable=False)
    # Comments that were ever public, taken away or not: pages are cut along them.
    public_count = models.PositiveIntegerField(default=0, editable=False)
    slow_minutes = models.PositiveIntegerField(
        "minutes between two comments of one person", default=0, db_default=0, help_text="0: no slow mode"
    )

    objects = DiscussionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Discussion of {self.post}"

    @property
    def response_count(self) -> int:
        return self.comment_count + self.linkback_count

    def why_closed(self, rules: Rules) -> str:
        """Why nobody can write here, in words; empty while everybody can."""
        if not self.is_open:
            return "This discussion is closed."
        if not rules.discussions_are_open:
            return "Comments are closed on this site at the moment."
        closes_at = self.closes_at(rules)
        if closes_at is not None and closes_at < timezone.now():
            return f"This discussion was closed {rules.close_after_days} days after the article appeared."
        return ""

    def closes_at(self, rules: Rules) -> datetime | None:
        """When it closes, or has closed, by itself."""
        published = self.post.published_at
        return published + timedelta(days=rules.close_after_days) if rules.close_after_days and published else None
