"""Kept pages, answered before Django is asked: for readers without a session, all of whom get the same bytes.

A view says that its page may be kept by `keep(request, response, …)`. What is kept is compared with the board at
each request, so it is never out of date; browsers and proxies may keep it too, and ask again each time (a 304 costs
next to nothing).
"""

import gzip
import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .board import SITE, Board, board

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_LARGEST = 4_000_000  # bytes of one page as it is sent uncompressed
_ALL_TOGETHER = 48_000_000  # bytes kept in one process, in all encodings
# Seconds. A form in a kept page carries a stamp of the time when it was made, and is good for hours from then.
_AT_MOST = 6 * 3600
_PLAIN_QUERY = re.compile(r"(?:(?:comments|page)=[0-9]{1,6})?\Z")
_WAIT = 20  # seconds for somebody else who is making the same page


def is_for_everybody(request: HttpRequest) -> bool:
    """Whether whoever asks has no session and never wrote: then the page is the same for all."""
    return not (settings.SESSION_COOKIE_NAME in request.COOKIES or settings.GUEST_COOKIE_NAME in request.COOKIES)


def has_no_session(request: HttpRequest) -> bool:
    """Whether what stands around a discussion is the same for whoever asks as for everybody else."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES


def not_beyond(request: HttpRequest, moment: datetime | None) -> None:
    """Says that what is being made changes by itself at that moment, if it is still to come."""
    if moment is not None and moment > datetime.now(UTC):
        before = getattr(request, "_storied_until", moment)
        request._storied_until = min(before, moment)


def keep(request: HttpRequest, response: HttpResponse, *slots: int) -> HttpResponse:
    """Allows an answer to be kept while the site and these slots hold; caches of others have to ask each time.

    The page of somebody known is theirs alone.
    """
    response["Vary"] = "Accept-Encoding, Cookie"
    if not is_for_everybody(request):
        response["Cache-Control"] = "private, no-cache"
        return response
    now = datetime.now(UTC)
    response["Cache-Control"] = "public, no-cache"
    response["Last-Modified"] = format_datetime(now.replace(microsecond=0), usegmt=True)
    until = getattr(request, "_storied_until", None)
    seconds = _AT_MOST if until is None else min(_AT_MOST, (until - now).total_seconds())
    if seconds > 0:
        request.environ["storied.keep"] = ((SITE, *slots), seconds)
    return response


@lru_cache(maxsize=256)
def _best_encoding(accepted: str) -> str:
    """The smallest encoding that a client takes, by its Accept-Encoding."""
    takes = {}
    for part in accepted.lower().split(","):
        name, _, quality = part.partition(";")
        takes[name.strip()] = quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((name for name in ("br", "gzip") if takes.get(name)), "")


@dataclass
class _Sent:
    """A page as it goes over the line in one encoding."""

    status: str
    headers: list[tuple[str, str]]
    not_modified: list[tuple[str, str]]
    body: bytes
    etag: str
    modified: str


@dataclass
class _Kept:
    """A page with what it was made of, and how long it may stand at most (time.monotonic)."""

    slots: tuple[tuple[int, int], ...]
    until: float
    status: str
    headers: list[tuple[str, str]]
    body: bytes
    digest: str
    sent: dict[str, _Sent] = field(default_factory=dict)

    def holds(self, notices: Board) -> bool:
        return time.monotonic() < self.until and all(notices.holds(slot, done) for slot, done in self.slots)

    def in_encoding(self, encoding: str) -> _Sent:
        sent = self.sent.get(encoding)
        if sent is None:
            body = _ENCODERS[encoding](self.body)
            etag = f'"{self.digest}{"-" if encoding else ""}{encoding}"'
            headers = [*self.headers, ("ETag", etag), ("Content-Length", str(len(body)))]
            if encoding:
                headers.append(("Content-Encoding", encoding))
            told = {"cache-control", "vary", "last-modified", "etag"}
            not_modified = [(name, value) for name, value in headers if name.lower() in told]
            modified = next((value for name, value in headers if name.lower() == "last-modified"), "never")
            sent = self.sent[encoding] = _Sent(self.status, headers, not_modified, body, etag, modified)
        return sent


_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "br": lambda body: brotli.compress(body, quality=5),
}


class KeptPages:
    """Wraps the WSGI application."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._kept: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._making: dict[tuple[str, ...], threading.Event] = {}
        self._lock = threading.Lock()
        self._bytes = 0
        # Files are sent piece by piece, by whatever serves them.
        self._files = (f"/{settings.STATIC_URL.lstrip('/')}", f"/{settings.MEDIA_URL.lstrip('/')}")
        # Whoever sends one of these gets a page of their own.
        self._personal = (f"{settings.SESSION_COOKIE_NAME}=", f"{settings.GUEST_COOKIE_NAME}=")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        query = environ.get("QUERY_STRING", "")
        cookies = environ.get("HTTP_COOKIE", "")
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or path.startswith(self._files)
            or (query and not _PLAIN_QUERY.match(query))
            or (cookies and any(name in cookies for name in self._personal))
        ):
            return self._application(environ, start_response)
        key = (
            path, query, environ.get("HTTP_HOST", ""), environ.get("wsgi.url_scheme", ""),
            environ.get("HTTP_X_FORWARDED_PROTO", ""),
        )  # fmt: skip
        kept = self._kept.get(key)
        if kept is None or not kept.holds(board()):
            return self._make(key, environ, start_response)
        return self._answer(kept, environ, start_response)

    def _answer(self, kept: _Kept, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        encoding = _best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        sent = kept.sent.get(encoding) or kept.in_encoding(encoding)
        known = environ.get("HTTP_IF_NONE_MATCH")
        if sent.etag in known if known else environ.get("HTTP_IF_MODIFIED_SINCE") == sent.modified:
            start_response("304 Not Modified", sent.not_modified)
            return []
        start_response(sent.status, sent.headers)
        return [sent.body] if environ["REQUEST_METHOD"] == "GET" else []

    def _make(
        self, key: tuple[str, ...], environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """One makes the page, whoever asks for it meanwhile waits for that one."""
        with self._lock:
            somebody = self._making.get(key)
            if somebody is None:
                mine = self._making[key] = threading.Event()
        if somebody is not None:
            somebody.wait(_WAIT)
            kept = self._kept.get(key)
            if kept is not None and kept.holds(board()):
                return self._answer(kept, environ, start_response)
            return self._application(environ, start_response)
        try:
            return self._make_now(key, environ, start_response)
        finally:
            with self._lock:
                del self._making[key]
            mine.set()

    def _make_now(
        self, key: tuple[str, ...], environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        notices = board()
        before = notices.memory[:]
        said: list[tuple[str, list[tuple[str, str]]]] = []

        def note(status: str, headers: list[tuple[str, str]], *_error: Any) -> Callable[[bytes], None]:
            said[:] = [(status, headers)]
            return lambda _body: None

        asked = {**environ, "REQUEST_METHOD": "GET"}
        answer = self._application(asked, note)
        try:
            body = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        status, headers = said[0]
        allowed = asked.get("storied.keep")
        if allowed and status.startswith("200") and len(body) <= _LARGEST and not _sets_a_cookie(headers):
            slots, seconds = allowed
            made_of = tuple((slot, notices.settled(slot)) for slot in slots)
            if all(done is not None and Board.done_in(before, slot) == done for slot, done in made_of):
                kept = _Kept(
                    made_of, time.monotonic() + seconds, status,
                    [(name, value) for name, value in headers if name.lower() not in {"etag", "content-length"}],
                    body, hashlib.blake2b(body, digest_size=12).hexdigest(),
                )  # fmt: skip
                self._remember(key, kept)
                return self._answer(kept, environ, start_response)
        start_response(status, headers)
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    def _remember(self, key: tuple[str, ...], kept: _Kept) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._bytes -= 2 * len(old.body) if old else 0
            self._kept[key] = kept
            self._bytes += 2 * len(kept.body)
            while self._bytes > _ALL_TOGETHER and len(self._kept) > 1:
                self._bytes -= 2 * len(self._kept.popitem(last=False)[1].body)


def _sets_a_cookie(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "set-cookie" for name, _value in headers)
