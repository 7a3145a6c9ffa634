"""Looks for words that may mean that somebody is in danger. Knows texts, not comments, and decides nothing.

What is found is a reason for a person to read. It is no measure of anybody: much of what people say in danger is said
indirectly and is not found, and some of what is found means something else.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from . import folding
from .grammar import Phrase
from .phrasebook import COLON, COMMA, END, OTHER, QUOTE, PhraseBook

# A word may carry what disguises its letters; a mark alone is a mark.
_TOKEN = re.compile(
    r"[@$]?[^\W_]+(?:['*@$!|]+[^\W_]+)*"  # a word
    r"|\n[ \t]*\n|[.!?;…]"  # the end of a sentence
    r"|[,:\"']"
)
_MARKS = {'"': QUOTE, "'": QUOTE, ",": COMMA, ":": COLON}
_TITLE = re.compile(r"[A-Z][^A-Z]*\Z")
_ELISIONS = ("cause", "til", "till", "em", "tis", "twas", "n", "round", "bout")
_MOST_FOUND = 5  # reasons enough for a person to read
_REACH = 8  # words back to a negation
_INTRODUCES = 8  # words before quoted ones that may say whose they are
_TITLE_REACH = 3
_MOST_MASKED = 40  # different words like k*ll in a text
_LONGEST_WORD = 40  # letters; longer ones are no words


@dataclass(frozen=True)
class Found:
    """A phrase in a text: `words` as they were written, `phrase` as the set has it, `line` in the set.

    `left_out` says why it was not taken as meant; empty where it was.
    """

    words: str
    phrase: str
    language: str
    line: int
    left_out: str = ""


def look(text: str, books: Iterable[tuple[str, PhraseBook]]) -> tuple[Found, ...]:
    """What in this text may mean danger, at most a few finds of each language."""
    plain = folding.plain(text)
    tokens = list(_TOKEN.finditer(plain))
    return tuple(
        found for language, book in books for found in _Reading(plain, tokens, language, book).found(explain=False)
    )


def explain(text: str, books: Iterable[tuple[str, PhraseBook]]) -> tuple[Found, ...]:
    """The same with all that was left out, and why: for whoever works on a set."""
    plain = folding.plain(text)
    tokens = list(_TOKEN.finditer(plain))
    return tuple(
        found for language, book in books for found in _Reading(plain, tokens, language, book).found(explain=True)
    )


class _Reading:
    """One text read with one book."""

    def __init__(self, plain: str, tokens: Sequence[re.Match[str]], language: str, book: PhraseBook) -> None:
        self.plain, self.tokens, self.language, self.book = plain, tokens, language, book
        self.masked = 0  # words like k*ll so far
        self.where: list[int] = []  # the token of each character of the code
        self.code = self._coded()

    def _coded(self) -> str:
        written = "\n".join(
            token if (token := found[0])[0] not in "\n'" else ("." if token[0] == "\n" else '"')
            for found in self.tokens
        )
        words = self.book.same_spelling(folding.word(written)).split("\n")
        known, read = self.book.codes, {}
        characters = []
        for number, word in enumerate(words):
            character = known.get(word)
            if character is None:
                character = read.get(word)
                if character is None:
                    character = read[word] = self._read(word)
            if character:
                characters.append(character)
                self.where.append(number)
        return "".join(characters)

    def _read(self, word: str) -> str:
        if not word:
            return OTHER
        if not word[0].isalnum() and word[0] not in "@$":
            return _MARKS.get(word, END)
        if "*" in word:
            self.masked += 1
        if len(word) > _LONGEST_WORD or self.masked > _MOST_MASKED:
            return OTHER
        return self.book.code(word)

    # --- What is there, and what of it is meant ---

    def found(self, *, explain: bool) -> Iterator[Found]:
        candidates = list(self._candidates())
        if not candidates:
            return
        self._look_around()
        told = 0
        for start, end, phrase in candidates:
            why_not = self._why_not(start, end, phrase)
            if why_not and not explain:
                continue
            told += 1
            yield Found(self._words(start, end), phrase.text, self.language, phrase.line, why_not)
            if told == _MOST_FOUND and not explain:
                return

    def _candidates(self) -> Iterator[tuple[int, int, Phrase]]:
        if self.book.firsts is None:
            return
        reached = 0
        for begin in self.book.firsts.finditer(self.code):
            start = begin.start()
            pattern, phrases = self.book.meant[begin[0]]
            found = pattern.match(self.code, start)
            # A shorter phrase inside one that was found says nothing more.
            if found and found.end() > reached:
                reached = found.end()
                yield start, reached, phrases[found.lastindex - 1]

    def _look_around(self) -> None:
        """What surrounds phrases: looked for only where there is one."""
        book, code = self.book, self.code
        hollow = _covered(book.hollow, code)
        self.negations = {
            found.end() - 1
            for found in (book.negations.finditer(code) if book.negations else ())
            if not any(place in hollow for place in range(found.start(), found.end()))
        }
        self.not_meant: dict[int, list[tuple[int, int]]] = {}  # by each place that an exception covers
        for begin, finish in self._exceptions():
            for place in range(begin, finish):
                self.not_meant.setdefault(place, []).append((begin, finish))
        self.quotes = _quotes(self.plain)
        self.ends = [found.start() for found in re.finditer(re.escape(END), code)]
        self.told: dict[int, bool] = {}  # by sentence

    def _exceptions(self) -> Iterator[tuple[int, int]]:
        if not self.book.not_meant:
            return
        firsts = re.compile(f"[{''.join(self.book.not_meant)}]")
        for begin in firsts.finditer(self.code):
            found = self.book.not_meant[begin[0]][0].match(self.code, begin.start())
            if found:
                yield found.span()

    def _why_not(self, start: int, end: int, phrase: Phrase) -> str:
        if self._is_excepted(start, end):
            return "a phrase that is not meant"
        if self._is_negated(start):
            return "denied"
        if self._is_quoted(start, end):
            return "somebody else’s words"
        if phrase.kind != "~" and self._is_reported(start):
            return "somebody else’s words"
        if self._is_title(start, end):
            return "the name of a work"
        if phrase.kind == "~" and self._is_told(start):
            return "a story"
        return ""

    def _is_excepted(self, start: int, end: int) -> bool:
        """Whether an exception reaches into the phrase, unless the phrase says all of it and more."""
        return any(
            not (start <= begin and finish <= end and finish - begin < end - start)
            for place in range(start, end)
            for begin, finish in self.not_meant.get(place, ())
        )

    def _is_negated(self, start: int) -> bool:
        for place in range(start - 1, max(-1, start - 1 - _REACH), -1):
            if place in self.negations:
                return True
            if self.code[place] not in self.book.light:
                return False
        return False

    def _is_quoted(self, start: int, end: int) -> bool:
        begin, finish = self._place(start)[0], self._place(end - 1)[1]
        for quotes in self.quotes:
            nearest = bisect_right(quotes, (begin, len(self.plain))) - 1
            if nearest >= 0 and finish <= quotes[nearest][1]:
                opening, closing = quotes[nearest]
                before = bisect_right(self.where, opening, key=lambda token: self.tokens[token].end())
                if before <= 1 and closing >= self.last_word:
                    return False  # the whole text stands in quotation marks
                return not self._are_own_thoughts(before)
        return False

    @cached_property
    def last_word(self) -> int:
        """Where the last word ends."""
        return len(self.plain.rstrip(" \n.,!?;\"'"))

    def _are_own_thoughts(self, until: int) -> bool:
        said = self.book.i_said
        return bool(said and said.search(self.code, max(0, until - _INTRODUCES), until))

    def _is_reported(self, start: int) -> bool:
        """“He said I want to die”, without quotation marks."""
        if self.book.they_said is None:
            return False
        back = start
        while back > 0 and start - back < _TITLE_REACH and self.code[back - 1] in {COMMA, COLON}:
            back -= 1
        reach = self.code[max(0, back - _TITLE_REACH) : back]
        return any(found.end() == len(reach) for found in self.book.they_said.finditer(reach))

    def _is_title(self, start: int, end: int) -> bool:
        words = [self.tokens[self.where[n]][0] for n in range(start, end)]
        long = [word for word in words if len(word) > 2 and word[0].isalpha()]
        if len(long) > 1 and all(_TITLE.match(word) for word in long) and not self.shouts_in_titles:
            return True
        near = self.code[max(0, start - _TITLE_REACH) : start]
        return bool(self.book.title and self.book.title.search(near))

    @cached_property
    def shouts_in_titles(self) -> bool:
        """Whether the writer Begins Every Word Like This."""
        words = [token[0] for token in self.tokens if token[0][0].isalpha()]
        return sum(word[0].isupper() for word in words) * 10 > len(words) * 9

    def _is_told(self, start: int) -> bool:
        """Whether the sentence speaks of a film or a book."""
        if self.book.story is None:
            return False
        begin = bisect_right(self.ends, start)
        if begin not in self.told:
            first = self.ends[begin - 1] if begin else 0
            last = self.ends[begin] if begin < len(self.ends) else len(self.code)
            self.told[begin] = bool(self.book.story.search(self.code, first, last))
        return self.told[begin]

    def _place(self, place: int) -> tuple[int, int]:
        return self.tokens[self.where[place]].span()

    def _words(self, start: int, end: int) -> str:
        return " ".join(self.plain[self._place(start)[0] : self._place(end - 1)[1]].split())[:200]


def _covered(pattern: re.Pattern[str] | None, code: str) -> set[int]:
    if pattern is None:
        return set()
    return {place for found in pattern.finditer(code) for place in range(found.start(), found.end())}


_OPENING = re.compile(r"(?<![^\W_])'(?=[^\W_])(?!(?:" + "|".join(_ELISIONS) + r")\b)", re.IGNORECASE)
_CLOSING = re.compile(r"(?<=[^\s'])'(?![^\W_])")
_DOUBLE = re.compile(r'"|\n[ \t]*\n')


def _quotes(plain: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """What stands in double and in single quotation marks, as (after the opening one, before the closing one)."""
    double: list[tuple[int, int]] = []
    single: list[tuple[int, int]] = []
    opened = None
    for mark in _DOUBLE.finditer(plain):
        if mark[0] != '"':
            opened = None  # a new paragraph
        elif opened is None:
            opened = mark.end()
        else:
            double.append((opened, mark.start()))
            opened = None
    closings = iter([mark.start() for mark in _CLOSING.finditer(plain)])
    closing = next(closings, None)
    reached = -1
    for mark in _OPENING.finditer(plain):
        if mark.start() <= reached:
            continue
        while closing is not None and closing <= mark.start():
            closing = next(closings, None)
        if closing is None:
            break
        if "\n\n" not in plain[mark.end() : closing]:
            single.append((mark.end(), closing))
            reached = closing
    return double, single


@lru_cache(maxsize=16)
def kept_look(text: str, books: tuple[tuple[str, PhraseBook], ...]) -> tuple[Found, ...]:
    """`look`, remembered for a short while: a submit asks for the same text before and in its transaction."""
    return look(text, books)
