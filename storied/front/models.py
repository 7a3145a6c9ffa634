"""What the board could not be told, in the one place that every writer reaches."""

from django.db import models


class UntoldChange(models.Model):
    """A change of which the board in Valkey was not told: nothing kept before it may be served. See `valkey`."""

    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"untold change of {self.made_at:%Y-%m-%d %H:%M:%S}"
