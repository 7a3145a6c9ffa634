"""Those who race for stored pages, each a process that may be killed at any moment: `python racing.py ROLE FOLDER …`.

The article is a number in a file, which stands for the database. A writer counts it up as a change does, and says what
it has acknowledged; a renderer makes the page of whatever the number is and stores it; a reader notes each page that is
older than what had been acknowledged before it asked.
"""

import fcntl
import http.client
import mmap
import random
import struct
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from storied.front.board import SITE, Board
from storied.front.store import Store, place_of, span_of

ROOT = Path(__file__).resolve().parents[2]
PATH = "/2026/11/a-title/"
SLOT = 17
MARK = "headers"
_NUMBER = struct.Struct("=Q")


def store_in(folder: Path) -> Store:
    return Store(folder / "pages", lambda: MARK, lambda: "release")


def file_of(folder: Path, span: int) -> Path:
    """Where the web server looks."""
    return folder / "pages" / "live" / f"headers-{MARK}{place_of(PATH, '')}" / f"{span}.html"


class Race:
    """One of those who race."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.board, self.store = Board(folder / "board"), store_in(folder)
        self.database = folder / "database"
        with (folder / "acknowledged").open("r+b") as file:
            self._acknowledged = mmap.mmap(file.fileno(), _NUMBER.size)

    @staticmethod
    def prepare(folder: Path) -> None:
        (folder / "database").write_text("0")
        (folder / "acknowledged").write_bytes(_NUMBER.pack(0))
        store_in(folder).begin_anew()

    def acknowledged(self) -> int:
        return _NUMBER.unpack_from(self._acknowledged, 0)[0]

    @contextmanager
    def lock(self, name):
        with (self.folder / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def write(self, slot: int = SLOT) -> int:
        """One change, from its transaction to its answer."""
        with self.lock("database"):
            number = int(self.database.read_text()) + 1
            handle = self.board.begin(slot)
            self.store.withdraw(slot)
            new = self.folder / "database.new"
            new.write_text(str(number))
            new.replace(self.database)
        self.board.end(slot, handle)
        with self.lock("acknowledged"):
            _NUMBER.pack_into(self._acknowledged, 0, max(number, self.acknowledged()))
        return number

    def render(self) -> bool:
        """Makes the page and stores it; whether it was stored."""
        before = self.board.snapshot()
        number = self.database.read_text()
        made_of = self.board.settled_since(before, (SITE, SLOT))
        if made_of is None:
            return False
        now = time.time()
        try:
            return self.store.put(
                place_of(PATH, ""), SLOT, span_of(now), int(now),
                {ending: number.encode() for ending in ("", ".gz", ".br")},
                lambda: self.board.all_settled((SITE, SLOT)) == made_of,
            )  # fmt: skip
        except OSError:
            return False  # taken away under one's hands

    def read(self) -> int | None:
        """What the file says, if it is there."""
        try:
            return int(file_of(self.folder, span_of(time.time())).read_text())
        except FileNotFoundError:
            return None


def main(role: str, folder: str, port: str = "") -> None:
    race, end = Race(Path(folder)), Path(folder) / "end"
    line = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60) if port else None
    found = old = 0
    print("ready", flush=True)
    while not end.exists():
        if role == "writer":
            race.write(SITE if random.random() < 0.1 else SLOT)
            time.sleep(random.random() * 0.01)
        elif role == "renderer":
            race.render()
        else:
            known = race.acknowledged()
            said = race.read() if line is None else ask(line, port)
            found += said is not None
            old += said is not None and said < known
    print(found, old, flush=True)


def start(role: str, folder: Path, *arguments: object) -> subprocess.Popen:
    """One more who races, once it does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.front.racing", role, str(folder), *map(str, arguments)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    return process


def race_with_kills(folder: Path, kills: int, *for_readers: object) -> tuple[int, int]:
    """Writers and renderers that are killed and replaced, readers that are not: (pages found, pages too old)."""
    readers = [start("reader", folder, *for_readers) for _ in range(2)]
    others = [(role, start(role, folder)) for role in ("writer", "renderer") * 2]
    try:
        for _ in range(kills):
            time.sleep(random.random() * 0.4)
            number = random.randrange(len(others))
            role, process = others[number]
            process.kill()
            process.communicate()
            others[number] = role, start(role, folder)
        (folder / "end").touch()
        said = [reader.communicate(timeout=60)[0].split() for reader in readers]
        return sum(int(found) for found, _old in said), sum(int(old) for _found, old in said)
    finally:
        for process in [*readers, *(process for _role, process in others)]:
            process.kill()
            process.communicate()


def ask(line: http.client.HTTPConnection, port: str) -> int | None:
    line.request("GET", PATH, headers={"Host": f"localhost:{port}"})
    answer = line.getresponse()
    text = answer.read()
    return int(text) if answer.status == 200 else None


if __name__ == "__main__":
    main(*sys.argv[1:])
