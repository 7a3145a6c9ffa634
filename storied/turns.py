"""Waiting in line: for what has no row of its own that could be locked, and once more where the line broke."""

import hashlib
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, OperationalError, connection
from django.http import HttpRequest, HttpResponse

P, R = ParamSpec("P"), TypeVar("R")
# How often one begins anew, so that nobody is kept for ever.
TURNS = 5
# What PostgreSQL says of them: deadlock, serialization failure, lock not available.
_BROKEN_OFF_STATES = {"40P01", "40001", "55P03"}


class Overtaken(OperationalError):
    """While one waited for a lock, what one had read before was changed by whoever held it.

    Whoever went on from there would ask for the next lock while holding one that others ask for after it. So the
    transaction lets go of all that it holds, and the request is answered anew (`storied.middleware`).
    """


def was_broken_off(error: BaseException | None) -> bool:
    """Whether all that is wrong is that others wrote at the same moment: of two who waited for each other one gave way.

    All that was written in that transaction is undone, and it may be begun anew.
    """
    is_of_database = isinstance(error, DatabaseError)
    return isinstance(error, Overtaken) or (
        is_of_database and getattr(error.__cause__, "sqlstate", None) in _BROKEN_OFF_STATES
    )


def once_more(act: Callable[P, R]) -> Callable[P, R]:
    """Begins anew what was broken off; for what no request answers for, or no request should do all of again.

    Inside somebody's transaction it does nothing: that one is over as a whole, and whoever began it begins anew.
    """

    @wraps(act)
    def in_turns(*args: P.args, **kwargs: P.kwargs) -> R:
        for _turn in range(TURNS - 1):
            try:
                return act(*args, **kwargs)
            except DatabaseError as error:
                if connection.in_atomic_block or not was_broken_off(error):
                    raise
        return act(*args, **kwargs)

    return in_turns


def take_turn(what: str, *, side_by_side: bool = False) -> None:
    """Has others who want just this wait until the transaction ends, and waits for whoever was first.

    Those who go side by side wait for the others alone, and the others for them.
    On SQLite there is one writer at a time, from the beginning of a transaction to its end.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A turn lasts as long as a transaction, and there is none.")
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)
        kind = "_shared" if side_by_side else ""
        connection.prepared().execute(f"SELECT pg_advisory_xact_lock{kind}(%s)", [number])


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
