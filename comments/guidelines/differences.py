"""How two versions differ: clause by clause, and inside a clause word by word."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from comments.models import GuidelineClause, GuidelineVersion

# A word with the space behind it, so that the pieces put together are the text again.
_WORD = re.compile(r"\S+\s*|\s+")
# More edits than that make a text another one; it is also what keeps hostile texts cheap.
_MOST_EDITS = 300
# Fewer unchanged words than that between two changes are read as part of one change.
_SHORTEST_REST = 3

UNCHANGED, CHANGED, NEW, REMOVED = "unchanged", "changed", "new", "removed"


@dataclass(frozen=True)
class Piece:
    """A run of words that stayed (`same`), went (`old`) or came (`new`)."""

    kind: str
    text: str

    @property
    def words(self) -> str:
        return self.text.rstrip()

    @property
    def space(self) -> str:
        """What stands behind the words; at least a space, for something else may follow."""
        return self.text[len(self.words) :] or " "


@dataclass(frozen=True)
class Change:
    """What became of one clause; `old` or `new` is None where it was added or removed."""

    old: Any
    new: Any

    @property
    def clause(self) -> Any:
        return self.new or self.old

    @cached_property
    def kind(self) -> str:
        if self.old is None:
            return NEW
        if self.new is None:
            return REMOVED
        return UNCHANGED if _words(self.old) == _words(self.new) else CHANGED

    @property
    def is_renumbered(self) -> bool:
        return bool(self.old and self.new) and self.old.number != self.new.number

    @cached_property
    def title(self) -> list[Piece]:
        return self._pieces("title")

    @cached_property
    def short_point(self) -> list[Piece]:
        return self._pieces("short_point")

    @cached_property
    def body(self) -> list[Piece]:
        return self._pieces("body")

    def _pieces(self, name: str) -> list[Piece]:
        """Marked word by word where a clause was changed; what is new or removed as a whole says so in its heading."""
        if self.kind == CHANGED:
            return word_by_word(getattr(self.old, name), getattr(self.new, name))
        text = getattr(self.clause, name)
        return [Piece("same", text)] if text else []


@dataclass(frozen=True)
class Difference:
    """All clauses of two versions, in the new one's order, each removed one where it stood; and the introduction."""

    changes: list[Change]
    old_introduction: str = ""
    new_introduction: str = ""

    @property
    def told(self) -> list[Change]:
        """The clauses that a reader of the old version has to be told of."""
        return [change for change in self.changes if change.kind != UNCHANGED]

    @property
    def unchanged(self) -> list[Change]:
        return [change for change in self.changes if change.kind == UNCHANGED]

    @cached_property
    def introduction(self) -> list[Piece]:
        if self.old_introduction == self.new_introduction:
            return []
        return word_by_word(self.old_introduction, self.new_introduction)

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs, the order included."""
        return not (self.told or self.introduction or any(change.is_renumbered for change in self.changes))

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many clauses are new, changed, removed, unchanged: those that there are."""
        kinds = [change.kind for change in self.changes]
        return [(kind, kinds.count(kind)) for kind in (NEW, CHANGED, REMOVED, UNCHANGED) if kind in kinds]


def between(old: GuidelineVersion | None, new: GuidelineVersion) -> Difference:
    """How two versions differ; against nothing, all is new."""
    return compare(list(old.clauses.all()) if old else [], list(new.clauses.all()), old.body if old else "", new.body)


def compare(
    old: Sequence[GuidelineClause], new: Sequence[GuidelineClause], old_introduction: str, new_introduction: str
) -> Difference:
    """The same for clauses that need not be stored."""
    before = {clause.key: clause for clause in old}
    after = {clause.key: clause for clause in new}
    changes = [Change(before.get(key), clause) for key, clause in after.items()]
    for clause in old:
        if clause.key not in after:
            changes.insert(_place_for(clause, changes), Change(clause, None))
    return Difference(changes, old_introduction, new_introduction)


def _place_for(removed: Any, changes: list[Change]) -> int:
    """Behind the last of the clauses that stood before it."""
    places = [place for place, change in enumerate(changes) if change.old and change.old.number < removed.number]
    return places[-1] + 1 if places else 0


def _words(clause: Any) -> list[list[str]]:
    # A line break that moved has changed nothing that anybody agreed to.
    return [text.split() for text in (clause.title, clause.short_point, clause.body)]


# --- Word by word -------------------------------------------------------------------------------------------


def word_by_word(old: str, new: str) -> list[Piece]:
    """The pieces of both texts in reading order, what went before what came in its place."""
    return list(_marked(old, new))


@lru_cache(maxsize=1_000)
def _marked(old: str, new: str) -> tuple[Piece, ...]:
    before, after = _WORD.findall(old.strip()), _WORD.findall(new.strip())
    runs: list[tuple[str, list[str]]] = []
    x = y = 0
    for a, b in [*_kept_pairs(before, after), (len(before), len(after))]:
        # With the space behind it, in whichever text it has one: something may follow in the other.
        same = max(before[a : a + 1], after[b : b + 1], key=lambda word: len(word[0]) if word else 0)
        runs += [("old", before[x:a]), ("new", after[y:b]), ("same", same)]
        x, y = a + 1, b + 1
    return tuple(_merged(runs))


def _kept_pairs(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The places of the words that stayed, in the old text and in the new one."""
    # The space behind a word does not count: it differs where a sentence was the last and no longer is.
    old, new = [word.rstrip() for word in before], [word.rstrip() for word in after]
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    middle = _kept_words(old[start : len(old) - end], new[start : len(new) - end])
    return [
        *((place, place) for place in range(start)),
        *((start + a, start + b) for a, b in middle),
        *((len(old) - place, len(new) - place) for place in range(end, 0, -1)),
    ]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    number = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        number += 1
    return number


def _kept_words(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The places of the words that both have, by Myers' greedy algorithm; none where too much differs."""
    furthest = {1: 0}
    history = []
    for edits in range(min(len(before) + len(after), _MOST_EDITS) + 1):
        history.append(dict(furthest))
        for line in range(-edits, edits + 1, 2):
            down = line == -edits or (line != edits and furthest[line - 1] < furthest[line + 1])
            x = furthest[line + 1] if down else furthest[line - 1] + 1
            y = x - line
            while x < len(before) and y < len(after) and before[x] == after[y]:
                x, y = x + 1, y + 1
            furthest[line] = x
            if x >= len(before) and y >= len(after):
                return _way_back(history, len(before), len(after))
    return []


def _way_back(history: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    kept = []
    for edits in range(len(history) - 1, -1, -1):
        furthest, line = history[edits], x - y
        down = line == -edits or (line != edits and furthest[line - 1] < furthest[line + 1])
        from_line = line + 1 if down else line - 1
        from_x = furthest[from_line]
        from_y = from_x - from_line
        while x > from_x and y > from_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            kept.append((x, y))
        x, y = from_x, from_y
    return kept[::-1]


def _merged(runs: Iterable[tuple[str, list[str]]]) -> list[Piece]:
    """Neighbours of one kind as one; a word or two that stayed between two changes go with them."""
    blocks: list[tuple[list[str], list[str], list[str]]] = [([], [], [])]  # (old, new, same that follows)
    for kind, words in runs:
        old, new, same = blocks[-1]
        if not words:
            continue
        if kind == "same":
            same += words
            continue
        if same:
            if len(same) < _SHORTEST_REST and (old or new) and not same[-1].endswith("\n"):
                old += same
                new += same
                same.clear()
            else:
                blocks.append(([], [], []))
                old, new, same = blocks[-1]
        (old if kind == "old" else new).extend(words)
    pieces = []
    for old, new, same in blocks:
        pieces += [Piece(kind, "".join(words)) for kind, words in (("old", old), ("new", new), ("same", same)) if words]
    return pieces
