"""Stored pages sent by a real nginx: only what it should, and never what a change has taken away."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from storied.front import headers, nginx
from storied.front.store import Store, place_of, span_of
from tests.ports import free_port

from . import nginx_here, racing
from .racing import Race, race_with_kills

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
MADE = 1_700_000_000
PAGES = {
    ("/2026/11/a-title/", ""): b"<p>An article.",
    ("/2026/11/a-title/", "comments=2"): b"<p>Its second page.",
    ("/", ""): b"<p>The home page.",
    ("/2026/11/été/".encode().decode("latin-1"), ""): b"<p>Summer.",
}


class FrontDoor:
    """nginx with a store, and nobody behind it: 502 is what Storied would have been asked."""

    def __init__(self, port, store):
        self.port, self.store = port, store

    def ask(self, target, method="GET", **sent):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with closing(line):
            return self._ask(line, target, method, sent)

    def _ask(self, line, target, method, sent):
        line.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        names = {"Host": f"localhost:{self.port}"} | {name.replace("_", "-"): value for name, value in sent.items()}
        for name, value in names.items():
            if value is not None:
                line.putheader(name, value)
        line.endheaders()
        answer = line.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()

    def put(self, path, query, body, slot=17, span=None):
        files = {"": body, ".gz": b"gzip " + body, ".br": b"brotli! " + body}
        span = span_of(time.time()) if span is None else span
        assert self.store.put(place_of(path, query), slot, span, MADE, files, lambda: True)


@pytest.fixture(autouse=True)
def whole_span():
    nginx_here.wait_for_a_whole_span(5)


@pytest.fixture
def site(settings, tmp_path):
    """Settings of a site that nginx serves on a port of this machine; (port, folder of pages)."""
    port = free_port()
    settings.SITE_URL, settings.PAGE_STORE = f"http://localhost:{port}", str(tmp_path / "pages")
    settings.ALLOWED_HOSTS = ["localhost"]
    return port, tmp_path


@pytest.fixture
def door(site):
    port, folder = site
    store = Store(folder / "pages", headers.headers_mark, lambda: "release")
    store.begin_anew()
    # Nobody listens on the discard port.
    text = nginx.configuration(
        upstream="127.0.0.1:9", listen=f"127.0.0.1:{port}", brotli=nginx_here.has_brotli()
    )  # fmt: skip
    with nginx_here.nginx(folder / "nginx", port, text):
        door = FrontDoor(port, store)
        for (path, query), body in PAGES.items():
            door.put(path, query, body)
        yield door


ASKED_OF_STORIED = 502


@pytest.mark.parametrize(
    ("target", "page"),
    [
        ("/2026/11/a-title/", ("/2026/11/a-title/", "")),
        ("/2026/11/a-title/?comments=2", ("/2026/11/a-title/", "comments=2")),
        ("/", ("/", "")),
        ("/2026/11/%C3%A9t%C3%A9/", ("/2026/11/été/".encode().decode("latin-1"), "")),
    ],
)
def test_a_stored_page_is_sent_without_asking_in_the_encoding_that_is_taken(door, target, page):
    for accepted, before in (("", b""), ("gzip, deflate", b"gzip "), ("gzip, br", b"brotli! ")):
        if accepted.endswith("br") and not nginx_here.has_brotli():
            before = b"gzip "
        status, said, body = door.ask(target, Accept_Encoding=accepted)
        assert (status, body) == (200, before + PAGES[page])
        assert said.get("content-encoding") == {b"": None, b"gzip ": "gzip", b"brotli! ": "br"}[before]
        assert int(said["content-length"]) == len(body)


def test_its_headers_are_those_of_storied(door):
    _status, said, _body = door.ask("/2026/11/a-title/")
    told = headers.page_headers()
    assert {name.lower(): value for name, value in told}.items() <= said.items()
    own = {"server", "date", "connection", "content-length", "etag", "last-modified"}
    assert set(said) - own == {name.lower() for name, _value in told}
    assert said["cache-control"] == "public, no-cache"
    assert "default-src 'none'" in said["content-security-policy"]


def test_head_gets_the_headers_alone(door):
    page = door.ask("/2026/11/a-title/")
    status, said, body = door.ask("/2026/11/a-title/", "HEAD")
    assert (status, body) == (200, b"")
    assert said["content-length"] == page[1]["content-length"]


def test_what_has_not_changed_is_a_304_by_etag_and_by_date(door):
    _status, said, _body = door.ask("/2026/11/a-title/", Accept_Encoding="gzip")
    for asked in ({"If_None_Match": said["etag"]}, {"If_Modified_Since": said["last-modified"]}):
        status, again, body = door.ask("/2026/11/a-title/", Accept_Encoding="gzip", **asked)
        assert (status, body) == (304, b"")
        assert again["etag"] == said["etag"]
    assert door.ask("/2026/11/a-title/", If_None_Match=said["etag"])[0] == 200  # that one was zipped
    assert door.ask("/2026/11/a-title/", If_None_Match='"another"')[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"Cookie": "storied_session=abc"}, {"Cookie": "storied_guest=abc"}, {"Cookie": "a=b; storied_guest=x"},
        {"Host": "localhost"}, {"Host": "evil.example"}, {"Host": "LOCALHOST:{port}"}, {"Host": "localhost:{port}."},
        {"Host": "../localhost:{port}"},
    ],
)  # fmt: skip
def test_whoever_is_known_and_whoever_asks_somebody_else_is_sent_on(door, sent):
    sent = {name: value.format(port=door.port) for name, value in sent.items()}
    assert door.ask("/2026/11/a-title/", **sent)[0] in {ASKED_OF_STORIED, 400}


def test_another_cookie_makes_nobody_known(door):
    assert door.ask("/2026/11/a-title/", Cookie="theme=dark")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "PURGE"])
def test_whatever_is_no_reading_is_sent_on(door, method):
    assert door.ask("/2026/11/a-title/", method)[0] in {ASKED_OF_STORIED, 400}


@pytest.mark.parametrize(
    "target",
    [
        "/2026/11/a-title", "/2026/11/A-title/", "//2026/11/a-title/", "/2026//11/a-title/", "/2026/11/a-title//",
        "/x/../2026/11/a-title/", "/./2026/11/a-title/", "/2026/11/a-title/.", "/2026/11/a-title/..",
        "/2026%2F11/a-title/", "/2026/11/%61-title/", "/2026/11/a-title/%00", "/2026/11/a-title/%2e%2e/",
        "/2026/11/%c3%a9t%c3%a9/", "/2026/11/été/".encode().decode("latin-1"),
        "/2026/11/a-title/?", "/2026/11/a-title/?comments=", "/2026/11/a-title/?comments=2&page=1",
        "/2026/11/a-title/?page=1&comments=2", "/2026/11/a-title/?q=x", "/2026/11/a-title/?comments=2#x",
        "/2026/11/a-title/?comments=2%20", "/2026/11/a-title/?COMMENTS=2", "/2026/11/a-title/?comments=0000002",
        "/2026/11/a-title/=", "/2026/11/a-title/=/", "/2026/11/a-title/=/{span}.html", "/17/", "/live/", "/release",
        "/../release", "/headers-x/", "/2026/", f"/{'a' * 300}/", "/a/" * 1500, "/2026/11/a-title/;x/", "/2026/11/*/",
        "/2026/11/a-title/?comments=2 x", "http://localhost/2026/11/a-title/x/", "*", "/.git/",
    ],
)  # fmt: skip
def test_hostile_and_odd_addresses_find_no_page(door, target):
    target = target.replace("{span}", str(span_of(time.time())))
    # As it is, since Python's client refuses some of these.
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as line:
        head = f"GET {target} HTTP/1.1\r\nHost: localhost:{door.port}\r\nConnection: close\r\n\r\n"
        line.sendall(head.encode("latin-1"))
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    assert int(answer.split(b" ", 2)[1]) in {ASKED_OF_STORIED, 400, 404, 405, 414}
    assert b"<p>" not in answer


def test_parts_of_pages_are_not_sent(door):
    status, said, body = door.ask("/2026/11/a-title/", Range="bytes=0-3")
    assert (status, body) == (200, PAGES["/2026/11/a-title/", ""])
    assert "accept-ranges" not in said


def test_pages_of_another_span_are_not_sent(door):
    now = span_of(time.time())
    for path, span in (("/before/", now - 1), ("/after/", now + 2)):
        door.put(path, "", b"<p>Not now.", span=span)
        assert door.ask(path)[0] == ASKED_OF_STORIED


@pytest.mark.parametrize("slot", [17, 0])
def test_the_next_read_after_a_change_is_sent_on(door, slot):
    assert door.ask("/2026/11/a-title/")[0] == 200
    door.store.withdraw(slot)
    assert door.ask("/2026/11/a-title/")[0] == ASKED_OF_STORIED


def test_a_configuration_for_other_headers_finds_nothing(door):
    other = Store(door.store.folder, lambda: "others", lambda: "release")
    door.store.withdraw(0)
    assert other.put("/=", 0, span_of(time.time()), MADE, {"": b"<p>Home"}, lambda: True)
    assert door.ask("/")[0] == ASKED_OF_STORIED


def test_whoever_is_killed_nginx_sends_no_page_older_than_what_was_acknowledged(site, monkeypatch):
    port, folder = site
    monkeypatch.setattr(nginx, "headers_mark", lambda: racing.MARK)
    Race.prepare(folder)
    text = nginx.configuration(upstream="127.0.0.1:9", listen=f"127.0.0.1:{port}")
    with nginx_here.nginx(folder / "nginx", port, text):
        seen, old = race_with_kills(folder, 5, port)
        assert (folder / "acknowledged").read_bytes() != bytes(8)
    assert old == 0
    assert seen > 100


# --- The command --------------------------------------------------------------------------------------------


def test_the_configuration_of_a_public_site_speaks_tls_and_sends_http_there(tmp_path):
    text = configured(tmp_path, STORIED_URL="https://blog.example.org", STORIED_BEHIND_TLS_PROXY="1")
    assert "listen 443 ssl" in text
    assert "return 301 https://$host$request_uri;" in text
    assert "Strict-Transport-Security" in text
    assert r"https://blog\.example\.org(?<storied_path>" in text
    assert "__Host\\-storied_session" in text
    assert "«" not in text


def test_two_processes_agree_on_the_name_of_the_headers(tmp_path):
    texts = {configured(tmp_path, PYTHONHASHSEED=seed) for seed in ("1", "2", "3")}
    assert len(texts) == 1


def test_without_a_store_there_is_nothing_to_configure(settings):
    settings.PAGE_STORE = ""
    with pytest.raises(CommandError, match="STORIED_PAGE_STORE is empty"):
        call_command("nginx_config")


def test_a_header_that_nginx_cannot_send_is_refused(settings, site, monkeypatch):
    monkeypatch.setattr(nginx, "page_headers", lambda: [("Content-Type", "text/html"), ("X-Odd", "a $ b")])
    with pytest.raises(CommandError, match="dollar"):
        call_command("nginx_config")


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({"STORIED_PAGE_STORE": "pages"}, "front.E001"),
        ({"STORIED_KEEP_PAGES": "off"}, "front.E002"),
        ({"CACHE_URL": "redis://127.0.0.1:1/0"}, "front.E003"),
    ],
)
def test_settings_that_do_not_go_with_a_store_are_refused_in_words(tmp_path, changes, known):
    outcome = manage(tmp_path, "check", **changes)
    assert outcome.returncode != 0
    assert known in outcome.stderr


def configured(folder, **changes):
    outcome = manage(folder, "nginx_config", **changes)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def manage(folder, *arguments, **changes):
    (folder / "static").mkdir(exist_ok=True)
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {
        "STORIED_ENV_FILE": "", "STORIED_VAR": str(folder), "STORIED_URL": "http://localhost:8000",
        "STORIED_SECRET_KEY": json.dumps("a key for tests alone, that signs nothing"),
        "STORIED_PAGE_STORE": "/run/storied/pages",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=inherited | own | changes,
        capture_output=True,
        text=True,
    )
