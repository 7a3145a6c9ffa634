"""From parent numbers to an order with every parent before its replies, whatever the numbers say."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .records import SourceComment


@dataclass(frozen=True)
class Arrangement:
    """`order` holds (comment, number of its parent or ""); the other two count what had to be put right."""

    order: list[tuple[SourceComment, str]]
    without_parent: int
    in_circles: int


def arrange(
    comments: Iterable[SourceComment],
    *,
    sort_key: Callable[[SourceComment], Any],
    stored: Collection[str] = (),
    left_out: Mapping[str, str] | None = None,
) -> Arrangement:
    """The comments of one discussion thread by thread, siblings by `sort_key`.

    A parent that is neither among them nor `stored` already makes a comment top-level: the number may
    belong to a stranger elsewhere. Where the parent was `left_out` (number → its own parent) the nearest
    one above it counts. Of comments that answer each other in a circle the oldest becomes top-level.
    """
    by_id = {comment.source_id: comment for comment in comments}
    left_out = left_out or {}
    parents: dict[str, str] = {}
    without_parent = 0
    for comment in by_id.values():
        parent = _above(comment.parent_id, left_out)
        if comment.parent_id and parent not in by_id and parent not in stored:
            parent = ""
            without_parent += 1
        parents[comment.source_id] = parent
    in_circles = _open_circles(parents, by_id, sort_key)

    replies: dict[str, list[SourceComment]] = {}
    tops = []
    for comment in sorted(by_id.values(), key=sort_key):
        parent = parents[comment.source_id]
        if parent in by_id:
            replies.setdefault(parent, []).append(comment)
        else:
            tops.append(comment)
    order = []
    waiting = tops[::-1]
    while waiting:
        comment = waiting.pop()
        order.append((comment, parents[comment.source_id]))
        waiting.extend(reversed(replies.get(comment.source_id, ())))
    return Arrangement(order, without_parent, in_circles)


def _above(parent: str, left_out: Mapping[str, str]) -> str:
    seen = set()
    while parent in left_out and parent not in seen:
        seen.add(parent)
        parent = left_out[parent]
    return "" if parent in left_out else parent


def _open_circles(
    parents: dict[str, str], by_id: Mapping[str, SourceComment], sort_key: Callable[[SourceComment], Any]
) -> int:
    opened = 0
    settled: set[str] = set()
    for start in parents:
        path: list[str] = []
        on_path: set[str] = set()
        here = start
        while here in by_id and here not in settled and here not in on_path:
            path.append(here)
            on_path.add(here)
            here = parents[here]
        if here in on_path:
            circle = path[path.index(here) :]
            oldest = min(circle, key=lambda number: sort_key(by_id[number]))
            parents[oldest] = ""
            opened += 1
        settled.update(path)
    return opened
