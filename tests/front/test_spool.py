"""A page is made once a machine: handed from process to process, and by nobody who died."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from storied.front import board, spool
from storied.front.spool import MadePage, Spool

from . import together

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
KEY = ("/a/", "", "localhost", "http", "")
PAGE = MadePage(((0, 3), (17, 4)), 1000.5, 2000.0, "200 OK", [("Content-Type", "text/html")], b"<p>\n\xc3\xa9")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def one(folder):
    one = Spool(folder, "this release")
    one.begin_anew()
    return one


def test_what_one_leaves_the_other_takes_as_it_was(one, folder):
    one.leave(KEY, PAGE)
    assert Spool(folder, "this release").take(KEY) == PAGE


def test_a_page_is_for_its_own_key_and_its_own_release(one, folder):
    one.leave(KEY, PAGE)
    assert one.take(("/a/", "", "localhost", "https", "")) is None
    assert Spool(folder, "another").take(KEY) is None


def test_two_pages_that_share_a_file_are_not_taken_for_each_other(one, monkeypatch):
    monkeypatch.setattr(spool, "_FILES", 1)
    other = ("/b/", *KEY[1:])
    one.leave(KEY, PAGE)
    assert one.take(other) is None
    one.leave(other, PAGE)
    assert one.take(KEY) is None
    assert one.take(other) == PAGE


@pytest.mark.parametrize("rest", [b"", b"{}", b"\n", b"[1]\n", b"\xff\xfe\n<p>"])
def test_what_is_no_page_is_nothing(one, rest):
    one.leave(KEY, PAGE)
    one._file(KEY).write_bytes(rest)
    assert one.take(KEY) is None


def test_half_a_page_is_nothing(one):
    one.leave(KEY, PAGE)
    whole = one._file(KEY).read_bytes()
    one._file(KEY).write_bytes(whole[:-1])
    assert one.take(KEY) is None


def test_a_server_that_starts_takes_nothing_from_the_one_before(one, folder):
    one.leave(KEY, PAGE)
    Spool(folder, "this release").begin_anew()
    assert one.take(KEY) is None


def test_where_nothing_can_be_left_pages_are_made_all_the_same(one, folder):
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    one.leave(KEY, PAGE)
    with one.turn(KEY):
        assert one.take(KEY) is None


def test_one_after_the_other_and_other_pages_beside_them(one, folder):
    held, beside, order = threading.Event(), threading.Event(), []

    def hold():
        with Spool(folder, "this release").turn(KEY):
            held.set()
            beside.wait(10)
            time.sleep(0.3)  # whoever does not wait for this one comes before it
            order.append("first")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with one.turn(("/b/", *KEY[1:])):
        order.append("beside")
    beside.set()
    with one.turn(KEY):
        order.append("second")
    thread.join()
    assert order == ["beside", "first", "second"]


def test_nobody_waits_for_ever(one, folder, monkeypatch):
    monkeypatch.setattr(spool, "WAIT", 0.1)
    with Spool(folder, "this release").turn(KEY), one.turn(KEY):
        pass


def test_whoever_dies_over_a_page_is_followed_by_the_next(one, folder):
    code = (
        f"from pathlib import Path; from storied.front.spool import Spool\n"
        f"with Spool(Path({str(folder)!r}), 'this release').turn({KEY!r}):\n    print('here', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"here\n"
        os.kill(other.pid, signal.SIGKILL)
        before = time.monotonic()
        with one.turn(KEY):
            assert time.monotonic() - before < spool.WAIT


@pytest.fixture
def processes(tmp_path):
    """Three processes of 34 readers each."""
    rendered = tmp_path / "rendered"
    rendered.touch()
    started = []
    environment = os.environ | {"STORIED_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "storied.settings"}
    for _ in range(3):
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.front.together", "34", str(rendered)],
                cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            )
        )  # fmt: skip
    for process in started:
        assert process.stdout.readline() == "ready\n"
    yield tmp_path, rendered, started
    for process in started:
        process.kill()
        process.communicate()


def test_a_hundred_readers_in_three_processes_at_the_moment_of_a_change_have_the_page_made_once(processes):
    folder, rendered, started = processes
    notices = board.Board(folder / "changes.board")
    for turn in range(1, 4):
        notices.end(board.SITE, notices.begin(board.SITE))
        for process in started:
            process.stdin.write("go\n")
        said = [process.stdout.readline().strip() for process in started]
        assert said == [f"{{'{turn}': 34}}"] * 3
        assert rendered.read_text() == "x" * turn


def test_if_the_one_who_makes_the_page_is_killed_another_makes_it(processes):
    folder, rendered, (first, *others) = processes
    notices = board.Board(folder / "changes.board")
    notices.end(board.SITE, notices.begin(board.SITE))
    hold = together.held(rendered)
    hold.touch()
    first.stdin.write("go\n")
    while not rendered.read_text():
        time.sleep(0.01)
    for process in others:
        process.stdin.write("go\n")
    first.kill()
    hold.unlink()
    assert [process.stdout.readline().strip() for process in others] == ["{'1': 34}"] * 2
    assert rendered.read_text() == "xx"
