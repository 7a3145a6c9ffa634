"""Watched words: whole words and phrases, in any case."""

import re
import unicodedata
from functools import lru_cache


def found(text: str, list_of_words: str) -> list[str]:
    """The words and phrases of the list (one a line) that stand in the text; "skilled" does not hold "killed"."""
    pattern = _pattern(list_of_words)
    if pattern is None:
        return []
    seen = {" ".join(match[0].split()) for match in pattern.finditer(_folded(text))}
    return sorted(seen)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=16)
def _pattern(list_of_words: str) -> re.Pattern[str] | None:
    phrases = {" ".join(_folded(line).split()) for line in list_of_words.splitlines()} - {""}
    if not phrases:
        return None
    longest_first = sorted(phrases, key=len, reverse=True)
    alternatives = "|".join(r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in longest_first)
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")
