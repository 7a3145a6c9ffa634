"""Two machines on one database, with the board in Valkey: what one of them was told, the other shows."""

import os
import re
import signal
import threading
import time

import pytest
from django.utils.crypto import get_random_string

from tests.hammer.visitor import Gone

from .conftest import Reader, moderator

pytestmark = pytest.mark.hammer

DECISIONS = 200


@pytest.fixture(scope="module")
def machines(valkey_server, machine):
    return [machine(CACHE_URL=valkey_server.url) for _ in range(2)]


@pytest.fixture
def comment(machines):
    """(number, text) of a published comment."""
    text = f"Words to be seen or not: {get_random_string(8)}."
    with Reader(machines[0].address) as guest:
        status, headers, page = guest.write(text, guest.form())
        assert status == 302, page
        return int(re.search(r"(\d+)/?$", headers["Location"])[1]), text


class Watching(threading.Thread):
    """Reads on one machine all the time, so that its page is always kept."""

    def __init__(self, address):
        super().__init__()
        self.address, self.over, self.wrong, self.kept, self.reads = address, threading.Event(), [], 0, 0

    def run(self):
        with Reader(self.address) as reader:
            while not self.over.is_set():
                status, is_kept, _text = reader.read()
                self.reads += 1
                self.kept += is_kept
                if status != 200:
                    self.wrong.append(status)


def test_the_next_read_on_the_other_machine_shows_what_was_decided_here(machines, comment):
    (here, there), (pk, words) = machines, comment
    watching = Watching(there.address)
    watching.start()
    old = 0
    try:
        with moderator(here) as decide, Reader(there.address) as reader:
            for number in range(DECISIONS):
                decide("remove" if number % 2 == 0 else "restore", pk)
                _status, _kept, text = reader.read()
                old += (words in text) != (number % 2 == 1)
    finally:
        watching.over.set()
        watching.join()
    assert old == 0
    assert watching.wrong == []
    assert watching.kept > DECISIONS  # or nothing of this was put to the test


def test_valkey_stops_in_the_middle_and_an_empty_one_takes_its_place(machines, comment, valkey_server):
    (here, there), (pk, words) = machines, comment
    old = 0
    with moderator(here) as decide, Reader(there.address) as reader:

        def decide_and_read(times):
            nonlocal old
            for number in range(2 * times):
                decide("remove" if number % 2 == 0 else "restore", pk)
                status, _kept, text = reader.read()
                assert status == 200
                old += (words in text) != (number % 2 == 1)

        decide_and_read(5)
        assert reader.read()[1]
        valkey_server.stop()
        decide_and_read(10)
        assert not reader.read()[1]  # made anew each time
        valkey_server.start()
        decide_and_read(5)
        _wait_until_kept(reader)
        decide_and_read(5)
    assert old == 0


def test_a_writer_that_is_killed_leaves_no_page_behind_that_is_not_true(machines):
    here, there = machines
    killed_at = time.monotonic() + 4
    over = threading.Event()
    acknowledged = []

    def write(seed):
        with Reader(here.address) as guest:
            form = guest.form() | {"name": f"Guest {seed}"}
            for number in range(45):  # all of them fit on one page
                if over.wait(0.1):
                    return
                text = f"Comment {seed}-{number}."
                try:
                    status, _headers, page = guest.write(text, form)
                except Gone:
                    continue
                assert status == 302, page
                acknowledged.append(text)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    watching = Watching(there.address)
    for thread in (*writers, watching):
        thread.start()
    while time.monotonic() < killed_at:
        time.sleep(0.4)
        for worker in here.workers()[:1]:
            os.kill(worker, signal.SIGKILL)
    over.set()
    for thread in writers:
        thread.join()
    with Reader(there.address) as reader:
        _wait_until_kept(reader)
        text = reader.read()[2]
        assert [missing for missing in acknowledged if missing not in text] == []
        # Also what was stored and never acknowledged: the kept page is the page that would be made now.
        stored = set(re.findall(r"Comment \d+-\d+\.", here.manage("shell", "--no-imports", "-c", _ALL)))
        assert set(re.findall(r"Comment \d+-\d+\.", text)) == stored
    watching.over.set()
    watching.join()
    assert watching.wrong == []


_ALL = "from comments.models import Comment; print(list(Comment.objects.order_by('pk').values_list('body', flat=True)))"


def _wait_until_kept(reader):
    deadline = time.monotonic() + 60
    while not reader.read()[1]:
        assert time.monotonic() < deadline, "The page is not kept again."
        time.sleep(0.1)
