"""A page with holes: what around a discussion seldom changes is rendered once, what is in the holes each time.

A template tag leaves a hole by `leave(request, fill)`; a view that allows holes gets the page from `page(...)`, with
the holes filled. Where a view allows none, a tag renders in place. What fills a hole comes in pieces, and each is
encoded by itself: a single letter beyond ASCII would make one long text, and each copy of it, twice as long.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from django.http import HttpRequest

from .board import SITE
from .memo import Memo

Fill = Callable[[HttpRequest], Iterable[str | bytes]]


def _weight(made: tuple[list[bytes | Fill], Any]) -> int:
    return sum(len(part) for part in made[0] if isinstance(part, bytes))


# The text of an article is in its frame, and may be long.
_frames = Memo(most=1_000, most_bytes=8_000_000, weigh=_weight)
# Nobody can write this into a text: it is drawn anew in each process.
_SECRET = secrets.token_hex(16)
_HOLE = re.compile(rf"\[hole {_SECRET} (\d+)\]")


def leave(request: HttpRequest, fill: Fill) -> str | None:
    """The mark of a hole that `fill` will fill, or None where this page may have none."""
    holes: list[Fill] | None = getattr(request, "_storied_holes", None)
    if holes is None:
        return None
    holes.append(fill)
    return f"[hole {_SECRET} {len(holes) - 1}]"


def page(request: HttpRequest, key: Hashable | None, make: Callable[[], tuple[str, Any]]) -> tuple[bytes, Any]:
    """(the whole page, what `make` returned beside it).

    The frame is kept under its key until something of the site changes; without a key it is made for this visitor.
    """
    frame, beside = (
        _frame(request, make) if key is None else _frames.get(key, (SITE,), lambda: _frame(request, make))
    )  # fmt: skip
    pieces: list[bytes] = []
    for part in frame:
        if isinstance(part, bytes):
            pieces.append(part)
        else:
            pieces += [piece if isinstance(piece, bytes) else piece.encode() for piece in part(request)]
    return b"".join(pieces), beside


def _frame(request: HttpRequest, make: Callable[[], tuple[str, Any]]) -> tuple[list[bytes | Fill], Any]:
    holes: list[Fill] = []
    request._storied_holes = holes
    try:
        html, beside = make()
    finally:
        del request._storied_holes
    parts = _HOLE.split(html)
    return [part.encode() if number % 2 == 0 else holes[int(part)] for number, part in enumerate(parts)], beside
