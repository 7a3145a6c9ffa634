"""What the queue itself needs from time to time: finished tasks forgotten, tasks of dead workers ended."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from .regular import regularly

KEPT = timedelta(days=2)  # what went well; somebody may want to look
KEPT_FAILURES = timedelta(days=30)
LONGEST = timedelta(hours=2)  # no task of ours takes as long: its worker died


class WorkerDied(Exception):
    """The process that ran this task is gone."""


@task()
def tidy_the_queue() -> int:
    """Forgets finished tasks, and marks as failed those whose worker died; the number of rows touched."""
    now = timezone.now()
    lost = list(DBTaskResult.objects.running().filter(started_at__lt=now - LONGEST))
    for result in lost:
        result.set_failed(WorkerDied(f"started at {result.started_at}, never ended"))
    old = DBTaskResult.objects.successful().filter(finished_at__lt=now - KEPT).delete()[0]
    old += DBTaskResult.objects.failed().filter(finished_at__lt=now - KEPT_FAILURES).delete()[0]
    return len(lost) + old


regularly(tidy_the_queue, every=timedelta(hours=1), is_needed=DBTaskResult.objects.exists)
