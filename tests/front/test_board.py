"""The board: what holds, what is under way, and what the dead leave behind."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from storied.front.board import Board

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "board"


def test_what_was_kept_holds_until_a_change_is_done(path):
    board = Board(path)
    done = board.settled(5)
    assert board.holds(5, done)
    handle = board.begin(5)
    assert board.settled(5) is None
    assert board.holds(5, done)  # nobody has been told of the change yet
    board.end(5, handle)
    assert not board.holds(5, done)
    assert board.settled(5) == done + 1


def test_other_slots_are_left_alone(path):
    board = Board(path)
    done = board.settled(6)
    board.end(5, board.begin(5))
    assert board.holds(6, done)


def test_two_changes_at_once_are_both_waited_for(path):
    board = Board(path)
    first, second = board.begin(5), board.begin(5)
    board.end(5, first)
    assert board.settled(5) is None
    board.end(5, second)
    assert board.settled(5) is not None


def test_another_process_sees_a_change_at_once(path):
    board = Board(path)
    done = board.settled(7)
    code = f"from pathlib import Path; from storied.front.board import Board; b = Board(Path({str(path)!r}))"
    subprocess.run([sys.executable, "-c", f"{code}; b.end(7, b.begin(7))"], cwd=ROOT, check=True)
    assert not board.holds(7, done)


def test_what_a_killed_process_left_under_way_no_longer_holds(path):
    board = Board(path)
    done = board.settled(8)
    code = f"from pathlib import Path; from storied.front.board import Board; b = Board(Path({str(path)!r}))"
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; b.begin(8); print('begun', flush=True); input()"],
        cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == b"begun\n"
        assert board.holds(8, done)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert not board.holds(8, done)
        assert board.settled(8) is not None


def test_threads_count_every_change(path):
    board = Board(path)
    start = board.settled(9)

    def change():
        for _ in range(200):
            board.end(9, board.begin(9))

    threads = [threading.Thread(target=change) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert board.settled(9) == start + 800
