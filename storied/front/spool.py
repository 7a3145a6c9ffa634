"""Pages handed from one process of this machine to the others, so that each is made once and not once a process.

Who is to make a page takes a lock for it; the others wait, and find the page when they get the lock. The kernel lets go
of a lock whose holder dies, and the next one makes the page. What is found here is compared with the board like any
page in memory. The number of files is fixed: two pages that share one hand over less often, and that is all.
"""

import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from .notices import MadeOf

_FILES = 2_048
WAIT = 20  # seconds for somebody else who is making the same page
_LOOKS = 0.001, 0.02  # seconds between two looks whether the lock is free: at first, at most


class MadePage(NamedTuple):
    """A page as it was made; `made` and `ends` in seconds since 1970."""

    slots: MadeOf
    made: float
    ends: float
    status: str
    headers: list[tuple[str, str]]
    body: bytes


class Spool:
    """The folder that pages are handed over in, between processes that run the same release."""

    def __init__(self, folder: Path, release: str) -> None:
        self._folder, self._release = folder, release

    def begin_anew(self) -> None:
        """Forgets what an earlier run of the server left, of whose changes the board may not know."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            if path.suffix != ".lock":
                path.unlink(missing_ok=True)

    @contextmanager
    def turn(self, key: tuple[str, ...]) -> Iterator[None]:
        """Waits until nobody else on this machine makes this page; not for ever."""
        try:
            handle = os.open(self._file(key).with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            # A full disk is no reason to give nobody the page.
            yield
            return
        try:
            until, pause = time.monotonic() + WAIT, _LOOKS[0]
            while not _lock(handle) and time.monotonic() < until:
                time.sleep(pause)
                pause = min(pause * 1.5, _LOOKS[1])
            yield
        finally:
            os.close(handle)

    def take(self, key: tuple[str, ...]) -> MadePage | None:
        """What was left for this key, whether it still holds or not."""
        try:
            head, _, body = self._file(key).read_bytes().partition(b"\n")
            said = json.loads(head)
            is_asked_for = said["of"] == [*key, self._release, len(body)]
        except (OSError, ValueError, LookupError, TypeError):
            return None
        if not is_asked_for:
            return None
        slots = tuple((slot, done) for slot, done in said["slots"])
        headers = [(name, value) for name, value in said["headers"]]
        return MadePage(slots, said["made"], said["ends"], said["status"], headers, body)

    def leave(self, key: tuple[str, ...], page: MadePage) -> None:
        """Leaves a page for the others; where that is not possible, they make it themselves."""
        said = {**page._asdict(), "of": [*key, self._release, len(page.body)]}
        del said["body"]
        file = self._file(key)
        unfinished = file.with_suffix(f".{secrets.token_hex(8)}")
        try:
            unfinished.write_bytes(b"\n".join((json.dumps(said).encode(), page.body)))
            unfinished.replace(file)
        except OSError:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)

    def _file(self, key: tuple[str, ...]) -> Path:
        number = int.from_bytes(hashlib.blake2b("\n".join(key).encode(), digest_size=8).digest(), "big")
        return self._folder / f"{number % _FILES:04}"


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
