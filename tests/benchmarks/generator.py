"""Discussions made of chance with a fixed seed: who answers whom, when, and every comment's place in its tree."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from comments.numbering import whole_tree

SEED = 20_240_601
DEEPEST = 8
FIRST_DAY = datetime(2024, 6, 1, 6, 40, tzinfo=UTC)
_BETWEEN_ARTICLES = timedelta(hours=8)  # ten thousand of them fill nine years
_CHANCE_BITS = 20  # of a tree's number, as in comments.tree.new_number


@dataclass(frozen=True)
class Shape:
    """How a discussion looks: so many comments, so many of them top-level, the rest answering random earlier ones."""

    name: str
    comments: int
    roots: int

    @classmethod
    def usual(cls, name: str, comments: int) -> "Shape":
        return cls(name, comments, max(1, round(comments * 0.35)))


SMALL = Shape("26", 26, 13)
HUNDRED = Shape.usual("100", 100)
THOUSAND = Shape.usual("1000", 1_000)
TEN_THOUSAND = Shape.usual("10000", 10_000)
LONG = Shape("long", 10_001, 1)  # one thread of 10,000 replies
SHAPES = {one.name: one for one in (SMALL, HUNDRED, THOUSAND, TEN_THOUSAND, LONG)}


def shape(name: str) -> Shape:
    """The shape of that name; "100-before" is another discussion of the shape "100"."""
    known = SHAPES[name.partition("-")[0]]
    return Shape(name, known.comments, known.roots)


class Place(NamedTuple):
    """One comment before it has a text; `parent` and `number` count from 0 within the discussion."""

    number: int
    parent: int | None
    at: datetime
    tree_id: int
    left: int
    right: int
    level: int
    text: int
    writer: int


def discussion(
    shape: Shape, *, seed: int = SEED, texts: int = 500, writers: int = 400, since: datetime = FIRST_DAY
) -> list[Place]:
    """A discussion in the order of writing, parents before their replies."""
    chance = random.Random(f"{seed} {shape.name}")
    parents, levels, times = _who_answers_whom(shape, chance, since)
    replies: dict[int, list[int]] = {}
    for number, parent in enumerate(parents):
        if parent is not None:
            replies.setdefault(parent, []).append(number)
    places: list[tuple[int, int, int]] = [(0, 0, 0)] * shape.comments
    last = 0
    for root in (number for number, parent in enumerate(parents) if parent is None):
        tree_id = max(
            last + 1, (int(times[root].timestamp() * 1000) << _CHANCE_BITS) | chance.getrandbits(_CHANCE_BITS)
        )
        last = tree_id
        for number, left, right in _numbered(root, replies):
            places[number] = (tree_id, left, right)
    return [
        Place(number, parents[number], times[number], *places[number], levels[number],
              chance.randrange(texts), chance.randrange(writers))
        for number in range(shape.comments)
    ]  # fmt: skip


def articles(count: int, comments_each: int, *, seed: int = SEED) -> Iterator[tuple[int, list[Place]]]:
    """A whole site, one discussion after the other, so that it never stands in memory: the oldest article first."""
    for number in range(count):
        since = FIRST_DAY - (count - number) * _BETWEEN_ARTICLES
        yield number, discussion(Shape.usual(f"article-{number}", comments_each), seed=seed, since=since)


def _who_answers_whom(
    shape: Shape, chance: random.Random, since: datetime
) -> tuple[list[int | None], list[int], list[datetime]]:
    roots = {0, *chance.sample(range(1, shape.comments), shape.roots - 1)} if shape.roots > 1 else {0}
    parents: list[int | None] = []
    levels: list[int] = []
    times: list[datetime] = []
    # Each article and each of its threads begins at a millisecond of its own.
    at = since + timedelta(seconds=chance.randrange(86_400 * 60), milliseconds=chance.randrange(1000))
    for number in range(shape.comments):
        at += timedelta(milliseconds=1 + int(chance.expovariate(1 / 900_000)))
        parent = None
        if number not in roots:
            parent = chance.randrange(number)
            while levels[parent] >= DEEPEST:
                parent = chance.randrange(number)
        parents.append(parent)
        levels.append(0 if parent is None else levels[parent] + 1)
        times.append(at)
    return parents, levels, times


def _numbered(root: int, replies: dict[int, list[int]]) -> Iterator[tuple[int, int, int]]:
    """(comment, left, right) of each comment below the root."""
    edges = [root]
    left = {root: 0}
    right: dict[int, int] = {}
    stack = [(root, iter(replies.get(root, ())))]
    while stack:
        number, rest = stack[-1]
        child = next(rest, None)
        if child is None:
            stack.pop()
            right[number] = len(edges)
            edges.append(number)
        else:
            left[child] = len(edges)
            edges.append(child)
            stack.append((child, iter(replies.get(child, ()))))
    numbers = whole_tree(len(edges))
    for number, place in left.items():
        yield number, numbers[place], numbers[right[number]]
