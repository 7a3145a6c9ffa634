"""A notice board: what has changed, for all processes that serve one site.

By default it lies in shared memory, for the processes of one machine, at the price of a few bytes (`Board`); where
CACHE_URL names a Valkey server, there (`valkey.ValkeyBoard`), for as many machines as ask it.

A slot has two numbers, `begun` and `done`. A writer counts `begun` up inside its transaction and `done` up after it has
ended. What was made while both were equal holds as long as they are what they were. While they differ a change is under
way: nothing new may be kept, and what is kept still holds, since nobody has been told of the change yet. A writer that
dies leaves a lock that the kernel has let go: the next reader sees that and counts `done` up in its place.
"""

import fcntl
import logging
import mmap
import os
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connection, transaction
from django_tasks.signals import task_finished

from .notices import MadeOf, Notices, Slots

SITE = 0  # whatever is on every page: names, titles, rules, guidelines
ALL_DISCUSSIONS = 1  # whatever counts all comments, such as the home page
_FIRST_DISCUSSION = 2
_SLOTS = 4096
_BYTES = 16
_NUMBERS = struct.Struct("=QQ")
# struct flock: type, whence, start, length, pid; the kernel's own layout on 64-bit Linux.
_FLOCK = struct.Struct("hhqqi4x")
_log = logging.getLogger(__name__)


def discussion_slot(post_id: int) -> int:
    """The slot of a post's discussion; posts that share one are made anew a little more often than they need."""
    return _FIRST_DISCUSSION + post_id % (_SLOTS - _FIRST_DISCUSSION)


class Board(Notices):
    """The board in a file that all processes of this machine map into their memory."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._file).st_size < _SLOTS * _BYTES:
            os.ftruncate(self._file, _SLOTS * _BYTES)
        self._path = path
        self.memory = mmap.mmap(self._file, _SLOTS * _BYTES)

    def all_hold(self, made_of: MadeOf, *, of_request: bool = False) -> bool:
        for slot, done in made_of:
            begun_now, done_now = _NUMBERS.unpack_from(self.memory, slot * _BYTES)
            if done_now != done or (begun_now != done and not self._writer_lives(slot)):
                return False
        return True

    def all_settled(self, slots: Slots, *, of_request: bool = False) -> MadeOf | None:
        settled = []
        for slot in slots:
            begun, done = _NUMBERS.unpack_from(self.memory, slot * _BYTES)
            if begun != done:
                if self._writer_lives(slot):
                    return None
                done = _NUMBERS.unpack_from(self.memory, slot * _BYTES)[1]
            settled.append((slot, done))
        return tuple(settled)

    def snapshot(self) -> bytes:
        return self.memory[:]

    def settled_since(self, snapshot: bytes, slots: Slots) -> MadeOf | None:
        settled = self.all_settled(slots)
        for slot, done in settled or ():
            if _NUMBERS.unpack_from(snapshot, slot * _BYTES) != (done, done):
                return None
        return settled

    def begin_all(self, slots: Iterable[int]) -> dict[int, int]:
        begun: dict[int, int] = {}
        try:
            for slot in slots:
                begun[slot] = self.begin(slot)
        except BaseException:
            self.end_all(begun)
            raise
        return begun

    def end_all(self, handles: Mapping[int, int], *, committed: bool = True) -> None:
        for slot, handle in handles.items():
            try:
                self.end(slot, handle)
            except OSError as fault:
                # Too many open files, say. Its lock is let go, and the next reader closes the slot.
                _log.warning("The end of a change could not be written on the board: %s", fault)

    def begin(self, slot: int) -> int:
        """Says that a change is under way; the handle ends it (`end`), as does the end of this process."""
        handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            _lock(handle, fcntl.F_RDLCK, _SLOTS * _BYTES + slot)
            with self._counting(slot):
                begun, done = _NUMBERS.unpack_from(self.memory, slot * _BYTES)
                _NUMBERS.pack_into(self.memory, slot * _BYTES, begun + 1, done)
        except BaseException:
            # A handle that nobody has would keep the slot changing for as long as this process lives.
            os.close(handle)
            raise
        return handle

    def end(self, slot: int, handle: int) -> None:
        """Says that the change is done, or was undone."""
        try:
            with self._counting(slot):
                begun, done = _NUMBERS.unpack_from(self.memory, slot * _BYTES)
                if done < begun:
                    _NUMBERS.pack_into(self.memory, slot * _BYTES, begun, done + 1)
        finally:
            os.close(handle)

    def _writer_lives(self, slot: int) -> bool:
        """Whether somebody still holds the slot; if not, what the dead left open is closed."""
        handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if not _lock(handle, fcntl.F_WRLCK, _SLOTS * _BYTES + slot, wait=False):
                return True
            with self._counting(slot):
                begun, _done = _NUMBERS.unpack_from(self.memory, slot * _BYTES)
                # Beyond what any writer would have reached: nothing kept before can be taken for current.
                _NUMBERS.pack_into(self.memory, slot * _BYTES, begun + 1, begun + 1)
            return False
        finally:
            os.close(handle)

    @contextmanager
    def _counting(self, slot: int) -> Iterator[None]:
        handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        try:
            _lock(handle, fcntl.F_WRLCK, 2 * _SLOTS * _BYTES + slot)
            yield
        finally:
            os.close(handle)


def _lock(handle: int, kind: int, place: int, *, wait: bool = True) -> bool:
    # Locks of the open file, not of the process: threads of one process see each other's.
    request = _FLOCK.pack(kind, os.SEEK_SET, place, 1, 0)
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK, request)
    except (BlockingIOError, PermissionError):
        return False
    return True


@cache
def board() -> Notices:
    """The board of this installation."""
    if settings.VALKEY_URL:
        # Its client is 7 MB of each worker, for those who have such a server.
        from .valkey import ValkeyBoard

        return ValkeyBoard(settings.VALKEY_URL, patience=settings.VALKEY_SECONDS)
    return Board(Path(settings.VAR_DIR) / "changes.board")


class _Open(dict[int, Any]):
    """The changes that a thread has begun and not ended, by slot. A thread that ends lets them go."""

    def __del__(self) -> None:
        if self and not sys.is_finalizing():
            board().end_all(self, committed=False)


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.slots = _Open()


_open = _OfThread()
# Told of slots that are changing, once the board says so and before the commit: to withdraw what lies elsewhere.
before_commit: list[Callable[[Iterable[int]], None]] = []


def discussion_changes(post_id: int) -> None:
    """Called in the transaction of whatever changes what readers see of a discussion."""
    _changes(discussion_slot(post_id), ALL_DISCUSSIONS)


def site_changes() -> None:
    """Called in the transaction of whatever changes what stands around discussions."""
    _changes(SITE)


def still_open() -> dict[int, Any]:
    """The changes that this thread has begun and not ended, by slot."""
    return _open.slots


def _changes(*slots: int) -> None:
    if not settings.KEEP_PAGES:
        return
    mine = still_open()
    if mine and not connection.in_atomic_block:
        end_all(committed=False)
    new = [slot for slot in slots if slot not in mine]
    if len(new) < len(slots):
        board().begin_again(mine)
    if new:
        mine.update(board().begin_all(new))
        for tell in before_commit:
            tell(new)
    # Outside a transaction this ends at once: the write before it is committed already. Said each time, since what
    # was to follow a savepoint is forgotten with it.
    transaction.on_commit(end_all)


def end_all(*, committed: bool = True) -> None:
    """Ends what this thread has begun."""
    mine = still_open()
    if mine:
        handles = dict(mine)
        mine.clear()
        board().end_all(handles, committed=committed)


def _request_begins(**_signal: object) -> None:
    end_all(committed=False)
    if settings.KEEP_PAGES:
        board().request_begins()


def _request_ends(**_signal: object) -> None:
    # What is still open was rolled back, and nobody has been told of it.
    end_all(committed=False)
    if settings.KEEP_PAGES:
        board().request_ends()


def _task_ends(**_signal: object) -> None:
    # One that is run at once, where it was enqueued, may stand in somebody else's transaction.
    if not connection.in_atomic_block:
        end_all(committed=False)


request_started.connect(_request_begins, dispatch_uid="front.board")
request_finished.connect(_request_ends, dispatch_uid="front.board")
task_finished.connect(_task_ends, dispatch_uid="front.board")
