"""Puts a server under load: wrk for reading, a few lines of Python for writing; and what that cost it."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from . import quiet
from .servers import Server

_SAY = Path(__file__).with_name("say.lua")
GZIP = {"Accept-Encoding": "gzip"}
NOISE = 0.25  # cores that something else may keep busy before a figure is marked
PATIENCE = 45  # seconds to wait for a quiet moment before each measurement


@dataclass
class Figures:
    """One measurement; times in milliseconds, `cpu` for each request by the server, `database` by its database."""

    cpu: float
    database: float
    rate: float
    p50: float
    p95: float
    p99: float
    requests: int
    errors: int = 0
    others: float = 0  # cores that something else on this machine kept busy meanwhile
    sent: int = 0  # bytes of the answer as it went over the line
    plain: int = 0
    queries: int | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def is_noisy(self) -> bool:
        return self.others > NOISE

    @property
    def together(self) -> float:
        return self.cpu + self.database


def get(server: Server, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """One request: status, headers, body as it was sent."""
    line = HTTPConnection("localhost", server.port, timeout=60)
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()


def read(
    server: Server, path: str, headers: dict[str, str] | None = None, *, connections: int = 16, seconds: float = 4,
    expected: int = 200, times: int = 3,
) -> Figures:  # fmt: skip
    """The best of several measurements, after a warm-up: whatever else the machine does only adds."""
    headers = GZIP if headers is None else headers
    for _ in range(8):  # each worker has seen it
        status, _told, body = get(server, path, headers)
        if status != expected:
            raise AssertionError(f"{path} answers {status} instead of {expected}")
    _wrk(server, path, headers, connections, 1)
    best = cheapest(_read_once(server, path, headers, connections, seconds) for _ in range(times))
    plain = get(server, path, {name: value for name, value in headers.items() if name != "Accept-Encoding"})[2]
    best.sent, best.plain = len(body), len(plain)
    return best


@dataclass(frozen=True)
class Page:
    """What is asked for."""

    server: Server
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=lambda: GZIP)
    expected: int = 200


def read_in_turn(
    pages: Sequence[Page], *, connections: int = 16, seconds: float = 4, times: int = 3
) -> list[list[Figures]]:
    """Pages of several servers, one after the other and again: what differs little is compared in the same weather."""
    measured = []
    for page in pages:
        options = {"connections": connections, "seconds": 1, "times": 1, "expected": page.expected}
        measured.append([read(page.server, page.path, dict(page.headers), **options)])
    for _ in range(times):
        for page, figures in zip(pages, measured, strict=True):
            figures.append(_read_once(page.server, page.path, dict(page.headers), connections, seconds))
    for warm_up, *others in measured:
        for figures in others:
            figures.sent, figures.plain = warm_up.sent, warm_up.plain
    return [others for _warm_up, *others in measured]


def ratio(ones: Sequence[Figures], others: Sequence[Figures]) -> float:
    """How many times as much as the others these cost, measured in turn: the median of each turn's."""
    return median(one.together / other.together for one, other in zip(ones, others, strict=True))


def cheapest(measured: Iterable[Figures]) -> Figures:
    return min(measured, key=lambda figures: figures.together)


def _read_once(server: Server, path: str, headers: dict[str, str], connections: int, seconds: float) -> Figures:
    quiet.wait(PATIENCE)
    watch = Watch(server)
    said = _wrk(server, path, headers, connections, seconds)
    own, database, others = watch.each(said["requests"], said["seconds"])
    return Figures(
        own, database, said["requests"] / said["seconds"], said["p50"], said["p95"], said["p99"], said["requests"],
        said["errors"], others,
    )  # fmt: skip


class Watch:
    """What a server, its database and others use of the processor from now on."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._used, self._others, self._began = server.used(), _others(server), time.perf_counter()

    def each(self, requests: int, seconds: float) -> tuple[float, float, float]:
        """Milliseconds a request of the server and of its database, and the cores that others kept busy."""
        own, database = (
            (now - before) * 1000 / requests for before, now in zip(self._used, self._server.used(), strict=True)
        )
        return own, database, max(0.0, (_others(self._server) - self._others) / seconds)

    def figures(self, times: list[float], wrong: list[str], **notes: Any) -> Figures:
        """Of requests that took these milliseconds, and of what went wrong."""
        seconds = time.perf_counter() - self._began
        return figures_of(times, wrong, seconds, *self.each(max(1, len(times)), seconds), **notes)


def figures_of(
    times: list[float], wrong: list[str], seconds: float, own: float, database: float, others: float, **notes: Any
) -> Figures:
    """The same from what each request has used, and the cores that others kept busy."""
    sorted_ = sorted(times)
    of = [sorted_[min(len(times) - 1, int(len(times) * share))] if times else 0.0 for share in (0.5, 0.95, 0.99)]
    rate, notes = len(times) / seconds, {"wrong": wrong[:3], **notes}
    return Figures(own, database, rate, *of, len(times), len(wrong), others, notes=notes)


def _others(server: Server) -> float:
    """Processor seconds so far that neither the server nor this program has used."""
    mine = sum(os.times()[:4])
    return quiet.busy_seconds() - sum(server.used()) - mine


def _wrk(server: Server, path: str, headers: dict[str, str], connections: int, seconds: float) -> dict[str, Any]:
    named = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(_SAY)]
    done = subprocess.run([*command, *named, server.address + path], capture_output=True, text=True, check=True)
    return json.loads(re.search(r"^\{.*\}$", done.stdout, re.M)[0])


def wrk_is_here() -> bool:
    return shutil.which("wrk") is not None


# --- Writing ----------------------------------------------------------------------------------------------


class Writer:
    """A guest's browser that does nothing but submit: one line, kept open, as few of its own steps as can be."""

    def __init__(self, server: Server, name: str) -> None:
        self._server, self._name = server, name
        self._line = socket.create_connection(("localhost", server.port), timeout=60)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._cookie = ""
        self._count = 0

    def submit(self, form: "Form", parent: int | None) -> tuple[int, str]:
        """(status, where the answer leads)."""
        self._count += 1
        body = urlencode({
            "name": self._name, "email": f"{self._name.replace(' ', '.').lower()}@example.org", "url": "",
            "body": f"{_WORDS} {self._name}, {self._count}, {time.time_ns()}", "parent": parent or "",
            "guidelines_version": form.version, "stamp": form.stamp, "homepage": "",
        }).encode()  # fmt: skip
        head = (
            f"POST /discussion/{form.post}/submit/ HTTP/1.1\r\nHost: localhost:{self._server.port}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
            f"Origin: {self._server.address}\r\nSec-Fetch-Site: same-origin\r\n{self._cookie}\r\n"
        )
        self._line.sendall(head.encode() + body)
        status, headers = self._answer()
        if not self._cookie and (found := re.search(r"(?im)^set-cookie: (\w*storied_guest=[^;]+)", headers)):
            self._cookie = f"Cookie: {found[1]}\r\n"
        found = re.search(r"(?im)^location: (\S+)", headers)
        return status, found[1] if found else ""

    def _answer(self) -> tuple[int, str]:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, rest = data.partition(b"\r\n\r\n")
        headers = head.decode("latin-1")
        length = re.search(r"(?im)^content-length: (\d+)", headers)
        missing = (int(length[1]) if length else 0) - len(rest)
        while missing > 0:
            missing -= len(self._more())
        return int(headers.split(" ", 2)[1]), headers

    def _more(self) -> bytes:
        got = self._line.recv(65536)
        if not got:
            raise ConnectionError("The server broke the line.")
        return got

    def close(self) -> None:
        self._line.close()


_WORDS = "I sat with this for a while, and *then* it came to me.\n\nThank you for writing it down, says"


@dataclass
class Form:
    """What the form below an article sends along."""

    post: int
    version: str
    stamp: str


def form_of(server: Server, post: dict[str, Any]) -> Form:
    """Read from the article's page."""
    page = get(server, post["path"], {})[2].decode()
    value = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) for name in ("guidelines_version", "stamp")}
    return Form(post["pk"], *(value[name][1] for name in ("guidelines_version", "stamp")))


def write(
    server: Server, post: dict[str, Any], parent: Callable[[int], int | None], *, clients: int, seconds: float
) -> Figures:
    """Replies for a while; each acknowledged one is in `notes`, so that it can be looked for."""
    form = form_of(server, post)
    acknowledged: list[int] = []
    times: list[float] = []
    wrong: list[str] = []
    start = threading.Barrier(clients + 1)

    def work(number: int) -> None:
        writer = Writer(server, f"Guest {post['pk']} {number}")
        submit_one(writer, form, parent(number), acknowledged, wrong)  # this browser is known from now on
        start.wait()
        until, turn = time.perf_counter() + seconds, number
        while time.perf_counter() < until:
            before = time.perf_counter()
            turn += clients
            if submit_one(writer, form, parent(turn), acknowledged, wrong):
                times.append((time.perf_counter() - before) * 1000)
        writer.close()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(clients)]
    quiet.wait(PATIENCE)
    for thread in threads:
        thread.start()
    start.wait(60)
    watch = Watch(server)
    for thread in threads:
        thread.join()
    return watch.figures(times, wrong, **counted(acknowledged))


def counted(acknowledged: list[int]) -> dict[str, int]:
    """What `Figures.notes` say of them."""
    return {"acknowledged": len(acknowledged), "twice": len(acknowledged) - len(set(acknowledged))}


def submit_one(writer: Writer, form: Form, parent: int | None, acknowledged: list[int], wrong: list[str]) -> bool:
    """One reply; whether it was taken in."""
    status, address = writer.submit(form, parent)
    found = re.search(r"#comment-(\d+)$|/comment/(\d+)/$", address)
    if status == 302 and found:
        acknowledged.append(int(found[1] or found[2]))
        return True
    wrong.append(f"{status} {address}")
    return False
