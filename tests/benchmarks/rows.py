"""What is measured, in which order."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from . import servers
from .big import UNKEPT, BigSite, long_pages
from .desk import Desk
from .pressure import GZIP, Figures, Page, cheapest, get, ratio
from .replies import Replies
from .servers import Server
from .table import Bar, Row

if TYPE_CHECKING:
    from .run import Run

# The page of somebody who wrote once: a cookie that the cache takes for personal.
A_GUEST = {**GZIP, "Cookie": "storied_guest=x"}
_VIEW, _WSGI = "empty Django view", "empty WSGI application"
_SAME_BYTES = f"{_WSGI}, the bytes of 1,000 comments"


class Storied:
    """The rows of one database, on one server from the beginning to the end."""

    def __init__(self, run: "Run", server: Server, database: str, address: str) -> None:
        self.run, self.server, self.database, self.address = run, server, database, address
        self.posts: dict[str, dict[str, Any]] = {}

    def all(self) -> None:
        sizes = self.run.options.sizes
        # What is written to is never read from, and each time anew: pages and replies are compared before and after.
        names = [size + copy for copy in ("", "-before", "-after") for size in sizes]
        self.posts = self.server.ask("fill", *names)["posts"]
        for group in (self.cached, self.pages, self.replies, self.long, self.desk, self.site, self.nginx):
            if self.run.wants(group.__name__):
                group()
        self.end()

    def has(self, *sizes: str) -> bool:
        return all(size in self.posts for size in sizes)

    # --- Reading -----------------------------------------------------------------------------------------

    def cached(self) -> None:
        """Pages that are kept ready, in turn with what costs the least here."""
        self.server.ask("rules", "comments_a_page=1000")
        with ExitStack() as running:
            for size in ("26", "1000"):
                if not self.has(size):
                    continue
                path = self.posts[size]["path"]
                _status, said, body = get(self.server, path, GZIP)
                pages = [
                    Page(self.server, path),
                    Page(self.server, path, {**GZIP, "If-None-Match": said.get("etag", "")}, 304),
                    *map(Page, (self.run.empty[name] for name in (_VIEW, _WSGI))),
                ]
                if size == "1000":
                    (self.run.folder / f"{self.database}.body").write_bytes(body)
                    same = {"BENCH_BODY": str(self.run.folder / f"{self.database}.body")}
                    pages.append(
                        Page(running.enter_context(servers.empty(self.run.folder, "plain:application", **same)))
                    )
                ours, unchanged, view, wsgi, *same_bytes = self.run.in_turn(pages)
                kept = self._row("cached", f"article with {size} comments, kept", cheapest(ours))
                if same_bytes:
                    self.run.told(self.run.add("limits", _SAME_BYTES, self.database, cheapest(same_bytes[0])))
                    kept.at_most(ratio(ours, same_bytes[0]), 1.6, f"times {_SAME_BYTES}", *same_bytes[0])
                else:
                    kept.at_most(ratio(ours, view), 0.5, f"times {_VIEW}", *view)
                    kept.at_most(ratio(ours, wsgi), 1.6, f"times {_WSGI}", *wsgi)
                self.run.told(kept)
                row = self._row("cached", f"article with {size} comments, 304", cheapest(unchanged))
                row.at_most(ratio(unchanged, view), 0.5, f"times {_VIEW}", *view)
                row.at_most(ratio(unchanged, wsgi), 1.6, f"times {_WSGI}", *wsgi)
                self.run.told(row)

    def pages(self) -> None:
        """Pages that are made for the request."""
        queries = self._pages_of_one()
        if self.has("10000"):
            self.server.ask("rules", "comments_a_page=200")
            for name, asked in long_pages(self.server, self.posts["10000"]["path"]).items():
                row = self._row("pages", f"10,000 comments, {name} page", self._read(asked, connections=4))
                row.figures.queries = self._queries(asked)["then"]
                row.at_most(row.figures.together, 12, "ms")
                self.run.told(row)
            self.server.ask("rules", "comments_a_page=1000")
        if queries.get("26") is not None and queries.get("1000") is not None:
            row = self._row("pages", "queries of 1,000 comments against 26", None)
            row.bars.append(Bar(f"{queries['1000']} and {queries['26']}, the same", queries["26"] == queries["1000"]))
            self.run.told(row)

    def _pages_of_one(self) -> dict[str, int]:
        self.server.ask("rules", "comments_a_page=1000")
        queries = {}
        for size, most in (("26", 2.5), ("1000", 10)):
            if not self.has(size):
                continue
            post = self.posts[size]
            asked = f"{post['path']}?{UNKEPT}"
            row = self._row("pages", f"{size} comments, uncached", self._read(asked, connections=4))
            counted = self._queries(asked)
            queries[size] = row.figures.queries = counted["then"]
            row.at_most(row.figures.together, most, "ms")
            row.at_most(counted["then"], 6, f"queries ({counted['first']} the first time in a process)")
            if size == "1000" and self.has("26"):
                row.at_most(self._bytes_around_a_comment(), 450, "bytes of HTML around each comment's own text")
            self.run.told(row)
            figures = self._read(post["path"], A_GUEST, connections=4)
            self.run.told(self._row("pages", f"{size} comments, to a guest who has written", figures))
        return queries

    def _bytes_around_a_comment(self) -> float:
        few, many = self.posts["26"], self.posts["1000"]
        own = self.server.ask("own_bytes", str(few["pk"]), str(many["pk"]))
        around = [len(get(self.server, post["path"], {})[2]) - own[str(post["pk"])] for post in (few, many)]
        return (around[1] - around[0]) / (many["comments"] - few["comments"])

    def _queries(self, address: str) -> dict[str, int]:
        return self.server.ask("queries", address)[address]

    def _read(self, path: str, headers: dict[str, str] | None = None, **options: Any) -> Figures:
        return self.run.reading(self.server, path, headers, **options)

    # --- Writing -----------------------------------------------------------------------------------------

    def replies(self) -> None:
        """Replies from a form: alone, in turn by size, and by eight at once; each looked for afterwards."""
        options = self.run.options
        sizes = [size for size in ("26", "100", "1000", "10000") if self.has(size)]
        written = {size: Replies(self.server, self.posts[f"{size}-before"]) for size in sizes}
        for _ in range(options.times + 1):
            for replies in written.values():
                replies.write(options.seconds)
        for size, replies in written.items():
            row = self._told_replies(f"reply into {size} comments", replies, cheapest(replies.rounds))
            if size == "1000":
                row.at_most(row.figures.together, 5, "ms")
            elif size == "10000" and "100" in written:
                hundred = written["100"].rounds
                row.at_most(ratio(replies.rounds, hundred), 1.2, "times a reply into 100", *hundred)
            self.run.told(row)
        for size in sizes:
            replies = Replies(self.server, self.posts[f"{size}-before"])
            # Eight lines fall on two workers by chance, anew each time.
            for _ in range(2 * options.times + 1):
                replies.write(options.seconds, clients=8)
            best = max(replies.rounds, key=lambda figures: figures.rate)
            row = self._told_replies(f"reply into {size} comments, 8 clients", replies, best)
            if size == "1000":
                row.at_least(row.figures.rate, 300, "a second")
            self.run.told(row)

    def long(self) -> None:
        """One thread of ten thousand replies, the worst case of nested sets."""
        if not self.has("long"):
            return
        post = self.posts["long-before"]
        for where, parent in (("anywhere", None), ("to the first reply", lambda _turn: post["first"] + 1)):
            replies = Replies(self.server, post, parent)
            for _ in range(self.run.options.times):
                replies.write(self.run.options.seconds)
            row = self._told_replies(f"reply into one thread of 10,000, {where}", replies, cheapest(replies.rounds))
            row.at_most(row.figures.together, 25, "ms")
            self.run.told(row)

    def _told_replies(self, name: str, replies: Replies, figures: Figures) -> Row:
        row = self._row("replies", name, figures)
        row.bars.append(replies.arrived())
        return row

    # --- Moderating --------------------------------------------------------------------------------------

    def desk(self) -> None:
        Desk(self.run, self.server, self.database).all()

    # --- Beside others -----------------------------------------------------------------------------------

    def site(self) -> None:
        BigSite(self.run, self.server, self.database, self.posts).all()

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
            pages = [Page(server, path)]
            for number, more in enumerate(beside.values()):
                files = folder / f"files-{number}"
                files.mkdir()
                pages.append(Page(running.enter_context(servers.nginx(files, page, more)), "/index.html"))
            # Each costs a few microseconds: so many requests, and in turn, that little else can tell them apart.
            measured = self.run.in_turn(pages)
            headers = {**GZIP, "If-None-Match": get(server, path, GZIP)[1]["etag"]}
            unchanged = self.run.reading(server, path, headers, expected=304)
        ours, static, _remembering = measured
        row = self._row("nginx", "article with 26 comments, behind nginx", cheapest(ours))
        row.at_most(ratio(ours, static), 1.3, f"times {static_file}", *static)
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
