"""Replies below one article, in rounds; each acknowledged one is looked for at the end."""

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from . import pressure, quiet
from .pressure import Figures, Writer, counted, figures_of, form_of, submit_one, write
from .servers import Server
from .table import Bar

_STEP = 7919  # a prime: parents are taken from all over a discussion
_LINES = 4  # so that hardly a worker is left out


class Replies:
    """To one article of one server."""

    def __init__(self, server: Server, post: dict[str, Any], parent: Callable[[int], int] | None = None) -> None:
        self._server, self._post = server, post
        self._parent = parent or (lambda turn: post["first"] + turn * _STEP % post["comments"])
        self._before = self._stored()
        self._unmeasured: list[Figures] = []
        self.rounds: list[Figures] = []

    def write(self, seconds: float, *, clients: int = 1) -> Figures:
        """One round."""
        self.rounds.append(write(self._server, self._post, self._parent, clients=clients, seconds=seconds))
        return self.rounds[-1]

    def warm_up(self, seconds: float) -> None:
        """What arrives is looked for; what it costs is not told."""
        self._unmeasured.append(write(self._server, self._post, self._parent, clients=_LINES, seconds=seconds))

    def arrived(self) -> Bar:
        """Whether all that was acknowledged is there, once."""
        written = [*self._unmeasured, *self.rounds]
        acknowledged = sum(figures.notes["acknowledged"] for figures in written)
        lost = self._before + acknowledged - self._stored()
        wrong = [words for figures in written for words in figures.notes["wrong"]]
        twice = sum(figures.notes["twice"] for figures in written)
        errors = sum(figures.errors for figures in written)
        told = f"{acknowledged} acknowledged, {lost} lost, {twice} twice, {errors} errors"
        return Bar(" ".join([told, *wrong[:1]]), not (lost or twice or wrong))

    def shift(self) -> "_Shift":
        return _Shift(self._server, self._post, self._parent)

    def _stored(self) -> int:
        pk = str(self._post["pk"])
        return self._server.ask("count", pk)[pk]


def write_in_turn(those: Sequence[Replies], seconds: float) -> None:
    """One round for each: a few replies here, a few there, so that whatever else the machine does meets all alike."""
    quiet.wait(pressure.PATIENCE)
    shifts = [replies.shift() for replies in those]
    began, busy, mine = time.perf_counter(), quiet.busy_seconds(), sum(os.times()[:4])
    while (so_far := time.perf_counter() - began) < seconds:
        for shift in shifts:
            shift.work()
    of_others = quiet.busy_seconds() - busy - (sum(os.times()[:4]) - mine) - sum(shift.used for shift in shifts)
    for replies, shift in zip(those, shifts, strict=True):
        replies.rounds.append(shift.figures(max(0.0, of_others / so_far)))
        shift.close()


class _Shift:
    """Some lines to one server, each of which submits once whenever it is their turn."""

    def __init__(self, server: Server, post: dict[str, Any], parent: Callable[[int], int]) -> None:
        self._server, self._parent, self._form, self._turn = server, parent, form_of(server, post), 0
        self._lines = [Writer(server, f"Guest {post['pk']} {number}") for number in range(_LINES)]
        self._acknowledged: list[int] = []
        self._wrong: list[str] = []
        self._times: list[float] = []
        self._used = [0.0, 0.0]  # seconds, by the server and by its database
        self._submit()  # these browsers are known from now on

    def work(self) -> None:
        before = self._server.used()
        self._times += self._submit()
        for place, now in enumerate(self._server.used()):
            self._used[place] += now - before[place]

    def _submit(self) -> list[float]:
        """Milliseconds that each took."""
        times = []
        for line in self._lines:
            began, self._turn = time.perf_counter(), self._turn + 1
            if submit_one(line, self._form, self._parent(self._turn), self._acknowledged, self._wrong):
                times.append((time.perf_counter() - began) * 1000)
        return times

    @property
    def used(self) -> float:
        return sum(self._used)

    def figures(self, others: float) -> Figures:
        own, database = (used * 1000 / max(1, len(self._times)) for used in self._used)
        seconds = sum(self._times) / 1000 or 1.0
        return figures_of(self._times, self._wrong, seconds, own, database, others, **counted(self._acknowledged))

    def close(self) -> None:
        for line in self._lines:
            line.close()
