"""The worker: Django tasks from whichever queue is configured, with the clock beside it in the same process."""

import logging
from types import FrameType

from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task_backends
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.management.commands.db_worker import Worker as DatabaseWorker

from .clock import Clock, enqueue_what_is_due
from .regular import stopping

logger = logging.getLogger(__name__)

INTERVAL = 1.0  # seconds between two looks into an empty queue


def work(*, once: bool = False, parent: int | None = None) -> None:
    """Works until told to stop, or until the parent is gone; with `once`, does what is due now and returns."""
    logging.getLogger("django_tasks_db").setLevel(logging.WARNING)
    logging.getLogger("django_tasks").setLevel(logging.WARNING)
    stopping.clear()
    if once:
        enqueue_what_is_due()
    else:
        Clock(parent=parent).start()
    if isinstance(task_backends[DEFAULT_TASK_BACKEND_ALIAS], DatabaseBackend):
        _work_from_the_database(once=once)
    else:
        _work_from_valkey(once=once)


class _Worker(DatabaseWorker):
    """Lets the task in hand know that the process is to end."""

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        stopping.set()
        super().shutdown(signum, frame)


def _work_from_the_database(*, once: bool) -> None:
    worker = _Worker(
        queue_names=["*"], interval=INTERVAL, batch=once, backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False, max_tasks=None, worker_id=get_random_string(32), excluded_queue_names=[],
    )  # fmt: skip
    if not once:
        worker.configure_signals()
        logging.getLogger("django_tasks_db").setLevel(logging.ERROR)
    worker.run()


def _work_from_valkey(*, once: bool) -> None:
    # What needs a running server and an app of its own is looked for only where there is one.
    from django_rq.workers import get_worker
    from django_tasks_rq import Job
    from rq import SimpleWorker

    class Worker(SimpleWorker):
        def handle_warm_shutdown_request(self) -> None:
            stopping.set()
            super().handle_warm_shutdown_request()

    worker = get_worker("default", job_class=Job, worker_class=Worker)
    worker.work(burst=once, logging_level="WARNING")
