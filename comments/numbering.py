"""The numbers of a tree, spaced: a reply finds room between its neighbours and moves nobody, or only a few.

A tree's root has 1 and TOP; everything below it has two numbers in between, nested as the comments are. Where no room
is left between two numbers, those around them are spread anew: over the smallest stretch, aligned to a power of two,
that is not too full for its size. So an insert moves the logarithm of the thread's length on average, wherever it goes
(Bender, Cole, Demaine, Farach-Colton, Zito: “Two Simplified Algorithms for Maintaining Order in a List”, 2002).
"""

from bisect import bisect_right
from collections.abc import Sequence

from django.db import connection

from storied import rows

TOP = 1 << 62
# A stretch of 2 ** bits may hold 1.3 ** bits numbers; measured: 0 to 9 comments moved for a reply into one thread of
# 5,000, by the order in which it grew. More would let it fill up more often, less would spread wider stretches.
_FULL = 1.3
_NARROWEST, _STEP = 8, 2  # bits
# A new comment takes this part of the room there is, and leaves the same before it: the rest is for later siblings.
_SHARE = 16


def spaced(count: int, low: int = 1, high: int = TOP) -> list[int]:
    """So many numbers between these two, evenly."""
    step = (high - low) // (count + 1)
    return [low + step * (place + 1) for place in range(count)]


def whole_tree(count: int) -> list[int]:
    """The numbers of a tree with so many in all, the root's two among them."""
    return [1, *spaced(count - 2), TOP]


def room(tree_id: int, before: int, count: int) -> list[int]:
    """So many free numbers right before one that is taken; the tree must be locked.

    Others may be moved for it: what was read before of the same tree is out of date.
    """
    [numbers] = rows.fetch(_LAST, [tree_id, before, tree_id, before])
    last = max(number for number in numbers if number is not None)
    gap = before - last
    if gap <= count:
        return _spread(tree_id, last, count)
    step = max(1, gap // (_SHARE + count - 2))
    return [last + step * (place + 1) for place in range(count)]


def _spread(tree_id: int, last: int, count: int) -> list[int]:
    """Free numbers right after `last`, those around it spread anew."""
    low, high = _stretch(tree_id, last, count)
    with connection.cursor() as cursor:
        cursor.execute(_INSIDE, [tree_id, low, high, tree_id, low, high])
        rows = {pk: [left, right] for pk, left, right in cursor.fetchall()}
        taken = sorted(
            (number, pk, side) for pk, both in rows.items() for side, number in enumerate(both) if low <= number < high
        )
        at = bisect_right(taken, (last, float("inf"), 1))
        numbers = spaced(len(taken) + count, low - 1, high)
        free = numbers[at : at + count]
        for (_number, pk, side), number in zip(taken, numbers[:at] + numbers[at + count :], strict=True):
            rows[pk][side] = number
        cursor.executemany(_PUT, [(left, right, pk) for pk, (left, right) in sorted(rows.items())])
    return free


def _stretch(tree_id: int, last: int, count: int) -> tuple[int, int]:
    """The smallest aligned stretch around a number that may hold so many more: from, and up to."""
    with connection.cursor() as cursor:
        for bits in range(_NARROWEST, TOP.bit_length(), _STEP):
            start = last >> bits << bits
            low, high = max(2, start), min(TOP, start + (1 << bits))
            cursor.execute(_HOW_MANY, [tree_id, low, high, tree_id, low, high])
            if sum(cursor.fetchone()) + count <= _FULL**bits:
                return low, high
    return 2, TOP


def in_order(rows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """(place, side) of the numbers of comments given as (left, right), from the lowest on."""
    taken = sorted((number, place, side) for place, both in enumerate(rows) for side, number in enumerate(both))
    return [(place, side) for _number, place, side in taken]


_TABLE = "comments_comment"
_LAST = (
    f"SELECT (SELECT MAX(lft) FROM {_TABLE} WHERE tree_id = %s AND lft < %s), "  # noqa: S608
    f"(SELECT MAX(rght) FROM {_TABLE} WHERE tree_id = %s AND rght < %s)"
)
_HOW_MANY = (
    f"SELECT (SELECT COUNT(*) FROM {_TABLE} WHERE tree_id = %s AND lft >= %s AND lft < %s), "  # noqa: S608
    f"(SELECT COUNT(*) FROM {_TABLE} WHERE tree_id = %s AND rght >= %s AND rght < %s)"
)
# Two questions, each with its index; the few that answer both are one row.
_INSIDE = (
    f"SELECT id, lft, rght FROM {_TABLE} WHERE tree_id = %s AND lft >= %s AND lft < %s "  # noqa: S608
    f"UNION SELECT id, lft, rght FROM {_TABLE} WHERE tree_id = %s AND rght >= %s AND rght < %s"
)
_PUT = f"UPDATE {_TABLE} SET lft = %s, rght = %s WHERE id = %s"  # noqa: S608
