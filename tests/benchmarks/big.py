"""A big site: the same pages and replies once there are a million comments beside them."""

from typing import TYPE_CHECKING, Any

from .pressure import Figures, Page, cheapest, get, ratio, read
from .replies import Replies, write_in_turn
from .servers import Server
from .table import Bar, Row

if TYPE_CHECKING:
    from .run import Run

# A page that is not kept: the cache lets a query that it does not know pass, and the page is still everybody's.
UNKEPT = "uncached=1"


class BigSite:
    """The rows of one database; a small site of the same articles, on a database of its own, is asked in turn.

    Both by servers that have just started: one that has worked for a quarter of an hour is slower with any site.
    """

    def __init__(self, run: "Run", server: Server, database: str, posts: dict[str, dict[str, Any]]) -> None:
        self.run, self.server, self.database, self.posts = run, server, database, posts
        self.where = ""

    def all(self) -> None:
        self._load()
        with self.run.anew(self.server, self.database) as big, self.run.twin(self.server, self.database) as small:
            posts = small.ask("fill", *self.posts)["posts"]
            self._pages(small, posts, big)
            self._replies(small, posts, big)
        self._all_of_it_unmeasured()

    def _load(self) -> None:
        options = self.run.options
        loaded = self.server.ask("site", str(options.articles), str(options.comments_each))
        checked = self.server.ask("check")
        rate = loaded["comments"] / loaded["seconds"]
        row = self._row(f"load {loaded['comments']:,} comments", None)
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
        row = self._row(f"put {indexed['documents']:,} of them into the search", None)
        row.says = f"{indexed['seconds']:.1f} s, {indexed['documents'] / indexed['seconds']:,.0f} a second"
        self.run.told(row)
        self.where = f"in a site of {loaded['comments']:,}"

    def _pages(self, small: Server, posts: dict[str, dict[str, Any]], big: Server) -> None:
        for size in self._sizes("26", "1000", "10000"):
            asked = [_pages_of(server, size, those[size]) for server, those in ((small, posts), (big, self.posts))]
            for name in asked[0]:
                pages = [Page(small, asked[0][name]), Page(big, asked[1][name])]
                # Four lines fall on two workers by chance, anew each time: three on one cost a fifth more.
                before, after = self.run.in_turn(pages, connections=4, shorter=2)
                called = f"10,000 comments, {name} page" if name else f"{size} comments, uncached"
                self.run.told(self._against(f"{called} {self.where}", before, after))

    def _replies(self, small: Server, posts: dict[str, dict[str, Any]], big: Server) -> None:
        options, sizes = self.run.options, self._sizes("26", "100", "1000", "10000")
        pairs = {
            size: (Replies(small, posts[f"{size}-after"]), Replies(big, self.posts[f"{size}-after"])) for size in sizes
        }
        for pair in pairs.values():
            for replies in pair:
                replies.warm_up(options.seconds)
        for _ in range(2 * options.times + 1):
            for pair in pairs.values():
                write_in_turn(pair, 2 * options.seconds)
        for size, (before, after) in pairs.items():
            row = self._against(f"reply into {size} comments {self.where}", before.rounds, after.rounds)
            row.bars.append(after.arrived())
            self.run.told(row)

    def _all_of_it_unmeasured(self) -> None:
        """Asked of the server that has done all the rest, too: by what its workers have grown to they are judged."""
        for size in self._sizes("26", "1000", "10000"):
            for path in _pages_of(self.server, size, self.posts[size]).values():
                read(self.server, path, connections=4, seconds=1, times=1)
        for size in self._sizes("26", "100", "1000", "10000"):
            Replies(self.server, self.posts[f"{size}-after"]).warm_up(self.run.options.seconds)

    def _sizes(self, *sizes: str) -> list[str]:
        return [size for size in sizes if size in self.posts]

    def _against(self, name: str, before: list[Figures], after: list[Figures]) -> Row:
        row = self._row(name, cheapest(after))
        row.at_most(ratio(after, before), 1.1, "times the small site", *before)
        return row

    def _row(self, name: str, figures: Figures | None) -> Row:
        return self.run.add("site", name, self.database, figures)


def _pages_of(server: Server, size: str, post: dict[str, Any]) -> dict[str, str]:
    """The pages of one discussion that are asked for, by name."""
    server.ask("rules", f"comments_a_page={200 if size == '10000' else 1000}")
    return long_pages(server, post["path"]) if size == "10000" else {"": f"{post['path']}?{UNKEPT}"}


def long_pages(server: Server, path: str) -> dict[str, str]:
    """The first, the middle and the last page of a long discussion, not kept."""
    last = _last_page(server, path)
    numbers = {"first": 1, "middle": last // 2, "last": last}
    return {name: f"{path}?comments={number}&{UNKEPT}" for name, number in numbers.items()}


def _last_page(server: Server, path: str) -> int:
    """The number of the last page; found by asking, since pages may be cut by bytes too."""

    def is_there(number: int) -> bool:
        return get(server, f"{path}?comments={number}", {})[0] == 200

    low, high = 1, 2
    while is_there(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_there(middle) else (low, middle)
    return low
