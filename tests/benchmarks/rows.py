"""What is measured, in which order."""

from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import TYPE_CHECKING, Any

from . import servers
from .desk import Desk
from .pressure import GZIP, Figures, cheapest, get, read_in_turn, write
from .servers import Server
from .table import Bar, Row

if TYPE_CHECKING:
    from .run import Run

# A page that is not kept: the cache lets a query that it does not know pass, and the page is still everybody's.
UNKEPT = "uncached=1"
# The page of somebody who wrote once: a cookie that the cache takes for personal.
A_GUEST = {**GZIP, "Cookie": "storied_guest=x"}
_STEP = 7919  # a prime: parents are taken from all over a discussion


class Storied:
    """The rows of one database, on one server from the beginning to the end."""

    def __init__(self, run: "Run", server: Server, database: str, address: str) -> None:
        self.run, self.server, self.database, self.address = run, server, database, address
        self.posts: dict[str, dict[str, Any]] = {}

    def all(self) -> None:
        sizes = self.run.options.sizes
        # What is written to is never read from, and each time anew: pages and replies are compared before and after.
        copies = ["", "-before", "-after"] if self.run.wants("site") else ["", "-before"]
        names = [size + copy for copy in copies for size in sizes]
        self.posts = self.server.ask("fill", *names)["posts"]
        for group in (self.cached, self.pages, self.replies, self.long, self.desk, self.site, self.nginx):
            if self.run.wants(group.__name__):
                group()
        self.end()

    def has(self, *sizes: str) -> bool:
        return all(size in self.posts for size in sizes)

    # --- Reading -----------------------------------------------------------------------------------------

    def cached(self) -> None:
        """Pages that are kept ready."""
        self.server.ask("rules", "comments_a_page=1000")
        for size in ("26", "1000"):
            if not self.has(size):
                continue
            path = self.posts[size]["path"]
            kept = self._row("cached", f"article with {size} comments, kept", self._read(path))
            etag = get(self.server, path, GZIP)[1].get("etag", "")
            headers = {**GZIP, "If-None-Match": etag}
            unchanged = self._row(
                "cached", f"article with {size} comments, 304", self._read(path, headers, expected=304)
            )
            if size == "26":
                self._beside(kept, 0.5, "empty Django view")
                self._beside(kept, 1.6, "empty WSGI application")
            else:
                self._beside_the_same_bytes(kept, path)
            self._beside(unchanged, 0.5, "empty Django view")
            self._beside(unchanged, 1.6, "empty WSGI application")
            self.run.told(kept)
            self.run.told(unchanged)

    def _beside_the_same_bytes(self, row: Row, path: str) -> None:
        body = self.run.folder / f"{self.database}.body"
        body.write_bytes(get(self.server, path, GZIP)[2])
        name = "empty WSGI application, the bytes of 1,000 comments"
        with servers.empty(self.run.folder, "plain:application", BENCH_BODY=str(body)) as server:
            self.run.told(self.run.add("limits", name, self.database, self.run.reading(server, "/")))
        self._beside(row, 1.6, name, self.database)

    def _beside(self, row: Row, most: float, name: str, database: str = "") -> None:
        other = self.run.found(name, database)
        if other and row.figures:
            row.at_most(row.figures.together / other.together, most, f"times {name}", other)

    def pages(self, where: str = "") -> None:
        """Pages that are made for the request."""
        queries = self._pages_of_one(where)
        if self.has("10000"):
            self.server.ask("rules", "comments_a_page=200")
            path = self.posts["10000"]["path"]
            last = self._last_page(path)
            for name, number in (("first", 1), ("middle", last // 2), ("last", last)):
                asked = f"{path}?comments={number}&{UNKEPT}"
                row = self._row("pages", f"10,000 comments, {name} page{where}", self._read(asked, connections=4))
                row.figures.queries = self._queries(asked)["then"]
                if where:
                    self._beside_the_small_site(row, f"10,000 comments, {name} page")
                else:
                    row.at_most(row.figures.together, 12, "ms")
                self.run.told(row)
            self.server.ask("rules", "comments_a_page=1000")
        if queries.get("26") is not None and queries.get("1000") is not None and not where:
            row = self._row("pages", "queries of 1,000 comments against 26", None)
            row.bars.append(Bar(f"{queries['1000']} and {queries['26']}, the same", queries["26"] == queries["1000"]))
            self.run.told(row)

    def _pages_of_one(self, where: str) -> dict[str, int]:
        self.server.ask("rules", "comments_a_page=1000")
        queries = {}
        for size, most in (("26", 2.5), ("1000", 10)):
            if not self.has(size):
                continue
            post = self.posts[size]
            asked = f"{post['path']}?{UNKEPT}"
            row = self._row("pages", f"{size} comments, uncached{where}", self._read(asked, connections=4))
            counted = self._queries(asked)
            queries[size] = row.figures.queries = counted["then"]
            if where:
                self._beside_the_small_site(row, f"{size} comments, uncached")
                self.run.told(row)
                continue
            row.at_most(row.figures.together, most, "ms")
            row.at_most(counted["then"], 6, f"queries ({counted['first']} the first time in a process)")
            if size == "1000" and self.has("26"):
                row.at_most(self._bytes_around_a_comment(), 450, "bytes of HTML around each comment's own text")
            self.run.told(row)
            figures = self._read(post["path"], A_GUEST, connections=4)
            self.run.told(self._row("pages", f"{size} comments, to a guest who has written", figures))
        return queries

    def _beside_the_small_site(self, row: Row, name: str) -> None:
        before = self.run.found(name, self.database)
        if before:
            row.at_most(row.figures.together / before.together, 1.1, "times the small site", before)

    def _bytes_around_a_comment(self) -> float:
        few, many = self.posts["26"], self.posts["1000"]
        own = self.server.ask("own_bytes", str(few["pk"]), str(many["pk"]))
        around = [len(get(self.server, post["path"], {})[2]) - own[str(post["pk"])] for post in (few, many)]
        return (around[1] - around[0]) / (many["comments"] - few["comments"])

    def _last_page(self, path: str) -> int:
        """The number of the last page; found by asking, since pages may be cut by bytes too."""
        low, high = 1, 2
        while self._is_there(path, high):
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._is_there(path, middle) else (low, middle)
        return low

    def _is_there(self, path: str, number: int) -> bool:
        return get(self.server, f"{path}?comments={number}", {})[0] == 200

    def _queries(self, address: str) -> dict[str, int]:
        return self.server.ask("queries", address)[address]

    def _read(self, path: str, headers: dict[str, str] | None = None, **options: Any) -> Figures:
        return self.run.reading(self.server, path, headers, **options)

    # --- Writing -----------------------------------------------------------------------------------------

    def replies(self, where: str = "", which: str = "-before") -> None:
        """Replies from a form, alone and by eight at once; each looked for afterwards."""
        for size in ("26", "100", "1000", "10000"):
            if not self.has(size):
                continue
            post = self.posts[size + which]
            alone = self._reply(f"reply into {size} comments{where}", post, 1)
            if where:
                self._beside_the_small_site(alone, f"reply into {size} comments")
            elif size == "1000":
                alone.at_most(alone.figures.together, 5, "ms")
            elif size == "10000" and (hundred := self.run.found("reply into 100 comments", self.database)):
                times = alone.figures.together / hundred.together
                alone.at_most(times, 1.2, "times a reply into 100", hundred)
            self.run.told(alone)
            eight = self._reply(f"reply into {size} comments{where}, 8 clients", post, 8)
            if size == "1000":
                eight.at_least(eight.figures.rate, 300, "a second")
            self.run.told(eight)

    def long(self) -> None:
        """One thread of ten thousand replies: each reply shifts the numbers to the right of it."""
        if not self.has("long"):
            return
        post = self.posts["long-before"]
        row = self._reply("reply into one thread of 10,000, anywhere", post, 1)
        row.at_most(row.figures.together, 25, "ms")
        self.run.told(row)
        row = self._reply("reply into one thread of 10,000, to the first reply", post, 1, lambda _: post["first"] + 1)
        row.at_most(row.figures.together, 25, "ms")
        self.run.told(row)

    def _reply(self, name: str, post: dict[str, Any], clients: int, parent: Callable[[int], int] | None = None) -> Row:
        pk = str(post["pk"])
        parent = parent or (lambda turn: post["first"] + turn * _STEP % post["comments"])
        before = self.server.ask("count", pk)[pk]
        measured = [
            write(self.server, post, parent, clients=clients, seconds=self.run.options.seconds)
            for _ in range(self.run.options.times)
        ]
        best = max(measured, key=lambda f: f.rate) if clients > 1 else min(measured, key=lambda f: f.together)
        row = self._row("replies", name, best)
        acknowledged = sum(figures.notes["acknowledged"] for figures in measured)
        lost = before + acknowledged - self.server.ask("count", pk)[pk]
        wrong = [words for figures in measured for words in figures.notes["wrong"]]
        twice = sum(figures.notes["twice"] for figures in measured)
        told = f"{acknowledged} acknowledged, {lost} lost, {twice} twice, {sum(f.errors for f in measured)} errors"
        row.bars.append(Bar(f"{told}{' ' + wrong[0] if wrong else ''}", not (lost or twice or wrong)))
        return row

    # --- Moderating --------------------------------------------------------------------------------------

    def desk(self) -> None:
        Desk(self.run, self.server, self.database).all()

    # --- A big site --------------------------------------------------------------------------------------

    def site(self) -> None:
        """The same pages and replies once there are a million comments beside them."""
        options = self.run.options
        loaded = self.server.ask("site", str(options.articles), str(options.comments_each))
        checked = self.server.ask("check")
        rate = loaded["comments"] / loaded["seconds"]
        row = self._row("site", f"load {loaded['comments']:,} comments", None)
        row.says = (
            f"{loaded['seconds']:.1f} s; statistics {loaded['settled']:.1f} s; "
            f"every tree and count verified in {checked['seconds']:.1f} s"
        )
        if self.database == "postgresql":
            row.at_least(rate, 20_000, "a second")
        else:
            row.bars.append(Bar(f"{rate:,.0f} a second", None))
        self.run.told(row)
        indexed = self.server.ask("index", str(loaded["comments"] // 10))
        row = self._row("site", f"put {indexed['documents']:,} of them into the search", None)
        row.says = f"{indexed['seconds']:.1f} s, {indexed['documents'] / indexed['seconds']:,.0f} a second"
        self.run.told(row)
        where = f" in a site of {loaded['comments']:,}"
        self.pages(where)
        self.replies(where, "-after")

    def nginx(self) -> None:
        """Storied behind nginx, and nginx by itself with the same page as a file that is compressed beforehand."""
        if not self.has("26"):
            return
        if servers.nginx_program() is None:
            row = self._row("nginx", "behind nginx", None)
            row.says = "not measured: nginx is not installed"
            self.run.told(row)
            return
        folder = self.run.folder / f"behind-{self.database}"
        folder.mkdir()
        path = self.posts["26"]["path"]
        static_file = "nginx, a precompressed file of 26 comments"
        beside = {static_file: "", f"{static_file}, which remembers open files": "open_file_cache max=100;"}
        with ExitStack() as running:
            server = running.enter_context(servers.storied_behind_nginx(folder, self.address, self.server.database_pid))
            page = get(server, path, {})[2]
            pages = [(server, path)]
            for number, more in enumerate(beside.values()):
                files = folder / f"files-{number}"
                files.mkdir()
                pages.append((running.enter_context(servers.nginx(files, page, more)), "/index.html"))
            # Each costs a few microseconds: so many requests, and in turn, that little else can tell them apart.
            options = self.run.options
            measured = read_in_turn(pages, seconds=options.seconds, times=2 * options.times + 1)
            headers = {**GZIP, "If-None-Match": get(server, path, GZIP)[1]["etag"]}
            unchanged = self.run.reading(server, path, headers, expected=304)
        ours, static, _remembering = measured
        row = self._row("nginx", "article with 26 comments, behind nginx", cheapest(ours))
        times = median(one.together / other.together for one, other in zip(ours, static, strict=True))
        row.at_most(times, 1.3, f"times {static_file}", *static)
        self.run.told(row)
        self.run.told(self._row("nginx", "article with 26 comments, behind nginx, 304", unchanged))
        for name, figures in zip(beside, measured[1:], strict=True):
            self.run.told(self.run.add("limits", name, self.database, cheapest(figures)))

    def end(self) -> None:
        """Whether all that was written stands right, and what the workers have grown to."""
        checked = self.server.ask("check")
        row = self._row("end", "all trees and counts after all of it", None)
        row.says = f"right; verified in {checked['seconds']:.1f} s"
        self.run.told(row)
        memory = self.server.memory()
        row = self._row("end", "memory of the largest worker", None)
        row.says = (
            f"{memory['rss']:.0f} MB resident, {memory['mapped']:.0f} MB more of the mapped database file; "
            f"with what is shared divided {memory['pss']:.0f} MB in all"
        )
        row.at_most(memory["rss"], 160, "MB")
        self.run.told(row)

    def _row(self, group: str, name: str, figures: Figures | None) -> Row:
        return self.run.add(group, name, self.database, figures)
