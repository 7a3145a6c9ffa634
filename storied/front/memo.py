"""Things made once and kept while what they were made of holds: in each process, bounded, exact."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakSet

from django.conf import settings

from . import board as boards
from .notices import MadeOf

MOST = 2_000  # things in one process
_all: "WeakSet[Memo]" = WeakSet()


def forget_all() -> None:
    """Forgets everything that this process keeps."""
    for memo in _all:
        memo.clear()


class Memo:
    """Keeps what `make` returned until one of the slots it was made of changes."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: OrderedDict[Hashable, tuple[MadeOf, Any]] = OrderedDict()
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
        if found is not None and not is_mine and board.all_hold(found[0], of_request=True):
            return found[1]
        before = board.all_settled(slots, of_request=True)
        made = make()
        if before is not None and not is_mine and board.all_settled(slots) == before:
            with self._lock:
                self._kept[key] = (before, made)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return made

    def last(self, key: Hashable) -> Any:
        """What was kept last of that key, whether it still holds or not; None where nothing was. Asks nobody."""
        found = self._kept.get(key)
        return None if found is None else found[1]

    def clear(self) -> None:
        self._kept.clear()
