"""A few lines around the matches, in parts that a template can escape and mark."""

import unicodedata
from itertools import pairwise

from .documents import MATCH_BEGINS, MATCH_ENDS

Span = tuple[int, int]
Part = tuple[str, bool]

WIDTH = 240  # characters: two to three lines of a page of results
LEAD = 60  # characters shown before the first match
LONGEST_WORD = 25  # characters; how far a cut may move to spare a word


def matches(marked: str) -> tuple[str, list[Span]]:
    """The text without the marks of the database, and where the marks stood in it."""
    text: list[str] = []
    spans: list[Span] = []
    length = 0
    for piece in marked.split(MATCH_BEGINS):
        match, end, rest = piece.partition(MATCH_ENDS)
        if end:
            # SQLite ends a word before a vowel sign; the sign is drawn upon the word all the same.
            signs = next((i for i, c in enumerate(rest) if unicodedata.category(c)[0] != "M"), len(rest))
            spans.append((length, length + len(match) + signs))
        text += (match, rest)
        length += len(match) + len(rest)
    return "".join(text), spans


def snippet(text: str, spans: list[Span]) -> tuple[Part, ...]:
    """The part of `text` that has most of the matches, cut at spaces: (words, whether they are a match)."""
    start, end = _window(text, spans)
    cuts = [start]
    for begins, ends in spans:
        if begins >= start and ends <= end:
            cuts += (begins, ends)
    cuts.append(end)
    parts = [(text[a:b], bool(turn % 2)) for turn, (a, b) in enumerate(pairwise(cuts)) if a < b]
    if start > 0:
        parts.insert(0, ("… ", False))
    if end < len(text):
        parts.append((" …", False))
    return _joined(parts)


def _window(text: str, spans: list[Span]) -> Span:
    start = 0
    if len(text) > WIDTH and spans:
        start = max(0, min(_densest(spans) - LEAD, len(text) - WIDTH))
    end = min(len(text), start + WIDTH)
    if start > 0 and not text[start - 1].isspace():
        space = text.find(" ", start, start + LONGEST_WORD)
        start = space + 1 if space >= 0 else start
    if end < len(text) and not text[end].isspace():
        space = text.rfind(" ", max(start, end - LONGEST_WORD), end)
        end = space if space >= 0 else end
    return start, end


def _densest(spans: list[Span]) -> int:
    """Where the match begins that has the most company."""
    best, most, last = 0, 0, 0
    for first, (begins, _) in enumerate(spans):
        while last < len(spans) and spans[last][1] <= begins + WIDTH - LEAD - LONGEST_WORD:
            last += 1
        if last - first > most:
            best, most = first, last - first
    return spans[best][0]


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    joined: list[Part] = []
    for words, is_match in parts:
        if joined and joined[-1][1] == is_match:
            joined[-1] = (joined[-1][0] + words, is_match)
        else:
            joined.append((words, is_match))
    return tuple(joined)
