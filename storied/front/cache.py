"""Kept pages, answered before Django is asked: for readers without a session, all of whom get the same bytes.

A view says that its page may be kept by `keep(request, response, …)`. What is kept is compared with the board at
each request, so it is never out of date; browsers and proxies may keep it too, and ask again each time (a 304 costs
next to nothing). A page is made once a machine (`spool`), and may be left for a web server in front (`store`).
"""

import gzip
import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli
from django.conf import settings

from .board import SITE, board
from .headers import OF_ITS_OWN, Headers, are_usual
from .notices import Notices
from .release import release
from .spool import WAIT, MadePage, Spool
from .store import PLAIN_QUERY, SPAN, place_of, span_of, store

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Key = tuple[str, ...]

_LARGEST = 4_000_000  # bytes of one page as it is sent uncompressed
_ALL_TOGETHER = 24_000_000  # bytes kept in one process, in all encodings
_AROUND = 5_000  # bytes a page, of headers and all else that is not the page itself
_PASSING = 4_096  # addresses of which a process remembers that what is there is not to be kept

_log = logging.getLogger(__name__)


@lru_cache(maxsize=256)
def _best_encoding(accepted: str) -> str:
    """The smallest encoding that a client takes, by its Accept-Encoding."""
    takes = {}
    for part in accepted.lower().split(","):
        name, _, quality = part.partition(";")
        takes[name.strip()] = quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((name for name in ("br", "gzip") if takes.get(name)), "")


class _Sent:
    """A page as it goes over the line in one encoding.

    Its date is told, and believed, from the next second on: until then another page of the same second could follow.
    From then on the date and the length tell pages apart, which is what web servers in front make their ETag of.
    """

    def __init__(self, page: MadePage, digest: str, body: bytes, encoding: str, *, is_stored: bool) -> None:
        self.status, self.body = page.status, body
        self.etag = f'"{digest}{"-" if encoding else ""}{encoding}"'
        self.file_etag = f'"{int(page.made):x}-{len(body):x}"' if is_stored else self.etag
        self.modified = formatdate(int(page.made), usegmt=True)
        headers = [*page.headers, ("Content-Length", str(len(body)))]
        if encoding:
            headers.append(("Content-Encoding", encoding))
        self.young = _both([*headers, ("ETag", self.etag)])
        self.grown_up = _both([*headers, ("ETag", self.file_etag), ("Last-Modified", self.modified)])

    def answer(self, environ: dict[str, Any], start_response: Callable[..., Any], *, is_young: bool) -> list[bytes]:
        headers, not_modified = self.young if is_young else self.grown_up
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known:
            is_known = self.etag in known or (not is_young and self.file_etag in known)
        else:
            is_known = not is_young and environ.get("HTTP_IF_MODIFIED_SINCE") == self.modified
        if is_known:
            start_response("304 Not Modified", not_modified)
            return []
        start_response(self.status, headers)
        return [self.body] if environ["REQUEST_METHOD"] == "GET" else []


def _both(headers: Headers) -> tuple[Headers, Headers]:
    """The headers of a page, and those of an answer that it is what it was."""
    return headers, [pair for pair in headers if pair[0].lower() in _OF_A_304]


_OF_A_304 = {"cache-control", "vary", "last-modified", "etag"}


@dataclass
class _Kept:
    """A page with how long it may stand at most (time.monotonic), and when its date begins to be told."""

    page: MadePage
    digest: str
    until: float
    grown_up: float
    # Where it is stored for a web server in front, and when that is to be done (again).
    place: str | None
    store_from: float
    sent: dict[str, _Sent] = field(default_factory=dict)

    @classmethod
    def of(cls, page: MadePage, place: str | None) -> "_Kept":
        digest = hashlib.blake2b(page.body, digest_size=12).hexdigest()
        grown_up = int(page.made) + 1
        return cls(
            page, digest, time.monotonic() + page.ends - time.time(), grown_up,
            place, grown_up if place else float("inf"),
        )  # fmt: skip

    @property
    def weight(self) -> int:
        """Bytes that it takes, or soon will: compressed in both ways it is seldom half as long once more."""
        return len(self.page.body) * 3 // 2 + _AROUND

    def holds(self, notices: Notices) -> bool:
        return time.monotonic() < self.until and notices.all_hold(self.page.slots)

    def in_encoding(self, encoding: str) -> _Sent:
        sent = self.sent.get(encoding)
        if sent is None:
            body = _ENCODERS[encoding](self.page.body)
            sent = _Sent(self.page, self.digest, body, encoding, is_stored=self.place is not None)
            self.sent[encoding] = sent
        return sent


_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "br": lambda body: brotli.compress(body, quality=5),
}
_ENDINGS = {"": "", "gzip": ".gz", "br": ".br"}


class KeptPages:
    """Wraps the WSGI application."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._making: dict[Key, threading.Event] = {}
        self._passing: OrderedDict[Key, None] = OrderedDict()
        self._lock = threading.Lock()
        self._bytes = 0
        # Files are sent piece by piece, by whatever serves them.
        self._files = (f"/{settings.STATIC_URL.lstrip('/')}", f"/{settings.MEDIA_URL.lstrip('/')}")
        # Whoever sends one of these gets a page of their own.
        self._personal = (f"{settings.SESSION_COOKIE_NAME}=", f"{settings.GUEST_COOKIE_NAME}=")
        self._believes_proxy = settings.SECURE_PROXY_SSL_HEADER is not None
        self._spool = Spool(Path(settings.PAGE_STORE or Path(settings.VAR_DIR) / "pages") / "spool", release())
        self._store = store()
        if self._store is not None:
            self._store.begin_anew()
        self._spool.begin_anew()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        query = environ.get("QUERY_STRING", "")
        cookies = environ.get("HTTP_COOKIE", "")
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or path.startswith(self._files)
            or (query and not PLAIN_QUERY.match(query))
            or (cookies and any(name in cookies for name in self._personal))
        ):
            return self._application(environ, start_response)
        key = (
            path, query, environ.get("HTTP_HOST", ""), environ.get("wsgi.url_scheme", ""),
            environ.get("HTTP_X_FORWARDED_PROTO", "") if self._believes_proxy else "",
        )  # fmt: skip
        kept = self._kept.get(key)
        if kept is None or not kept.holds(board()):
            return self._make(key, environ, start_response)
        return self._answer(kept, environ, start_response)

    def _answer(self, kept: _Kept, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        encoding = _best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        sent = kept.sent.get(encoding) or kept.in_encoding(encoding)
        now = time.time()
        if now >= kept.store_from:
            self._put(kept, now)
        return sent.answer(environ, start_response, is_young=now < kept.grown_up)

    # --- Making a page -----------------------------------------------------------------------------------

    def _make(self, key: Key, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One makes the page, whoever asks for it meanwhile waits for that one."""
        if key in self._passing:
            # Nobody has to wait for what is each one's own.
            return self._make_now(key, environ, start_response)
        with self._lock:
            somebody = self._making.get(key)
            if somebody is None:
                mine = self._making[key] = threading.Event()
        if somebody is not None:
            somebody.wait(WAIT)
            kept = self._kept.get(key)
            if kept is not None and kept.holds(board()):
                return self._answer(kept, environ, start_response)
            return self._application(environ, start_response)
        try:
            return self._make_in_turn(key, environ, start_response)
        finally:
            with self._lock:
                del self._making[key]
            mine.set()

    def _make_in_turn(self, key: Key, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The same among the processes of this machine."""
        if not self._is_own(key):
            return self._make_now(key, environ, start_response)
        with self._spool.turn(key):
            page = self._spool.take(key)
            if page is None:
                return self._make_now(key, environ, start_response)
            kept = _Kept.of(page, self._place(key, page))
            if not kept.holds(board()):
                return self._make_now(key, environ, start_response)
            self._remember(key, kept)
        return self._answer(kept, environ, start_response)

    def _make_now(self, key: Key, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        notices = board()
        before = notices.snapshot()
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
            self._passing.pop(key, None)
            slots, seconds = allowed
            made_of = notices.settled_since(before, slots)
            if made_of is not None:
                now = time.time()
                own = [(name, value) for name, value in headers if name.lower() not in OF_ITS_OWN]
                page = MadePage(made_of, now, now + seconds, status, own, body)
                kept = _Kept.of(page, self._place(key, page))
                self._remember(key, kept)
                if self._is_own(key):
                    self._spool.leave(key, page)
                return self._answer(kept, environ, start_response)
        elif not allowed:
            self._pass_by(key)
        start_response(status, headers)
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    def _remember(self, key: Key, kept: _Kept) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._bytes += kept.weight - (old.weight if old else 0)
            self._kept[key] = kept
            while self._bytes > _ALL_TOGETHER and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].weight

    def _pass_by(self, key: Key) -> None:
        with self._lock:
            self._passing[key] = None
            while len(self._passing) > _PASSING:
                self._passing.popitem(last=False)

    # --- For a web server in front -----------------------------------------------------------------------

    @staticmethod
    def _is_own(key: Key) -> bool:
        """Whether the site was asked for by its own name: anybody may think out others, without end."""
        _path, _query, host, scheme, forwarded = key
        if settings.SECURE_PROXY_SSL_HEADER:
            scheme = forwarded
        return f"{scheme}://{host}" == settings.SITE_URL

    def _place(self, key: Key, page: MadePage) -> str | None:
        """Where a web server in front looks for this page; None where it has to ask."""
        if self._store is None or len(page.slots) > 2 or not self._is_own(key):
            return None
        return place_of(*key[:2]) if are_usual(page.headers) else None

    def _put(self, kept: _Kept, now: float) -> None:
        """Stores a page for the present span of time, if it holds that long."""
        span, page, notices = span_of(now), kept.page, board()
        kept.store_from = (span + 1) * SPAN
        if page.ends < kept.store_from:
            return
        files = {ending: kept.in_encoding(encoding).body for encoding, ending in _ENDINGS.items()}
        if len({len(body) for body in files.values()}) < len(files):
            return  # two encodings of one date and one length would share an ETag
        slot = next((slot for slot, _done in page.slots if slot != SITE), SITE)
        try:
            self._store.put(
                kept.place, slot, span, int(page.made), files,
                lambda: notices.all_settled(tuple(slot for slot, _done in page.slots)) == page.slots,
            )  # fmt: skip
        except OSError as problem:
            _log.warning("A page could not be stored in %s: %s", settings.PAGE_STORE, problem)


def _sets_a_cookie(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "set-cookie" for name, _value in headers)
