"""Stored pages: where they lie, who may store them, and that none outlives a change, whoever is killed."""

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from storied.front import store as stores
from storied.front.board import SITE
from storied.front.store import SPAN, Store, place_of, span_of

from . import racing
from .racing import Race, race_with_kills

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
FILES = {"": b"<p>plain", ".gz": b"zipped", ".br": b"br"}
MADE = 1_700_000_000


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "pages", lambda: "abc", lambda: "this release")
    store.begin_anew()
    return store


def put(store, place="/2026/11/a-title/=", slot=17, span=5, files=FILES, holds=lambda: True):
    return store.put(place, slot, span, MADE, files, holds)


def found(store, place="/2026/11/a-title/=", span=5, ending=""):
    path = store.folder / "live" / f"headers-abc{place}" / f"{span}.html{ending}"
    return path.read_bytes() if path.exists() else None


# --- Addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "place"),
    [
        ("/", "", "/="),
        ("/2026/11/a-title/", "", "/2026/11/a-title/="),
        ("/2026/11/a-title/", "comments=2", "/2026/11/a-title/=comments=2"),
        ("/", "page=12", "/=page=12"),
        # As a WSGI server hands over what the browser wrote as %C3%A9t%C3%A9.
        ("/2026/11/été/".encode().decode("latin-1"), "", "/2026/11/%C3%A9t%C3%A9/="),
    ],
)
def test_an_address_has_a_place_by_the_words_that_the_browser_writes(path, query, place):
    assert place_of(path, query) == place


@pytest.mark.parametrize(
    "path",
    [
        "", "about", "/about", "//", "//evil.example/", "/a//b/", "/./", "/../", "/a/../../etc/", "/a/..", "/.git/",
        "/a b/", "/a\0/", "/a\n/", "/a%2F/", "/a\\/", "/a=/", "/~a/", "/a:b/", "/page.html", "/é/Ā/", "/*/", "/$a/",
        "/'/",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_has_none(path):
    assert place_of(path, "") is None


@pytest.mark.parametrize(
    "query", ["comments=", "page=1234567", "comments=1&page=2", "page=1/../", "q=1", "page=1\n", "Page=1"]
)
def test_nor_has_another_question(query):
    assert place_of("/", query) is None


def test_letters_of_another_size_are_another_address():
    assert place_of("/About/", "") != place_of("/about/", "")


def test_a_very_long_address_is_refused_by_the_file_system_and_leaves_the_rest_alone(store):
    with pytest.raises(OSError, match="too long"):
        put(store, place=place_of(f"/{'a' * 300}/", ""))
    assert put(store)


# --- One page -----------------------------------------------------------------------------------------------


def test_a_page_lies_where_its_address_leads_in_each_encoding_with_its_date(store):
    assert put(store)
    for ending, content in FILES.items():
        assert found(store, ending=ending) == content
    path = store.folder / "live/headers-abc/2026/11/a-title/=/5.html.gz"
    assert path.stat().st_mtime == MADE
    assert found(store, place="/2026/11/a-title/=comments=2") is None


def test_a_page_of_the_site_lies_beside_those_below_it(store):
    assert put(store, place="/=", slot=SITE)
    assert put(store, place="/2026/=", slot=1)
    assert put(store, place="/2026/=page=2", slot=1)
    assert found(store, place="/=") == found(store, place="/2026/=") == found(store, place="/2026/=page=2")


def test_a_change_takes_away_what_is_made_of_it_and_nothing_else(store):
    put(store)
    put(store, place="/other/=", slot=18)
    store.withdraw(17)
    assert found(store) is None
    assert found(store, place="/other/=")
    store.withdraw(SITE)
    assert found(store, place="/other/=") is None
    assert put(store)
    assert found(store)


def test_what_is_not_there_can_be_taken_away_too(tmp_path):
    Store(tmp_path / "never", lambda: "", lambda: "").withdraw(17)
    Store(tmp_path / "never", lambda: "", lambda: "").withdraw(SITE)


def test_nothing_is_stored_that_does_not_hold(store):
    assert not put(store, holds=lambda: False)
    assert found(store) is None


@pytest.mark.parametrize("slot", [17, SITE])
def test_who_looked_before_a_change_began_stores_into_what_the_change_takes_away(store, slot):
    def look_and_then_a_writer_begins():
        store.withdraw(slot)
        return True

    assert put(store, holds=look_and_then_a_writer_begins)
    assert found(store) is None


def test_the_page_of_another_slot_at_the_same_address_replaces_it(store):
    put(store, slot=17)
    store.withdraw(SITE)
    put(store, slot=18, files={"": b"another article"})
    assert found(store) == b"another article"


def test_the_file_of_a_past_span_is_gone_with_the_next_one(store):
    put(store, span=5)
    put(store, span=6)
    assert found(store, span=5) is None
    assert found(store, span=6)


def test_what_a_killed_renderer_left_is_swept_with_the_next_page(store):
    put(store)
    page = (store.folder / "live/headers-abc/2026/11/a-title/=").resolve()
    (page / ".half a page").write_bytes(b"<p>pl")
    put(store)
    assert {path.name for path in page.iterdir()} == {"5.html", "5.html.gz", "5.html.br"}


def test_what_was_taken_away_is_removed_with_the_next_page(store):
    for _ in range(3):
        put(store)
        store.withdraw(17)
    put(store)
    assert {path.name for path in store.folder.iterdir()} == {"live", "release"}


def test_a_web_server_that_is_somebody_else_can_read_it_whatever_the_mask(store):
    mask = os.umask(0o077)
    try:
        put(store)
    finally:
        os.umask(mask)
    for folder, _folders, files in os.walk(store.folder / "live", followlinks=True):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o755
        assert all(stat.S_IMODE(os.stat(f"{folder}/{file}").st_mode) == 0o644 for file in files)


# --- Processes of another release ---------------------------------------------------------------------------


def test_a_server_that_starts_takes_all_away_and_one_that_runs_something_else_stores_nothing_more(store):
    put(store)
    newer = Store(store.folder, lambda: "abc", lambda: "the next release")
    newer.begin_anew()
    assert found(store) is None
    assert not put(store)
    assert put(newer)
    newer.withdraw(17)
    assert found(store) is None


# --- Disks --------------------------------------------------------------------------------------------------


def test_a_disk_that_is_nearly_full_is_left_alone(store, monkeypatch):
    facts = list(os.statvfs(store.folder))
    facts[4] = facts[2] // 20
    monkeypatch.setattr(stores.os, "statvfs", lambda _path: os.statvfs_result(facts))
    assert not put(store)


def test_on_a_full_disk_that_refuses_another_name_pages_are_removed_at_once(store, monkeypatch):
    put(store)

    def no_room(_self, _target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "rename", no_room)
    store.withdraw(17)
    assert found(store) is None


def test_a_change_whose_pages_cannot_be_taken_away_is_refused(store, monkeypatch):
    put(store)

    def not_mine(_self, _target):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "rename", not_mine)
    with pytest.raises(PermissionError):
        store.withdraw(17)


# --- Races --------------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path):
    Race.prepare(tmp_path)
    return tmp_path


def test_more_than_a_thousand_changes_and_no_page_is_older_than_what_was_acknowledged(course):
    stop, old, stored, seen = threading.Event(), [], [], []

    def render():
        race = Race(course)
        while not stop.is_set():
            if race.render():
                stored.append(1)

    def read():
        race = Race(course)
        while not stop.is_set():
            known = race.acknowledged()
            number = race.read()
            if number is not None:
                seen.append(number)
                if number < known:
                    old.append((number, known))

    threads = [threading.Thread(target=work) for work in (render, render, read)]
    for thread in threads:
        thread.start()
    race = Race(course)
    for turn in range(1_100):
        acknowledged = race.write(SITE if turn % 10 == 0 else racing.SLOT)
        number = race.read()
        if number is not None and number < acknowledged:
            old.append((number, acknowledged))
        time.sleep(random.random() * 0.002)
    stop.set()
    for thread in threads:
        thread.join()
    assert old == []
    assert len(stored) > 100
    assert len(seen) > 100


def test_whoever_is_killed_no_page_is_older_than_what_was_acknowledged(course):
    seen, old = race_with_kills(course, 6)
    assert old == 0
    assert seen > 100
    # What the last of the dead left open is closed, and pages are stored again.
    race = Race(course)
    deadline = time.monotonic() + 20
    while not race.render():
        assert time.monotonic() < deadline
    assert race.read() == int(race.database.read_text())


@pytest.mark.parametrize("step", ["begun", "withdrawn", "committed"])
def test_a_writer_killed_at_any_step_leaves_no_page_of_before_for_whoever_looks_next(course, step):
    race = Race(course)
    assert race.render()
    lines = [
        "from tests.front.racing import *", f"race = Race(Path({str(course)!r}))", "handle = race.board.begin(SLOT)",
        "race.store.withdraw(SLOT)", "race.database.write_text('1')",
    ]  # fmt: skip
    done = lines[: {"begun": 3, "withdrawn": 4, "committed": 5}[step]]
    code = "\n".join([*done, "print('here', flush=True)", "input()"])
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"here\n"
        assert race.read() == (0 if step == "begun" else None)
        assert not race.render()  # a change is under way
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert race.read() == (0 if step == "begun" else None)  # nothing was committed, or nothing is there
    while not race.render():
        pass
    assert race.read() == (1 if step == "committed" else 0)


# --- Spans --------------------------------------------------------------------------------------------------


def test_a_span_is_the_clock_without_its_last_three_digits():
    assert span_of(1_795_471_999.9) == 1_795_471
    assert span_of(1_795_472_000.0) == 1_795_472
    assert SPAN == 1000
