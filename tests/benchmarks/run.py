"""One run of the benchmarks: the databases one after the other, each with a server of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import servers
from .pressure import Figures, read
from .rows import Storied
from .servers import Server
from .table import Row


@dataclass
class Options:
    databases: list[str]
    sizes: list[str]
    only: list[str]
    seconds: float = 4
    times: int = 3
    articles: int = 10_000
    comments_each: int = 100


class Run:
    """One run of the benchmarks; `rows` grows as it goes."""

    def __init__(self, folder: Path, options: Options, tell: Callable[[Row], None]) -> None:
        self.folder, self.options, self._tell = folder, options, tell
        self.rows: list[Row] = []
        self._found: dict[tuple[str, str], Figures] = {}

    def wants(self, group: str) -> bool:
        return not self.options.only or group in self.options.only

    def all(self) -> list[Row]:
        self.limits()
        for database in self.options.databases:
            with self._database(database) as (address, pid):
                folder = self.folder / f"site-{database}"
                folder.mkdir()
                with servers.storied(folder, address, pid) as server:
                    Storied(self, server, database, address).all()
        return self.rows

    def limits(self) -> None:
        """The least that a request can cost here."""
        for name, application, environment in (
            ("empty WSGI application", "plain:application", {}),
            ("empty Django view", "view:application", {}),
            ("empty Django view, default middleware", "view:application", {"BENCH_MIDDLEWARE": "1"}),
        ):
            with servers.empty(self.folder, application, **environment) as server:
                self.told(self.add("limits", name, "", self.reading(server, "/")))

    @contextmanager
    def _database(self, name: str) -> Iterator[tuple[str, int | None]]:
        with ExitStack() as stack:
            if name == "sqlite":
                yield f"sqlite:///{self.folder / 'bench.sqlite3'}", None
            else:
                yield stack.enter_context(servers.postgresql(self.folder))

    def reading(self, server: Server, path: str, headers: dict[str, str] | None = None, **options: Any) -> Figures:
        return read(server, path, headers, seconds=self.options.seconds, times=self.options.times, **options)

    def add(self, group: str, name: str, database: str, figures: Figures | None = None, says: str = "") -> Row:
        row = Row(group, name, database, figures, says=says)
        self.rows.append(row)
        if figures is not None:
            self._found[name, database] = figures
        return row

    def told(self, row: Row) -> None:
        self._tell(row)

    def found(self, name: str, database: str = "") -> Figures | None:
        return self._found.get((name, database))
