"""Things made once and kept while what they were made of holds: in each process, bounded, exact."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakSet

from django.conf import settings

from . import board as boards

MOST = 2_000  # things in one process
_all: "WeakSet[Memo]" = WeakSet()


def forget_all() -> None:
    """Forgets everything that this process keeps."""
    for memo in _all:
        memo.clear()


class Memo:
    """Keeps what `make` returned until one of the slots it was made of changes."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: OrderedDict[Hashable, tuple[tuple[tuple[int, int], ...], Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most
        _all.add(self)

    def get(self, key: Hashable, slots: tuple[int, ...], make: Callable[[], Any]) -> Any:
        """The thing of that key, made anew where it no longer holds; never kept while a change is under way."""
        if not settings.KEEP_PAGES:
            return make()
        board = boards.board()
        found = self._kept.get(key)
        # Who has begun a change and not committed it must see it, unlike everybody else.
        mine = boards.still_open()
        is_mine = any(slot in mine for slot in slots)
        if found is not None and not is_mine and all(board.holds(slot, done) for slot, done in found[0]):
            return found[1]
        before = [(slot, board.settled(slot)) for slot in slots]
        made = make()
        if all(done is not None and board.settled(slot) == done for slot, done in before):
            with self._lock:
                self._kept[key] = (tuple(before), made)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        self._kept.clear()
