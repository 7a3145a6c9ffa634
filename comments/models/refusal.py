"""Words for refusals that the owner has changed or added; the shipped ones stand in `moderation.refusals`."""

from django.conf import settings
from django.db import models


class RefusalTemplate(models.Model):
    """What a moderator may begin with when something is refused, for one reason."""

    key = models.SlugField(max_length=50, unique=True)
    title = models.CharField(max_length=100, help_text="what moderators choose by")
    words = models.TextField(max_length=2_000, help_text="what the author reads")
    clause = models.CharField(max_length=50, blank=True)
    # For somebody who is in a bad place: neither page nor mail says anything of rules.
    is_gentle = models.BooleanField(default=False)
    is_offered = models.BooleanField(default=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.title
