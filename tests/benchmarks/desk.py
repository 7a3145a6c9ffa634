"""The desk: its queues while ten thousand comments wait, and decisions on one of them after the other."""

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.hammer.visitor import Visitor

from . import pressure, quiet
from .pressure import GZIP, Figures, Watch
from .servers import Server
from .table import Bar, Row

if TYPE_CHECKING:
    from .run import Run

FEW, MANY = 100, 10_000
_CARDS = 20  # on a page
_WARM_UP = 8  # each worker has made some


class Desk:
    """The rows of one database."""

    def __init__(self, run: "Run", server: Server, database: str) -> None:
        self.run, self.server, self.database = run, server, database

    def all(self) -> None:
        moderator = self.server.ask("moderate")
        self.server.ask("hold", "0", str(FEW))
        few = self._queries(FEW)
        waiting = self.server.ask("hold", str(FEW), str(MANY))
        many = self._queries(MANY)
        with Visitor(self.server.address) as browser:
            browser.log_in(moderator["email"], moderator["password"])
            for name, address in _pages(MANY).items():
                self._page(name, address, browser.cookies, few[name], many[name])
            numbers = iter(waiting)
            self._decisions(browser, "approve", numbers)
            self._decisions(browser, "reject", numbers, clause=moderator["clause"])

    def _queries(self, held: int) -> dict[str, int]:
        pages = _pages(held)
        counted = self.server.ask("queries_of_moderator", *pages.values())
        return {name: counted[address] for name, address in pages.items()}

    def _page(self, name: str, address: str, cookies: dict[str, str], few: int, many: int) -> None:
        said = {**GZIP, "Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())}
        row = self._row(f"desk with {MANY:,} held: {name}", self.run.reading(self.server, address, said, connections=4))
        row.figures.queries = many
        row.bars.append(Bar(f"{many} queries, and {few} with {FEW} held: the same", few == many))
        self.run.told(row)

    def _decisions(self, browser: Visitor, action: str, waiting: Iterator[int], clause: str = "") -> None:
        _decide(self.server, browser, action, clause, waiting, most=_WARM_UP)
        options = self.run.options
        measured = [
            _decide(self.server, browser, action, clause, waiting, seconds=options.seconds)
            for _ in range(options.times)
        ]
        row = self._row(f"desk: {action} one held comment", min(measured, key=lambda figures: figures.together))
        row.at_most(row.figures.together, 8, "ms")
        acknowledged = [pk for figures in measured for pk in figures.notes["acknowledged"]]
        wrong = [words for figures in measured for words in figures.notes["wrong"]]
        lost = len(acknowledged) - self.server.ask("decided", action, clause, *map(str, acknowledged))
        told = f"{len(acknowledged)} acknowledged, {lost} lost, {sum(figures.errors for figures in measured)} errors"
        row.bars.append(Bar(" ".join([told, *wrong[:1]]), bool(acknowledged) and not (lost or wrong)))
        self.run.told(row)

    def _row(self, name: str, figures: Figures) -> Row:
        return self.run.add("desk", name, self.database, figures)


def _pages(held: int) -> dict[str, str]:
    """The first page of each queue, and what of the held ones has to be looked for."""
    return {
        "Held": "/moderation/pending/",
        "Held, last page": f"/moderation/pending/?page={held // _CARDS}",
        "Held, for a reason that all have": "/moderation/pending/?reason=newcomer",
        "Held, with a letter that all have": "/moderation/pending/?q=e",
        "Held, the short view": "/moderation/pending/?view=short",
        "Reported": "/moderation/reported/",
        "Awaiting a reply": "/moderation/awaiting/",
        "Spam": "/moderation/spam/",
        "Recent decisions": "/moderation/decided/",
        "All": "/moderation/recent/",
    }


def _decide(
    server: Server, browser: Visitor, action: str, clause: str, waiting: Iterator[int], *, seconds: float = 60,
    most: int = 100_000,
) -> Figures:  # fmt: skip
    """The same decision on one comment after the other, each with the form of a page of cards around it."""
    token = browser.token()
    acknowledged: list[int] = []
    times: list[float] = []
    wrong: list[str] = []
    quiet.wait(pressure.PATIENCE)
    watch, until = Watch(server), time.perf_counter() + seconds
    while time.perf_counter() < until and len(times) < most and (pk := next(waiting, None)) is not None:
        form = _form(token, pk, action, clause)
        before = time.perf_counter()
        status, headers, _text = browser.ask("POST", "/moderation/decide/", form)
        times.append((time.perf_counter() - before) * 1000)
        where = headers.get("Location", "")
        if status == 302 and re.search(r"[?&]done=", where):
            acknowledged.append(pk)
        else:
            wrong.append(f"{status} {where}")
    return watch.figures(times, wrong, acknowledged=acknowledged)


def _form(token: str, pk: int, action: str, clause: str) -> dict[str, Any]:
    """All that a browser sends: the fields of each card, most of them empty."""
    form: dict[str, Any] = {"csrfmiddlewaretoken": token, "queue": "pending", "asked": ""}
    for shown in range(pk, pk + _CARDS):
        form |= {f"revision_{shown}": 1, f"status_{shown}": "pending"}
        form |= {f"{field}_{shown}": "" for field in ("clause", "template", "reason", "note", "under", "about")}
    form |= {f"{field}_all": "" for field in ("clause", "template", "reason", "note")}
    return form | {"action": "", f"clause_{pk}": clause, "one": f"{action}:{pk}"}
