"""Kept pages as files, which a web server in front sends without asking Storied, and which are never out of date.

What the web server looks for is `live/<headers>/<path>/=<query>/<span>.html`, with `.gz` or `.br` behind it: from the
address a link leads to the folder of one page, which lies in the folder of the slot that the page is made of:

    live/                       all pages; taken away as a whole when the site changes
    live/17/                    pages of slot 17; taken away as a whole when it changes
    live/17/3f…/1795471.html    a page, good for one span of time
    live/headers-9c…/2026/11/a-title/=  →  ../../../../17/3f…

Exact without a lock. A writer takes the folder away by one rename, inside its transaction, after its change is on the
board and before the commit: whoever dies later has left nothing behind. Whoever stores a page opens the slot's folder
first, looks at the board then, and puts the page into the folder that it opened. Where a writer began before that look,
the board says so and nothing is stored; where one begins after it, it takes away the very folder that the page goes to,
be the page in it already or not.

Files of the past span are not looked at: what ends by itself is stored only for spans that it outlives, and whatever a
power cut brought back, or a Storied that no longer runs cannot take away, is sent for a quarter of an hour at the most.
A page is stored a second after it was made at the earliest, so that its date, of whole seconds, tells it from every
other page that was ever sent under that address: web servers make their ETag of it.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from . import board
from .headers import headers_mark
from .release import release

SPAN = 1000  # seconds; three digits of the clock, which a web server can cut off
_FREE = 0.1  # of the file system, that stays so
# What an address may be made of, as the browser writes it: no dots, and nothing encoded but letters beyond ASCII.
QUERIES = r"(?:comments|page)=[0-9]{1,6}"
_PATH = re.compile(r"/(?:(?:[A-Za-z0-9_-]|%[89A-F][0-9A-F])+/)*\Z")
PLAIN_QUERY = re.compile(rf"(?:{QUERIES})?\Z")


def span_of(moment: float) -> int:
    """The span of time that a moment (seconds since 1970) lies in."""
    return int(moment) // SPAN


def place_of(path: str, query: str) -> str | None:
    """Where a page with this PATH_INFO and query is looked for; None for addresses that are left to Storied."""
    try:
        written = quote(path.encode("latin-1"), safe="/")
    except UnicodeEncodeError:
        return None
    return f"{written}={query}" if _PATH.match(written) and PLAIN_QUERY.match(query) else None


class Store:
    """The files of one installation; `headers` names the headers that the web server sends with them."""

    def __init__(self, folder: Path, headers: Callable[[], str], release: Callable[[], str]) -> None:
        self.folder = folder
        self._headers, self._release = headers, release
        self._live = folder / "live"

    def begin_anew(self) -> None:
        """Takes away whatever is there, and keeps those out who run something else: for the start of a server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        mark = self.folder / f".{secrets.token_hex(8)}"
        mark.write_text(self._release())
        mark.replace(self.folder / "release")
        self._take_away("live")
        self.sweep()

    def withdraw(self, slot: int) -> None:
        """Takes away all that is made of a slot; raises OSError where that is not possible, and nothing may change."""
        self._take_away("live" if slot == board.SITE else f"live/{slot}")

    def put(
        self, place: str, slot: int, span: int, made: int, files: Mapping[str, bytes], holds: Callable[[], bool]
    ) -> bool:
        """Stores a page's files, by their endings; False where it does not hold (asked at the right moment)."""
        with _opened(self._live, create=True) as live, _opened(str(slot), live, create=True) as of_slot:
            if not holds() or not self._is_mine() or self._is_full(live):
                return False
            name = hashlib.blake2b(place.encode(), digest_size=12).hexdigest()
            with _opened(name, of_slot, create=True) as page:
                self._write(page, str(span), made, files)
            self._link(live, place, f"{slot}/{name}")
        self.sweep()
        return True

    def sweep(self) -> None:
        """Removes what was taken away."""
        with os.scandir(self.folder) as entries:
            gone = [entry.path for entry in entries if entry.name.startswith("gone-")]
        for path in gone:
            # Somebody may still be putting something into it, or be sweeping too.
            shutil.rmtree(path, ignore_errors=True)

    def _take_away(self, name: str) -> None:
        try:
            (self.folder / name).rename(self.folder / f"gone-{secrets.token_hex(8)}")
        except FileNotFoundError:
            return
        except PermissionError:
            raise
        except OSError:
            # A full disk may have no room for another name.
            shutil.rmtree(self.folder / name)

    def _is_mine(self) -> bool:
        try:
            return (self.folder / "release").read_text() == self._release()
        except FileNotFoundError:
            return False

    @staticmethod
    def _is_full(folder: int) -> bool:
        disk = os.statvfs(folder)
        return disk.f_bavail < disk.f_blocks * _FREE

    @staticmethod
    def _write(page: int, span: str, made: int, files: Mapping[str, bytes]) -> None:
        for ending, content in files.items():
            unfinished = f".{secrets.token_hex(8)}"
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=page)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(handle, 0o644)
                os.utime(handle, (made, made))
            os.rename(unfinished, f"{span}.html{ending}", src_dir_fd=page, dst_dir_fd=page)
        for name in os.listdir(page):
            if not name.startswith(f"{span}."):
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=page)

    def _link(self, live: int, place: str, page: str) -> None:
        *folders, last = f"headers-{self._headers()}{place}".split("/")
        target = "../" * len(folders) + page
        with _opened_in(live, folders) as folder:
            with suppress(FileNotFoundError):
                if os.readlink(last, dir_fd=folder) == target:
                    return
            unfinished = f".{secrets.token_hex(8)}"
            os.symlink(target, unfinished, dir_fd=folder)
            os.rename(unfinished, last, src_dir_fd=folder, dst_dir_fd=folder)


@contextmanager
def _opened(path: str | Path, within: int | None = None, *, create: bool = False) -> Iterator[int]:
    """A folder, held open: what is put into it by this handle goes with it, wherever it has been moved to."""
    if create:
        with suppress(FileExistsError):
            os.mkdir(path, dir_fd=within)
            # Nobody's own pages: whoever reads the site may read them, and the web server is somebody else.
            os.chmod(path, 0o755, dir_fd=within)  # noqa: S103
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=within)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _opened_in(within: int, folders: list[str]) -> Iterator[int]:
    handle = os.dup(within)
    try:
        for name in folders:
            with _opened(name, handle, create=True) as inner:
                outer, handle = handle, os.dup(inner)
                os.close(outer)
        yield handle
    finally:
        os.close(handle)


@cache
def store() -> Store | None:
    """The store of this installation, if it has one. Machines that share a board cannot reach each other's files."""
    if not settings.PAGE_STORE or not settings.KEEP_PAGES or settings.VALKEY_URL:
        return None
    return Store(Path(settings.PAGE_STORE), headers_mark, release)


def _withdraw(slots: Iterable[int]) -> None:
    here = store()
    if here is not None:
        for slot in slots:
            here.withdraw(slot)


board.before_commit.append(_withdraw)
