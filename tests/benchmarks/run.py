"""One run of the benchmarks: the databases one after the other, each with a server of its own."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import servers
from .pressure import Figures, Page, read, read_in_turn
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
        self.empty: dict[str, Server] = {}

    def wants(self, group: str) -> bool:
        return not self.options.only or group in self.options.only

    def all(self) -> list[Row]:
        with ExitStack() as running:
            self.limits(running)
            for database in self.options.databases:
                with (
                    self._database(database) as (address, pid),
                    self._storied(f"site-{database}", address, pid) as server,
                ):
                    Storied(self, server, database, address).all()
        return self.rows

    def limits(self, running: ExitStack) -> None:
        """The least that a request can cost here; the servers stay, to be measured in turn with others."""
        for name, application, environment in (
            ("empty WSGI application", "plain:application", {}),
            ("empty Django view", "view:application", {}),
            ("empty Django view, default middleware", "view:application", {"BENCH_MIDDLEWARE": "1"}),
        ):
            self.empty[name] = running.enter_context(servers.empty(self.folder, application, **environment))
            self.told(self.add("limits", name, "", self.reading(self.empty[name], "/")))

    @contextmanager
    def twin(self, beside: Server, database: str) -> Iterator[Server]:
        """One more site, on a database of its own."""
        address = servers.another_database(beside)
        with self._storied(f"small-{database}", address, beside.database_pid) as server:
            yield server

    @contextmanager
    def anew(self, server: Server, database: str) -> Iterator[Server]:
        """Another server for the same site."""
        address = server.environment["DATABASE_URL"]
        with self._storied(f"anew-{database}", address, server.database_pid) as another:
            yield another

    @contextmanager
    def _storied(self, name: str, address: str, pid: int | None) -> Iterator[Server]:
        folder = self.folder / name
        folder.mkdir()
        with servers.storied(folder, address, pid) as server:
            yield server

    @contextmanager
    def _database(self, name: str) -> Iterator[tuple[str, int | None]]:
        with ExitStack() as stack:
            if name == "sqlite":
                yield f"sqlite:///{self.folder / 'bench.sqlite3'}", None
            else:
                yield stack.enter_context(servers.postgresql(self.folder))

    def reading(self, server: Server, path: str, headers: dict[str, str] | None = None, **options: Any) -> Figures:
        return read(server, path, headers, seconds=self.options.seconds, times=self.options.times, **options)

    def in_turn(self, pages: Sequence[Page], *, shorter: int = 1, **options: Any) -> list[list[Figures]]:
        """`shorter`: by how much each turn is, and how many times as many there are."""
        seconds, times = self.options.seconds // shorter, shorter * (2 * self.options.times + 1)
        return read_in_turn(pages, seconds=max(1, seconds), times=times, **options)

    def add(self, group: str, name: str, database: str, figures: Figures | None = None, says: str = "") -> Row:
        row = Row(group, name, database, figures, says=says)
        self.rows.append(row)
        return row

    def told(self, row: Row) -> None:
        self._tell(row)
