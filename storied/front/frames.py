"""A page with holes: what around a discussion seldom changes is rendered once, what is in the holes each time.

A template tag leaves a hole by `leave(request, fill)`; a view that allows holes gets the page from `page(...)`, with
the holes filled. Where a view allows none, a tag renders in place.
"""

import re
import secrets
from collections.abc import Callable, Hashable
from typing import Any

from django.http import HttpRequest

from .board import SITE
from .memo import Memo

Fill = Callable[[HttpRequest], str]

_frames = Memo(most=1_000)
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


def page(request: HttpRequest, key: Hashable, make: Callable[[], tuple[str, Any]]) -> tuple[str, Any]:
    """(the whole page, what `make` returned beside it); the frame is kept until something of the site changes."""
    frame, beside = _frames.get(key, (SITE,), lambda: _frame(request, make))
    return "".join(part if isinstance(part, str) else part(request) for part in frame), beside


def _frame(request: HttpRequest, make: Callable[[], tuple[str, Any]]) -> tuple[list[str | Fill], Any]:
    holes: list[Fill] = []
    request._storied_holes = holes
    try:
        html, beside = make()
    finally:
        del request._storied_holes
    parts = _HOLE.split(html)
    return [part if number % 2 == 0 else holes[int(part)] for number, part in enumerate(parts)], beside
