"""Whether this process may answer: its code has to find the tables that it was written for.

A worker of a new version that starts before its migrations have run says so in words instead of failing at every page;
one of an old version goes on beside newer tables, since migrations only add (CONTRIBUTING.md).
"""

import threading
import time

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

AGAIN = 2.0  # seconds between two looks for migrations that were missing

_lock = threading.Lock()
# Only a process that serves asks at all.
_asks = False
_looked_at = float("-inf")


def look_before_answering() -> None:
    """Called by a door (asgi.py, wsgi.py): requests are answered once the tables are there."""
    global _asks
    _asks = True


def look_now() -> None:
    """Looks before the first request comes, where a door may wait for the database."""
    is_ready()
    connection.close()


def is_ready() -> bool:
    """Whether every migration that this code knows has run; asked until it is so, and then never again.

    A database that does not answer is another trouble, of which the pages speak themselves.
    """
    global _asks, _looked_at
    if not _asks:
        return True
    with _lock:
        if not _asks or time.monotonic() < _looked_at + AGAIN:
            return not _asks
        try:
            ready = not missing_migrations()
        except DatabaseError:
            return True
        _looked_at = time.monotonic()
        _asks = not ready
        return ready


def missing_migrations() -> list[str]:
    """The migrations of this code that the database has not seen."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
