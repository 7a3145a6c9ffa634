"""What is made of a phrase set, once: each known word is a character, each phrase a pattern over characters."""

import re
from functools import lru_cache

from .grammar import Phrase, PhraseSet, read

GAP = 3  # words that "..." stands for at the most

# Signs in a coded text. Words get characters of their own, from a plane where nothing means anything to `re`.
END, QUOTE, COMMA, COLON, OTHER = ".", '"', ",", ":", "x"
_FIRST_WORD = 0x20000


class PhraseBook:
    """A set made ready.

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
        return [self.same_spelling(item[0]) for item in self._lists.get(name, ()) if len(item) == 1]

    def _give_codes(self) -> None:
        words = [self.same_spelling(w) for p in self.phrases for e in p.elements for w in e.words]
        words += [
            self.same_spelling(w) for name, items in self._lists.items() if name != "same" for i in items for w in i
        ]
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
        for word in map(self.same_spelling, words):
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
        # Where a phrase can begin.
        self.firsts = re.compile(f"[{characters}]") if characters else None
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


@lru_cache(maxsize=32)
def book(text: str) -> PhraseBook:
    """The book of a set's text, made once in each process."""
    return PhraseBook(read(text))
