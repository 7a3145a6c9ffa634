"""The clock: enqueues what is regular, once for all clocks that tick."""

import logging
import os
import signal
import threading
from datetime import datetime, timedelta

from django.db import connections
from django.utils import timezone
from django_tasks.exceptions import TaskResultDoesNotExist

from .models import Round
from .regular import REGULAR, Regular, stopping

logger = logging.getLogger(__name__)

TICK = 1.0  # seconds between two looks at the clock
_AHEAD = timedelta(minutes=1)  # clocks of machines that serve one site differ by less


def enqueue_what_is_due(*, now: datetime | None = None) -> list[str]:
    """Enqueues each regular task whose time has come, that is needed, and whose last round has ended; their names."""
    now = now or timezone.now()
    due = _due(now)
    return [regular.name for regular, last in due if regular.is_needed() and _begin(regular, last, now)]


def _due(now: datetime) -> list[tuple[Regular, Round]]:
    rounds = {last.name: last for last in Round.objects.all()}
    missing = [Round(name=name) for name in REGULAR if name not in rounds]
    if missing:
        Round.objects.bulk_create(missing, ignore_conflicts=True)
        rounds |= {last.name: last for last in missing}
    pairs = [(regular, rounds[name]) for name, regular in REGULAR.items()]
    return [(regular, last) for regular, last in pairs if last.at is None or _is_over(now - last.at, regular)]


def _is_over(since: timedelta, regular: Regular) -> bool:
    """Whether a round was so long ago; one that is yet to come was enqueued while the machine's clock was wrong."""
    return since >= regular.every or since < -_AHEAD


def _begin(regular: Regular, last: Round, now: datetime) -> bool:
    """Enqueues it, unless another clock was first or the last round is still at it."""
    if last.at is not None and abs(now - last.at) < regular.longest and _is_under_way(regular, last):
        return False
    if not Round.objects.filter(pk=last.pk, at=last.at).update(at=now):
        return False
    try:
        result = regular.task.enqueue()
    except Exception:
        Round.objects.filter(pk=last.pk, at=now).update(at=last.at)
        raise
    Round.objects.filter(pk=last.pk, at=now).update(result_id=result.id)
    return True


def _is_under_way(regular: Regular, last: Round) -> bool:
    if not last.result_id or not regular.task.get_backend().supports_get_result:
        return False
    try:
        return not regular.task.get_backend().get_result(last.result_id).is_finished
    except TaskResultDoesNotExist:
        return False


class Clock(threading.Thread):
    """Ticks beside a worker, until the process ends; with `parent`, it ends the process when that one is gone."""

    def __init__(self, *, parent: int | None = None) -> None:
        super().__init__(name="clock", daemon=True)
        self._parent = parent
        self._was_well = True

    def run(self) -> None:
        while not stopping.wait(TICK):
            if self._parent is not None and os.getppid() != self._parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return
            self._tick()

    def _tick(self) -> None:
        try:
            for connection in connections.all(initialized_only=True):
                connection.close_if_unusable_or_obsolete()
            enqueue_what_is_due()
            self._was_well = True
        except Exception:
            # The database or the queue is away for a while; once in the log is enough.
            if self._was_well:
                logger.exception("The clock could not enqueue what is regular; it goes on trying.")
            self._was_well = False
