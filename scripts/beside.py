"""`manage.py work` beside a web server: kept running, and ended with it."""

import os
import subprocess
import sys
import threading
import time
from types import TracebackType

from scripts import starting

SECONDS_TO_STOP = 15  # the mail in hand is finished first
LONGEST_WAIT = 60  # seconds before a worker that dies at once is started again


class WorkersBeside:
    """So many workers while the block lasts; one that dies is started again, later and later if it dies at once."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._ending = threading.Event()
        self._keepers: list[threading.Thread] = []
        self._workers: dict[int, subprocess.Popen] = {}

    def __enter__(self) -> "WorkersBeside":
        for place in range(self._number):
            keeper = threading.Thread(target=self._keep, args=(place,), name=f"worker {place}", daemon=True)
            self._keepers.append(keeper)
            keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Tells them, waits, and ends those that do not listen."""
        self._ending.set()
        for worker in list(self._workers.values()):
            worker.terminate()
        deadline = time.monotonic() + SECONDS_TO_STOP
        for keeper in self._keepers:
            keeper.join(max(0.1, deadline - time.monotonic()))
        for worker in list(self._workers.values()):
            if worker.poll() is None:
                worker.kill()
                worker.wait()

    def _keep(self, place: int) -> None:
        wait = 1.0
        while not self._ending.is_set():
            began = time.monotonic()
            worker = self._workers[place] = start()
            if self._ending.is_set():
                worker.terminate()
            code = worker.wait()
            if self._ending.is_set():
                return
            wait = 1.0 if time.monotonic() - began > LONGEST_WAIT else min(2 * wait, LONGEST_WAIT)
            starting.say(f"The worker ended with {code}; the next one starts in {wait:.0f} seconds.")
            self._ending.wait(wait)


def start() -> subprocess.Popen:
    """One worker, which also ends by itself when this process is gone."""
    command = [sys.executable, "manage.py", "work", "--with-parent", str(os.getpid())]
    # A group of its own: Ctrl-C reaches this process alone, which then tells the worker.
    return subprocess.Popen(command, cwd=starting.ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}, process_group=0)
