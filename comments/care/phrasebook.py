"""Phrase sets: how the owner writes down what may mean danger, and what is made of it once.

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
from functools import lru_cache
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
GAP = 3  # words

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

# Signs in a coded text. Words get characters of their own, from a plane where nothing means anything to `re`.
END, QUOTE, COMMA, COLON, OTHER = ".", '"', ",", ":", "x"
_FIRST_WORD = 0x20000


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


# --- What is made of a set --------------------------------------------------------------------------------


class PhraseBook:
    """A set made ready: each known word is a character, each phrase a pattern over characters.

    Patterns run over one character a word, in C, with bounded gaps: the cost of a text is in proportion to its length.
    """

    def __init__(self, written: PhraseSet) -> None:
        self.phrases = written.phrases
        self._lists = written.lists
        self.same = tuple(written.lists.get("same", ()))
        self.codes: dict[str, str] = {}
        self.endings: dict[str, str] = {}  # by the beginning of "suicid*"
        self._give_codes()
        stops = "".join({self.codes[w] for w in self._single("not") + self._single("stop")})
        self._gap = f"(?:[^{END}{QUOTE}{COLON}{stops}],?){{0,{GAP}}}?"
        self.meant = self._by_first([p for p in written.phrases if p.kind != "-"])
        self.not_meant = self._by_first([p for p in written.phrases if p.kind == "-"])
        self.negations = self._alternatives("not")
        self.hollow = self._alternatives("not really")
        self.they_said = self._alternatives("they said")
        self.i_said = self._alternatives("i said")
        self.title = self._alternatives("title")
        self.story = self._alternatives("story")
        self.light = frozenset(self.codes[w] for w in self._single("between")) | {COMMA}
        self._prepare_spelling()

    @property
    def firsts(self) -> re.Pattern[str] | None:
        """Where a phrase can begin."""
        return self._firsts

    def same_spelling(self, words: str) -> str:
        for long, short in self.same:
            words = words.replace(long, short)
        return words

    def code(self, word: str) -> str:
        """The character of a word that is in no phrase as it stands: disguised, misspelt, with another ending, or none.

        Empty for a word that is read over.
        """
        undisguised = self._undisguised(word)
        if undisguised is not None:
            return self.codes[undisguised]
        if self._beginnings is not None:
            found = self._beginnings.match(word)
            if found:
                return self.endings[found[0]]
        if len(word) in self._misspelt_lengths and word[0] in self._misspelt_letters:
            for shorter in (word, *_without_one_letter(word)):
                meant = self._misspelt.get(shorter)
                if meant is not None and meant[0] == word[0]:
                    return self.codes[meant]
        return OTHER

    # --- Making ---

    def _single(self, name: str) -> list[str]:
        return [self._spelt(item[0]) for item in self._lists.get(name, ()) if len(item) == 1]

    def _spelt(self, word: str) -> str:
        return self.same_spelling(word)

    def _give_codes(self) -> None:
        words = [self._spelt(w) for p in self.phrases for e in p.elements for w in e.words]
        words += [self._spelt(w) for name, items in self._lists.items() if name != "same" for i in items for w in i]
        number = _FIRST_WORD
        for word in words:
            store, key = (self.endings, word[:-1]) if word.endswith("*") else (self.codes, word)
            if key not in store:
                store[key] = chr(number)
                number += 1
        ordered = sorted(self.endings, key=len, reverse=True)
        self._beginnings = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        for word in self._single("filler"):
            self.codes[word] = ""  # read over

    def _characters(self, words: tuple[str, ...]) -> str:
        """All codes that stand for one of these words."""
        found = set()
        for word in map(self._spelt, words):
            if word.endswith("*"):
                beginning = word[:-1]
                found |= {code for w, code in self.codes.items() if w.startswith(beginning)}
                found |= {code for w, code in self.endings.items() if w.startswith(beginning)}
            else:
                found.add(self.codes[word])
        return "".join(sorted(found))

    def _pattern(self, phrase: Phrase) -> str:
        parts = [f"(?:(?<=[{END}{QUOTE}{COMMA}{COLON}])|(?<![\\s\\S]))"] if phrase.at_start else []
        for number, element in enumerate(phrase.elements):
            last = number == len(phrase.elements) - 1
            if element.is_gap:
                parts.append(self._gap)
                continue
            one = f"[{self._characters(element.words)}]"
            if element.is_optional:
                parts.append(f"(?:{one},?)?")
            else:
                parts.append(one if last else f"{one},?")
        return "".join(parts)

    def _by_first(self, phrases: list[Phrase]) -> dict[str, tuple[re.Pattern[str], list[Phrase]]]:
        """By the first character: one pattern of all phrases that begin so, the longest first."""
        starting: dict[str, list[Phrase]] = {}
        for phrase in sorted(phrases, key=lambda p: -len(p.elements)):
            for character in self._characters(phrase.elements[0].words):
                starting.setdefault(character, []).append(phrase)
        return {
            character: (re.compile("|".join(f"({self._pattern(p)})" for p in these)), these)
            for character, these in starting.items()
        }

    def _alternatives(self, name: str) -> re.Pattern[str] | None:
        items = sorted(self._lists.get(name, ()), key=len, reverse=True)
        patterns = [",?".join(f"[{self._characters((word,))}]" for word in item if self._characters((word,)))
                    for item in items]  # fmt: skip
        patterns = [pattern for pattern in patterns if pattern]
        return re.compile("|".join(patterns)) if patterns else None

    def _prepare_spelling(self) -> None:
        characters = "".join(self.meant)
        self._firsts = re.compile(f"[{characters}]") if characters else None
        self._squeezed = {_squeezed(word): word for word in sorted(self.codes, reverse=True)}
        self._by_length: dict[int, list[str]] = {}
        for word in self.codes:
            self._by_length.setdefault(len(word), []).append(word)
        self._misspelt: dict[str, str] = {}
        for word in self._single("misspelt"):
            for shorter in (word, *_without_one_letter(word)):
                self._misspelt.setdefault(shorter, word)
        self._misspelt_lengths = {len(word) + step for word in self._single("misspelt") for step in (-1, 0, 1)}
        self._misspelt_letters = {word[0] for word in self._single("misspelt")}

    def _undisguised(self, word: str) -> str | None:
        """The known word behind su1c1de, k*ll or diiie."""
        if _LEET.search(word) and not word.isdecimal():
            for table in _LEET_TABLES:
                plainer = word.translate(table)
                if plainer in self.codes:
                    return plainer
                if _RUN.search(plainer) and _squeezed(plainer) in self._squeezed:
                    return self._squeezed[_squeezed(plainer)]
        if "*" in word:
            for known in self._by_length.get(len(word), ()):
                if known[0] == word[0] and all(a in ("*", b) for a, b in zip(word, known, strict=True)):
                    return known
        if _RUN.search(word):
            return self._squeezed.get(_squeezed(word))
        return None


_LEET = re.compile(r"[0-9@$!|]")
_LEET_TABLES = (str.maketrans("01345789@$!|", "oieastbgasil"), str.maketrans("01345789@$!|", "oleastbgasil"))
_RUN = re.compile(r"(.)\1\1")
_RUNS = re.compile(r"(.)\1+")


def _squeezed(word: str) -> str:
    return _RUNS.sub(r"\1", word)


def _without_one_letter(word: str) -> list[str]:
    return [word[:n] + word[n + 1 :] for n in range(len(word))]


def digest(text: str) -> str:
    """The same for the same set, however its lines end."""
    return hashlib.sha256("\n".join(line.rstrip() for line in text.strip().splitlines()).encode()).hexdigest()


@lru_cache(maxsize=32)
def book(text: str) -> PhraseBook:
    """The book of a set's text, made once in each process."""
    return PhraseBook(read(text))
