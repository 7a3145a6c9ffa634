"""The table of what is done again and again: which task, how often, and whether there is anything to do."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

# Set when this process has been told to end.
stopping = threading.Event()


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Regular:
    """One line of the table. `is_needed` is asked before the task is enqueued, and should cost next to nothing.

    After `longest` a round that has not ended has lost its worker, and the next one begins without it.
    """

    name: str
    task: Any
    every: timedelta
    longest: timedelta
    is_needed: Callable[[], bool] = _always


REGULAR: dict[str, Regular] = {}


def regularly(
    task: Any,
    *,
    every: timedelta,
    longest: timedelta = timedelta(minutes=15),
    is_needed: Callable[[], bool] = _always,
) -> None:
    """Has the clock enqueue this task again and again."""
    REGULAR[task.module_path] = Regular(task.module_path, task, every, longest, is_needed)
