"""The whole site behind a real nginx: what a writer was told is what everybody reads next, from files or not."""

import http.client
import os
import re
import signal
import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from storied.front.store import span_of
from tests import prepared
from tests.hammer.server import RULES, server
from tests.hammer.visitor import Gone, Visitor
from tests.ports import free_port

from . import nginx_here

pytestmark = [pytest.mark.hammer, pytest.mark.once]

ARTICLES = 8
# NGINX_ROUNDS=300 for thousands of changes.
ROUNDS = int(os.environ.get("NGINX_ROUNDS", "6"))
SET_UP = f"""
from django.core.management import call_command
from datetime import UTC, datetime
from posts.models import Post
from storied.accounts.models import User
call_command("person", "owner", "owner@example.org", "--name", "Olga", "--password", "a long pass phrase")
owner = User.objects.get(email="owner@example.org")
for n in range({ARTICLES}):
    Post.objects.create(author=owner, title=f"Article {{n}}", slug=f"article-{{n}}", body="Words. " * 50,
                        status="published", published_at=datetime(2026, 1, 15, tzinfo=UTC))
"""
MONTH = "2026/01"


class Site:
    """The address of nginx, and the server behind it."""

    def __init__(self, address, behind, store):
        self.address, self.behind, self.store = address, behind, store

    def ask(self, path, *, direct=False, method="GET", **sent):
        """(status, headers, body), from nginx or past it."""
        netloc = urlsplit(self.behind.address if direct else self.address).netloc
        with closing(http.client.HTTPConnection(netloc, timeout=60)) as line:
            names = {"Host": urlsplit(self.address).netloc}
            line.request(method, path, headers=names | {name.replace("_", "-"): value for name, value in sent.items()})
            answer = line.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()

    def is_stored(self, path):
        """Whether nginx can send this page without asking."""
        folders = (self.store / "live").glob("headers-*")
        return any((folder / path.strip("/") / "=" / f"{span_of(time.time())}.html").exists() for folder in folders)

    def read_until_stored(self, path):
        nginx_here.wait_for_a_whole_span(20)
        until = time.monotonic() + 60
        while not self.is_stored(path):
            assert time.monotonic() < until, self.behind.log.read_text()[-2000:]
            self.ask(path)
            time.sleep(0.05)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    nginx_here.need_nginx()
    folder = tmp_path_factory.mktemp("site")
    port = free_port()
    address, store = f"http://localhost:{port}", folder / "pages"
    settings = {
        "STORIED_URL": address, "STORIED_PAGE_STORE": str(store), "STORIED_TRUSTED_PROXIES": "1",
        "STORIED_RULES": f"{RULES},comments_a_page=1000",
    }  # fmt: skip
    prepared.put_migrated(folder / "site.sqlite3")
    with server(folder, f"sqlite:///{folder / 'site.sqlite3'}", workers=2, **settings) as behind:
        behind.manage("shell", "--no-imports", "-c", SET_UP)
        brotli = ["--brotli"] if nginx_here.has_brotli() else []
        upstream = urlsplit(behind.address).netloc.replace("localhost", "127.0.0.1")
        text = behind.manage("nginx_config", "--listen", f"127.0.0.1:{port}", "--upstream", upstream, *brotli)
        with nginx_here.nginx(folder / "nginx", port, text):
            yield Site(address, behind, store)


def address_of(article):
    return f"/{MONTH}/article-{article}/"


@pytest.mark.parametrize("accepted", ["identity", "gzip", "gzip, br"])
def test_nginx_says_what_storied_says(site, accepted):
    path = address_of(0)
    site.read_until_stored(path)
    status, theirs, body = site.ask(path, Accept_Encoding=accepted)
    # An nginx without brotli sends what it has, or asks Storied.
    accepted = theirs.get("content-encoding", "identity")
    _, ours, same = site.ask(path, direct=True, Accept_Encoding=accepted)
    assert (status, body) == (200, same)
    assert theirs.pop("server") == "nginx"
    for headers in (ours, theirs):
        for name in ("date", "connection", "server"):
            headers.pop(name, None)
        rules = headers.pop("content-security-policy").split(";")
        headers["rules"] = sorted(rule.strip() for rule in rules)  # each process has an order of its own
    assert theirs == ours
    for asked in ({"If_None_Match": theirs["etag"]}, {"If_Modified_Since": theirs["last-modified"]}):
        for direct in (True, False):
            status, again, body = site.ask(path, direct=direct, Accept_Encoding=accepted, **asked)
            assert (status, body, again["etag"]) == (304, b"", theirs["etag"])
    status, head, body = site.ask(path, method="HEAD", Accept_Encoding=accepted)
    assert (status, body, head["content-length"]) == (200, b"", theirs["content-length"])


@pytest.mark.parametrize(
    "path",
    [
        "{page}?comments=1", "{page}?comments=99", "{page}?replytocom=1", "{page}?", "/{page}", "{page}..", "{page}=",
        "{bare}", "{upper}", "/nothing/here/", "/%C3%A9/", "/%c3%a9/", "/feed/", "/search/?q=words",
        "/accounts/login/", "/healthz", "/robots.txt", "/guidelines/", "/?page=1", "/?page=2", "/x/../guidelines/",
    ],
)  # fmt: skip
def test_every_other_address_is_answered_as_without_nginx(site, path):
    page = address_of(1)
    path = path.format(page=page, bare=page[:-1], upper=page.upper())
    (status, ours, _), (same, theirs, _) = (site.ask(path, direct=direct) for direct in (True, False))
    assert same == status
    assert theirs.get("location") == ours.get("location")
    assert theirs.get("content-type") == ours.get("content-type")


def test_whoever_has_written_gets_a_page_of_their_own(site):
    path = address_of(1)
    site.read_until_stored(path)
    for cookie in ("storied_guest=x", "storied_session=x"):
        status, said, _body = site.ask(path, Cookie=cookie)
        assert (status, said["cache-control"]) == (200, "private, no-cache")


def test_a_form_comes_through_with_the_address_of_its_writer(site):
    with Visitor(site.address) as guest:
        assert submit(guest, site, 2, "A comment through nginx.")
    assert b"A comment through nginx." in site.ask(address_of(2))[2]


def submit(guest, site, article, text):
    """Writes a comment; whether it was acknowledged."""
    page = guest.get(address_of(article))
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)[1]
    post = re.search(r"/discussion/(\d+)/submit/", page)[1]
    version = re.search(r'name="guidelines_version"[^>]*value="([^"]*)"', page)[1]
    fields = {
        "name": "Guest", "email": "guest@example.org", "body": text, "parent": "", "guidelines_version": version,
        "stamp": stamp, "homepage": "",
    }  # fmt: skip
    try:
        status, _headers, said = guest.ask("POST", f"/discussion/{post}/submit/", fields)
    except Gone:
        return False
    assert status in {302, 502}, said[:2000]
    return status == 302


def test_the_next_read_after_a_change_shows_it_with_readers_about_and_a_worker_killed(site):
    """Each article in a thread of its own: written to while it lies stored, and read at once by somebody new."""
    stop, wrong, from_files = threading.Event(), [], []

    def read_all_the_time():
        while not stop.is_set():
            for article in range(ARTICLES):
                site.ask(address_of(article), Accept_Encoding="gzip")

    def write(article):
        path = address_of(article)
        with Visitor(site.address) as guest:
            for turn in range(ROUNDS):
                site.read_until_stored(path)
                text = f"Comment {article}-{turn}."
                was_stored = site.is_stored(path)
                if not submit(guest, site, article, text):
                    continue
                status, _headers, page = site.ask(path)
                while status == 502:  # whoever was to answer was killed over it
                    status, _headers, page = site.ask(path)
                if text.encode() not in page:
                    wrong.append((text, status))
                from_files.append(was_stored)

    readers = [threading.Thread(target=read_all_the_time) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(article,)) for article in range(ARTICLES)]
    for thread in [*readers, *writers]:
        thread.start()
    time.sleep(2)
    site.behind.kill_a_worker()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    assert wrong == []
    assert sum(from_files) > ARTICLES * ROUNDS / 2


def test_stored_pages_are_read_while_storied_does_not_answer(site):
    path = address_of(3)
    site.read_until_stored(path)
    workers = site.behind.workers()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        assert site.ask(path)[0] == 200
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
