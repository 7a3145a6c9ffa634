"""Waiting in line for what has no row of its own that could be locked: a name, a guest, or a process."""

import hashlib
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse


class Overtaken(OperationalError):
    """While one waited for a lock, what one had read before was changed by whoever held it.

    Whoever went on from there would ask for the next lock while holding one that others ask for after it. So the
    transaction lets go of all that it holds, and the request is answered anew (`storied.middleware`).
    """


def take_turn(what: str) -> None:
    """Has others who want just this wait until the transaction ends, and waits for whoever was first.

    On SQLite there is one writer at a time, from the beginning of a transaction to its end.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A turn lasts as long as a transaction, and there is none.")
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def alone_in_its_process(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Has a view that writes run once at a time in each process, on SQLite.

    There one writer follows another anyway, and the threads that wait would take Python away from the one that holds
    the database: eight clients at once are answered a fifth faster. On PostgreSQL they write side by side.
    """
    lock = threading.Lock()

    @wraps(view)
    def in_line(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if connection.vendor != "sqlite":
            return view(request, *args, **kwargs)
        # What comes over a slow line is read before, so that it holds up nobody else.
        request.POST  # noqa: B018
        with lock:
            return view(request, *args, **kwargs)

    return in_line
