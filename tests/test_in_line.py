"""Views that write, one after the other in a process where the database takes one writer at a time."""

import contextlib
import threading
from types import SimpleNamespace

import pytest
from django.db import connection

from storied.turns import alone_in_its_process


def both(view, requests):
    threads = [threading.Thread(target=view, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    return threads


@pytest.mark.django_db
def test_on_sqlite_one_follows_the_other_and_elsewhere_they_run_side_by_side(rf):
    inside, most = [], []
    together = threading.Barrier(2)

    @alone_in_its_process
    def view(request):
        inside.append(request)
        most.append(len(inside))
        # On SQLite nobody comes, however long one waits.
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(0.3 if connection.vendor == "sqlite" else 60)
        inside.remove(request)

    threads = both(view, [rf.post("/", {"a": "1"}) for _ in range(2)])
    for thread in threads:
        thread.join()
    assert max(most) == (1 if connection.vendor == "sqlite" else 2)


def test_a_slow_line_holds_up_nobody_else(rf, monkeypatch):
    monkeypatch.setattr("storied.turns.connection", SimpleNamespace(vendor="sqlite"))
    arrives = threading.Event()
    done = []

    class Slow:
        @property
        def POST(self):
            arrives.wait(120)
            return {}

    @alone_in_its_process
    def view(request):
        done.append(request)

    slow, quick = Slow(), rf.post("/", {"a": "1"})
    first, second = both(view, [slow, quick])
    second.join(60)
    assert done == [quick]
    arrives.set()
    first.join()
    assert done == [quick, slow]
