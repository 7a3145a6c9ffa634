"""Several people who do something in the same moment, and what that does to one of them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connection, connections

from storied import rows
from storied.turns import Overtaken


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned, or the exception it ended in, from threads that begin together."""
    gate, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            outcomes[place] = act()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return outcomes


def begun_by_two(act: Callable[..., Any]) -> Callable[..., Any]:
    """The act, which nobody begins before another thread is about to begin it, too."""
    gate = threading.Barrier(2)

    def wait_and_act(*what: Any, **how: Any) -> Any:
        gate.wait(30)
        return act(*what, **how)

    return wait_and_act


def answered_to_two(act: Callable[..., Any]) -> Callable[..., Any]:
    """The act, which gives nobody an answer before another thread has its own; but whoever has to wait for the first
    does not come."""
    gate = threading.Barrier(2)

    def act_and_wait(*what: Any, **how: Any) -> Any:
        answer = act(*what, **how)
        with suppress(threading.BrokenBarrierError):
            gate.wait(2)
        return answer

    return act_and_wait


def until_somebody_waits() -> None:
    """On PostgreSQL: another connection waits for a lock."""
    _until("wait_event_type = 'Lock'")


def until_somebody_writes() -> None:
    """On PostgreSQL: another connection is in a transaction that has written, or locked, something."""
    _until("backend_xid IS NOT NULL")


def _until(seen: str) -> None:
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    end = time.monotonic() + 60
    while not rows.fetch(f"SELECT 1 FROM pg_stat_activity WHERE {others} AND {seen} LIMIT 1"):
        assert time.monotonic() < end, seen
        time.sleep(0.01)
        # Else a transaction goes on seeing what it saw first.
        rows.fetch("SELECT pg_stat_clear_snapshot()")


@contextmanager
def broken_off_once(at: str, *, after: int = 0) -> Iterator[None]:
    """Breaks off at a statement with these words in it, after so many of them, as the database does one of two."""
    turns = 0

    def look(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        nonlocal turns
        if at in statement:
            turns += 1
            if turns == after + 1:
                raise Overtaken(at)
        return execute(statement, *rest)

    with connection.execute_wrapper(look):
        yield
    assert turns > after + 1, f"{at}: never begun anew"
