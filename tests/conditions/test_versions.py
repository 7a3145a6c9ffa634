"""Two versions at once: neither serves the other's pages, and tables that are not there yet are said in words."""

import os
import shutil
import signal
import time

import pytest

from tests.hammer.server import ROOT, server

from .conftest import Reader

pytestmark = [pytest.mark.hammer, pytest.mark.once]

ADD = """
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
connection.cursor().execute("ALTER TABLE comments_comment ADD COLUMN of_a_later_version varchar(10) NULL")
MigrationRecorder(connection).record_applied("comments", "9999_something_of_a_later_version")
"""


@pytest.fixture(scope="module")
def old(machine):
    return machine()


@pytest.fixture
def another_version(tmp_path):
    """The code of a version whose articles end in other words."""
    root = tmp_path / "another-version"
    for name in ("storied", "posts", "comments", "templates", "static", "scripts"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", root)
    page = root / "templates/posts/detail.html"
    text = page.read_text()
    assert "{% discussion post %}" in text
    page.write_text(text.replace("{% discussion post %}", "<p>Another version.</p>{% discussion post %}"))
    return root


def test_each_version_serves_its_own_pages_and_hears_of_the_other_s_changes(old, database_url, another_version):
    # One machine: one folder, one board.
    own = {"STORIED_URL": old.address, "STORIED_VAR": old.environment["STORIED_VAR"], "CACHE_URL": ""}
    log = another_version / "logs"
    log.mkdir()
    with server(log, database_url, workers=2, root=another_version, **own) as new, Reader(old.address) as here:
        there = Reader(new.address)
        form = here.form()
        for number in range(10):
            text = f"Said to the old version: {number}."
            assert here.write(text, form)[0] == 302
            for _ in range(3):
                there.line.request("GET", there.article, headers={"Host": here.host})
                theirs = there.line.getresponse().read().decode()
                ours = here.read()[2]
                assert text in theirs
                assert text in ours
                assert "Another version." in theirs
                assert "Another version." not in ours
        there.line.close()


def test_an_old_worker_goes_on_beside_a_table_that_has_grown(old):
    old.manage("shell", "--no-imports", "-c", ADD)
    with Reader(old.address) as reader:
        for text in ("Beside a newer table.", "And by a worker that started beside it."):
            assert reader.write(text, reader.form())[0] == 302
            assert text in reader.read()[2]
            os.kill(old.workers()[0], signal.SIGKILL)
            time.sleep(1)
            reader.line.close()
        reader.get("/")


def test_a_new_worker_waits_for_its_tables_in_words_and_needs_no_restart(old, tmp_path, database_url):
    old.manage("migrate", "front", "zero")
    own = {"STORIED_VAR": old.environment["STORIED_VAR"], "CACHE_URL": ""}
    with server(tmp_path, database_url, workers=1, prepare=False, **own) as new, Reader(new.address) as reader:
        status, headers, page = reader.ask("GET", reader.article)
        assert status == 503
        assert "being brought up to date" in page
        assert "Traceback" not in page
        assert int(headers["Retry-After"]) > 0
        sent = {"body": "Sent a little early.", "name": "Ada"}
        status, _headers, page = reader.ask("POST", "/discussion/1/submit/", sent)
        assert status == 503
        assert "Sent a little early." in page
        assert reader.ask("GET", "/healthz")[0] == 200
        status, _headers, text = reader.ask("GET", "/readyz")
        assert status == 503
        assert "front.0001" in text
        old.manage("migrate")
        deadline = time.monotonic() + 60
        while reader.read()[0] != 200:
            assert time.monotonic() < deadline, reader.read()[2] + new.log.read_text()
            time.sleep(0.2)
        assert reader.ask("GET", "/readyz")[0] == 200
