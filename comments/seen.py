"""Which comments somebody has seen: a set of numbers, kept as the runs that it is made of.

`static/js/seen.js` is the same for readers whom only their own browser knows, in the same letters.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

# Runs of one set. Where numbers of many discussions alternate, each comment is a run: a discussion of a thousand
# comments is kept exactly. Of a longer one the oldest runs melt into one, so that what lay between them counts as seen.
MOST = 1_000
LONGEST = 60_000  # characters that are read at all
_WRITTEN = re.compile(r"(?:[0-9a-z]{1,13}(?:-[0-9a-z]{1,13})?(?:,(?!$)|$))*\Z")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Seen:
    """A set of comments' numbers; `runs` are (first, last), ascending and apart from each other."""

    runs: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "Seen":
        return cls(_joined((number, number) for number in numbers))

    @classmethod
    def read(cls, text: str) -> "Seen":
        """What `str` wrote; ValueError for anything else."""
        if len(text) > LONGEST or not _WRITTEN.match(text):
            raise ValueError("This is no set of comments.")
        runs, last = [], 0
        for run in text.split(",") if text else ():
            step, _, more = run.partition("-")
            first = last + int(step, 36)
            last = first + int(more or "0", 36)
            runs.append((first, last))
        return cls(_joined(runs))

    def __str__(self) -> str:
        """Each run by its distance from the one before and by how many follow its first, to the base of 36."""
        written, before = [], 0
        for first, last in self.runs:
            more = f"-{_in_letters(last - first)}" if last > first else ""
            written.append(f"{_in_letters(first - before)}{more}")
            before = last
        return ",".join(written)

    def __contains__(self, number: int) -> bool:
        return self.has_all(number, number)

    def has_all(self, first: int, last: int) -> bool:
        """Whether all from one number to another are in it."""
        place = bisect_right(self._firsts, first)
        return place > 0 and last <= self.runs[place - 1][1]

    def without(self, other: "Seen") -> "Seen":
        """What has to be added to the other for both together: runs that are all there are left out."""
        return Seen(tuple(run for run in self.runs if not other.has_all(*run)))

    def __or__(self, other: "Seen") -> "Seen":
        return Seen(_joined((*self.runs, *other.runs)))

    @cached_property
    def _firsts(self) -> list[int]:
        return [first for first, _last in self.runs]


NOTHING = Seen()


def _joined(runs: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[list[int]] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    too_many = len(joined) - MOST
    if too_many > 0:
        joined[: too_many + 1] = [[joined[0][0], joined[too_many][1]]]
    return tuple((first, last) for first, last in joined)


def _in_letters(number: int) -> str:
    letters = ""
    while True:
        number, digit = divmod(number, 36)
        letters = _DIGITS[digit] + letters
        if not number:
            return letters
