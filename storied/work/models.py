"""When each regular task was last enqueued: one clock for all processes and machines of an installation."""

from django.db import models


class Round(models.Model):
    """A regular task's last round. `result_id` is that of the task it became."""

    name = models.CharField(max_length=200, primary_key=True)
    at = models.DateTimeField(null=True)
    result_id = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
