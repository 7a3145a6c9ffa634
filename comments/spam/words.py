"""Watched words: whole words and phrases, in any case; a * stands for any ending. Never a pattern of the owner's own.

A text is cut into words once, and each word is looked up: what it costs grows with the text, not with the lists, and no
text can make it slow.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from comments.exceptions import CommentsError

# (language, action, lines): the language is empty for any; the action is "hold" or "spam".
Lists = tuple[tuple[str, str, str], ...]

MOST_LINES = 2_000  # of one list
_MOST_WORDS = 10  # of one phrase
_MOST_CHARACTERS = 100  # of one line
_FEWEST_BEFORE_AN_ENDING = 3  # "a*" would hold every comment

# Seen by nobody, and put between letters by those who do not want their words found.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
     *range(0xFE00, 0xFE10)]
)  # fmt: skip
# Scripts without spaces between words: each letter is a word here, and a phrase is found inside of others.
_WITHOUT_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_DOTLESS = frozenset({"tr", "az"})


class UnfitWords(CommentsError):
    """A line of a list cannot be watched for; the message says which and why."""

    code = "unfit_words"
    http_status = 422


@dataclass(frozen=True)
class Match:
    """What of a list stands in a text: the owner's line, and the words as they stand there."""

    action: str
    line: str
    words: str


@dataclass
class _Step:
    """The phrases that go on from here, by their next word."""

    words: "dict[str, _Step]" = field(default_factory=dict)
    beginnings: "dict[str, _Step]" = field(default_factory=dict)
    lengths: list[int] = field(default_factory=list)
    ends: list[tuple[str, str]] = field(default_factory=list)  # (action, line)

    def after(self, word: str) -> "Iterable[_Step]":
        step = self.words.get(word)
        if step is not None:
            yield step
        for length in self.lengths:
            step = self.beginnings.get(word[:length]) if length <= len(word) else None
            if step is not None:
                yield step


def found(text: str, lists: Lists) -> list[Match]:
    """The lines of the lists that match the text, each once; "skilled" does not hold "killed"."""
    matches: dict[tuple[str, str], Match] = {}
    for dotless, start in _compiled(lists):
        words = _words(_folded(text, dotless=dotless))
        for place in range(len(words)):
            steps, length = [start], 0
            while steps and place + length < len(words):
                word = words[place + length]
                length += 1
                steps = [following for step in steps for following in step.after(word)]
                for step in steps:
                    for action, line in step.ends:
                        matches.setdefault((action, line), Match(action, line, _said(words[place : place + length])))
    return sorted(matches.values(), key=lambda match: (match.action, match.line))


def checked_lines(text: str) -> str:
    """A list as it is stored: each line once, in the owner's order. UnfitWords where a line cannot be watched for."""
    lines = list(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))
    if len(lines) > MOST_LINES:
        raise UnfitWords(f"These are {len(lines):,} lines; {MOST_LINES:,} fit.")
    for line in lines:
        problem = _what_is_wrong_with(line)
        if problem:
            raise UnfitWords(f"“{line[:_MOST_CHARACTERS]}” {problem}")
    return "\n".join(lines)


def _what_is_wrong_with(line: str) -> str:
    if len(line) > _MOST_CHARACTERS:
        return f"is longer than {_MOST_CHARACTERS} characters."
    phrase = _phrase(line, dotless=False)
    if not phrase:
        return "has no letters."
    if len(phrase) > _MOST_WORDS and not re.search(f"[{_WITHOUT_SPACES}]", line):
        return f"has more than {_MOST_WORDS} words."
    if re.search(r"\*\S", line) or re.search(r"(?:^|\s)\*", line):
        return "has a * that is not at the end of a word."
    for word, is_beginning in phrase:
        if is_beginning and len(word) < _FEWEST_BEFORE_AN_ENDING:
            return f"has fewer than {_FEWEST_BEFORE_AN_ENDING} letters before its *, and would match almost everything."
    return ""


@lru_cache(maxsize=16)
def _compiled(lists: Lists) -> list[tuple[bool, _Step]]:
    """(whether its letters are folded as in Turkish, the first step) of the lists taken together."""
    starts: dict[bool, _Step] = {}
    for language, action, lines in lists:
        dotless = language.split("-")[0].lower() in _DOTLESS
        for line in lines.splitlines():
            step = starts.setdefault(dotless, _Step())
            phrase = _phrase(line, dotless=dotless)
            for word, is_beginning in phrase:
                if is_beginning:
                    if len(word) not in step.lengths:
                        step.lengths.append(len(word))
                    step = step.beginnings.setdefault(word, _Step())
                else:
                    step = step.words.setdefault(word, _Step())
            if phrase:
                step.ends.append((action, line))
    return list(starts.items())


def _phrase(line: str, *, dotless: bool) -> list[tuple[str, bool]]:
    """The words of a line, each with whether any ending may follow."""
    phrase = []
    for part in line.split():
        words = _words(_folded(part, dotless=dotless))
        phrase += [(word, False) for word in words]
        if words and part.endswith("*"):
            phrase[-1] = (words[-1], True)
    return phrase


def _folded(text: str, *, dotless: bool) -> str:
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    if dotless:
        text = text.replace("İ", "i").replace("I", "ı")
    return text.casefold()


def _words(text: str) -> list[str]:
    return _word().findall(text)


@cache
def _word() -> re.Pattern[str]:
    # \w knows no marks, and without them the words of many scripts fall into pieces; _ is Markdown's emphasis.
    marks, symbols = _class_of("Mn", "Mc", "Me"), _class_of("Sc", "Sk", "Sm", "So")
    return re.compile(rf"[{_WITHOUT_SPACES}][{marks}]*|(?:(?![{_WITHOUT_SPACES}_])[\w{marks}])+|[{symbols}]")


def _class_of(*categories: str) -> str:
    """The characters of these categories as ranges of a character class."""
    ranges: list[list[int]] = []
    for code in range(0x80, min(0x1FFFF, sys.maxunicode)):
        if unicodedata.category(chr(code)) in categories:
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    ascii_ones = [chr(code) for code in range(0x80) if unicodedata.category(chr(code)) in categories]
    return "".join(map(re.escape, ascii_ones)) + "".join(f"{chr(a)}-{chr(b)}" for a, b in ranges)


def _said(words: list[str]) -> str:
    text = ""
    for word in words:
        text += word if not text or (_clings(word) and (_clings(text[-1]) or not word[0].isalnum())) else f" {word}"
    return text


def _clings(word: str) -> bool:
    return not word[0].isalnum() or re.match(f"[{_WITHOUT_SPACES}]", word) is not None
