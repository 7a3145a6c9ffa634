"""Phrase sets: how the owner writes down what may mean danger.

A phrase set is a text, one phrase a line; `comments/care/README.md` has the whole grammar:

    kill|hang|drown myself         one of these words, then that one
    want (to) die                  a word that may be missing
    suicid*                        any ending
    pills ... table                up to three words between, in the same sentence
    ^ want to die                  at the beginning of a sentence
    - kill myself laughing         not meant, although a phrase is in it
    ~ he|she wants to die          about somebody else: not where a story is told
    not: not, never, dont          lists of words, by name
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from . import folding

SHIPPED = Path(__file__).parent / "phrases"
LANGUAGES = {"en": "English", "de": "German"}  # those with a set of their own in SHIPPED

# Bounds of one set: far above any honest one, and what keeps a text's cost small.
MOST_LINES = 3_000
MOST_CHARACTERS = 100_000
MOST_WORDS_IN_A_PHRASE = 12
MOST_CHOICES = 60
MOST_GAPS, MOST_OPTIONAL = 2, 3

LISTS = {
    "not": "words that turn a phrase into its opposite",
    "not really": "the same words where they do not: can’t stop, not sure",
    "between": "light words that may stand between a negation and a phrase",
    "filler": "words that are read over",
    "they said": "what introduces another’s words",
    "i said": "what introduces one’s own thoughts, in quotation marks too",
    "title": "words for a work: what follows is its name",
    "story": "words that say a story is told",
    "stop": "words that a gap does not reach over",
    "misspelt": "words that are found with one letter wrong, too",
    "same": "spellings that are the same, such as ae=a",
}

_WORD = re.compile(r"[^\W_]+\*?\Z")
_LIST_LINE = re.compile(r"([a-z ]{2,20}):(.*)\Z")


class PhraseError(ValueError):
    """A line that cannot be read; the message says which one and why."""


@dataclass(frozen=True)
class Element:
    """A place in a phrase: one of some words, or a gap where there are none."""

    words: tuple[str, ...] = ()
    is_optional: bool = False

    @property
    def is_gap(self) -> bool:
        return not self.words


@dataclass(frozen=True)
class Phrase:
    """A line of a set; `kind` is "" for what may mean danger, "-" for what does not, "~" for others' danger."""

    line: int
    text: str
    elements: tuple[Element, ...]
    kind: str = ""
    at_start: bool = False


@dataclass(frozen=True)
class PhraseSet:
    """A set as it is written."""

    phrases: tuple[Phrase, ...]
    lists: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)


def shipped(language: str) -> str:
    """The set that comes with Storied; empty for a language that has none."""
    return (SHIPPED / f"{language}.txt").read_text("utf-8") if language in LANGUAGES else ""


def digest(text: str) -> str:
    """The same for the same set, however its lines end."""
    return hashlib.sha256("\n".join(line.rstrip() for line in text.strip().splitlines()).encode()).hexdigest()


def read(text: str) -> PhraseSet:
    """The set that this text writes down; PhraseError for the first line that cannot be read."""
    if len(text) > MOST_CHARACTERS or text.count("\n") >= MOST_LINES:
        raise PhraseError(f"A set has at most {MOST_LINES:,} lines and {MOST_CHARACTERS:,} characters.")
    phrases: list[Phrase] = []
    lists: dict[str, list[tuple[str, ...]]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            listed = _LIST_LINE.match(line)
            if listed:
                if listed[1] not in LISTS:
                    raise PhraseError(f"there is no list “{listed[1]}”; there are {', '.join(LISTS)}")
                lists.setdefault(listed[1], []).extend(_list(listed[1], listed[2]))
            else:
                phrases.append(_phrase(number, line))
        except PhraseError as problem:
            raise PhraseError(f"Line {number}, “{line[:60]}”: {problem}.") from None
    _refuse_unreadable(phrases, lists)
    return PhraseSet(tuple(phrases), {name: tuple(items) for name, items in lists.items()})


def _refuse_unreadable(phrases: list[Phrase], lists: dict[str, list[tuple[str, ...]]]) -> None:
    """A word that is read over cannot be part of something that is looked for."""
    fillers = {word for item in lists.get("filler", ()) for word in item}
    looked_for = [(f"line {p.line}, “{p.text[:60]}”", e.words) for p in phrases for e in p.elements]
    looked_for += [
        (f"the list “{name}”", item)
        for name, items in lists.items()
        if name not in {"filler", "same"}
        for item in items
    ]
    for place, words in looked_for:
        for word in fillers.intersection(words):
            raise PhraseError(f"In {place}: “{word}” stands in the list “filler” too, and is read over")


def _list(name: str, text: str) -> list[tuple[str, ...]]:
    if name == "same":
        pairs = [tuple(part.strip() for part in item.split("=")) for item in text.split(",") if item.strip()]
        if not all(len(pair) == 2 and pair[0] and len(pair[1]) < len(pair[0]) for pair in pairs):
            raise PhraseError("spellings are written like ae=a, the shorter one behind")
        return [(folding.word(long), folding.word(short)) for long, short in pairs]
    return [tuple(_words(item)) for item in text.split(",") if item.strip()]


def _words(text: str) -> list[str]:
    words = [folding.word(part) for part in folding.plain(text).replace("-", " ").split()]
    for word in words:
        if not _WORD.match(word):
            raise PhraseError(f"“{word}” is no word")
    return words


def _phrase(number: int, line: str) -> Phrase:
    kind = line[0] if line[0] in "-~" else ""
    rest = line[len(kind) :].strip()
    at_start = rest.startswith("^")
    places = rest.lstrip("^").replace("…", "...").replace("-", " ").split()
    elements = tuple(_element(place) for place in places)
    if not elements:
        raise PhraseError("it has no word")
    if len(elements) > MOST_WORDS_IN_A_PHRASE:
        raise PhraseError(f"a phrase has at most {MOST_WORDS_IN_A_PHRASE} words")
    if elements[0].is_gap or elements[0].is_optional or elements[-1].is_gap:
        raise PhraseError("it begins with a word that has to be there, and ends with a word")
    if sum(element.is_gap for element in elements) > MOST_GAPS:
        raise PhraseError(f"it has at most {MOST_GAPS} gaps")
    if sum(element.is_optional for element in elements) > MOST_OPTIONAL:
        raise PhraseError(f"at most {MOST_OPTIONAL} words may be missing")
    return Phrase(number, rest, elements, kind, at_start)


def _element(place: str) -> Element:
    if place == "...":
        return Element()
    is_optional = place.startswith("(") and place.endswith(")")
    choices = place[1:-1].split("|") if is_optional else place.split("|")
    if len(choices) > MOST_CHOICES:
        raise PhraseError(f"a place has at most {MOST_CHOICES} words to choose from")
    words = []
    for choice in choices:
        found = _words(choice)
        if len(found) != 1:
            raise PhraseError(f"“{place}” has an empty choice")
        if found[0].endswith("*") and len(found[0]) < 4:
            raise PhraseError(f"“{found[0]}” would take too many words: give three letters at least")
        words += found
    return Element(tuple(words), is_optional)
