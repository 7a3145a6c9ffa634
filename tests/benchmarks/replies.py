"""Replies below one article, in rounds; each acknowledged one is looked for at the end."""

from collections.abc import Callable
from typing import Any

from .pressure import Figures, write
from .servers import Server
from .table import Bar

_STEP = 7919  # a prime: parents are taken from all over a discussion


class Replies:
    """To one article of one server."""

    def __init__(self, server: Server, post: dict[str, Any], parent: Callable[[int], int] | None = None) -> None:
        self._server, self._post = server, post
        self._parent = parent or (lambda turn: post["first"] + turn * _STEP % post["comments"])
        self._before = self._stored()
        self.rounds: list[Figures] = []

    def write(self, seconds: float, *, clients: int = 1) -> Figures:
        """One round."""
        self.rounds.append(write(self._server, self._post, self._parent, clients=clients, seconds=seconds))
        return self.rounds[-1]

    def arrived(self) -> Bar:
        """Whether all that was acknowledged is there, once."""
        acknowledged = sum(figures.notes["acknowledged"] for figures in self.rounds)
        lost = self._before + acknowledged - self._stored()
        wrong = [words for figures in self.rounds for words in figures.notes["wrong"]]
        twice = sum(figures.notes["twice"] for figures in self.rounds)
        errors = sum(figures.errors for figures in self.rounds)
        told = f"{acknowledged} acknowledged, {lost} lost, {twice} twice, {errors} errors"
        return Bar(" ".join([told, *wrong[:1]]), not (lost or twice or wrong))

    def _stored(self) -> int:
        pk = str(self._post["pk"])
        return self._server.ask("count", pk)[pk]
