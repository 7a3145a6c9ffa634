"""Things made once and kept while what they were made of holds: in each process, bounded, exact.

Where they may be long, they are bounded by their bytes as well as by their number.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple
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


class _Kept(NamedTuple):
    made_of: MadeOf
    made: Any
    bytes: int


class Memo:
    """Keeps what `make` returned until one of the slots it was made of changes.

    `weigh` tells the bytes of a thing; all together weigh at most `most_bytes`, or are the newest alone.
    """

    def __init__(
        self, most: int = MOST, *, most_bytes: int = 0, weigh: Callable[[Any], int] = lambda _thing: 0
    ) -> None:
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._most, self._most_bytes, self._weigh = most, most_bytes, weigh
        self._bytes = 0
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
        if found is not None and not is_mine and board.all_hold(found.made_of, of_request=True):
            return found.made
        before = board.all_settled(slots, of_request=True)
        made = make()
        if before is not None and not is_mine and board.all_settled(slots) == before:
            self._keep(key, _Kept(before, made, self._weigh(made)))
        return made

    def last(self, key: Hashable) -> Any:
        """What was kept last of that key, whether it still holds or not; None where nothing was. Asks nobody."""
        found = self._kept.get(key)
        return None if found is None else found.made

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        with self._lock:
            old = self._kept.pop(key, None)
            self._bytes += kept.bytes - (old.bytes if old else 0)
            self._kept[key] = kept
            while len(self._kept) > self._most or (self._bytes > self._most_bytes and len(self._kept) > 1):
                self._bytes -= self._kept.popitem(last=False)[1].bytes

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0
