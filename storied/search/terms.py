"""What a person typed into the search field, taken apart: words, "whole phrases", -without, and begin* at the end.

Nothing typed is an error, and no database's own query language is understood: each backend builds a query of
its own from the terms.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

LONGEST_QUERY = 200  # characters; the rest is not read
MOST_TERMS = 12
SHORTEST_BEGINNING = 2  # letters before an asterisk; one letter would walk through half the index

_TERM = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+)')
# "garden's" asks for the garden; what is left of "don't" is a stop word below.
_ENGLISH_ENDING = re.compile(r"['’ʼ](?:d|ll|m|re|s|t|ve)$", re.IGNORECASE)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))

# Left out where other words remain: PostgreSQL ignores such words, SQLite would insist on each of them.
_ENGLISH = """
    a about an and are as at be been but by can did do does for from had has have he her his how i if in into
    is it its just me my no nor not of on or our she should so some such than that the their them then there
    these they this those to too very was we were what when where which who whom why will with you your
    didn doesn don isn wasn
"""
_STOP_WORDS = {"english": frozenset(_ENGLISH.split())}


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other; of letters, digits and marks only. At least one."""

    words: tuple[str, ...]
    is_beginning: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """All of `wanted` and none of `unwanted`. Without anything wanted, nothing is found."""

    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]

    def __bool__(self) -> bool:
        return bool(self.wanted)


@dataclass(frozen=True, slots=True)
class Question:
    """What a backend is asked for; `kinds` None means all of them. What is dated after `now` is not public yet."""

    terms: Terms
    language: str
    kinds: list[str] | None
    now: datetime


def parse(text: str, language: str = "simple") -> Terms:
    """The terms in `text`; stop words of `language` count only where there is nothing else."""
    wanted: dict[Term, None] = {}
    unwanted: dict[Term, None] = {}
    typed = _shortened(text).translate(_QUOTES)
    for found in _TERM.finditer(typed):
        minus, phrase, word = found["minus"], found["phrase"], found["word"]
        if word is not None:
            minus = word.startswith("-")
            word = _ENGLISH_ENDING.sub("", word) if language == "english" else word
        words = _words(phrase if phrase is not None else word)
        if not words:
            continue
        is_last = not typed[found.end() :].strip()
        begins = bool(word and word.endswith("*") and is_last and len(words[-1]) >= SHORTEST_BEGINNING)
        (unwanted if minus else wanted).setdefault(Term(words, begins))
        if len(wanted) + len(unwanted) == MOST_TERMS:
            break
    stop_words = _STOP_WORDS.get(language, frozenset())
    telling = _without(stop_words, wanted)
    return Terms(telling or tuple(wanted), _without(stop_words, unwanted))


def _shortened(text: str) -> str:
    text = text.lstrip()
    if len(text) > LONGEST_QUERY:
        begun = text[LONGEST_QUERY - 1 : LONGEST_QUERY + 1]
        text = text[:LONGEST_QUERY]
        if not any(character.isspace() for character in begun) and len(text.split()) > 1:
            text = text.rsplit(maxsplit=1)[0]  # half a word would be another word
    return unicodedata.normalize("NFC", text)


def _words(text: str) -> tuple[str, ...]:
    """The runs of letters, digits and the marks upon them; marks alone are no word."""
    spaced = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text)
    return tuple(word for word in spaced.split() if any(unicodedata.category(c)[0] in "LN" for c in word))


def _without(stop_words: frozenset[str], terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(
        term for term in terms if term.is_beginning or len(term.words) > 1 or term.words[0].lower() not in stop_words
    )
