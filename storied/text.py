"""Text as people type it, made safe to store without changing what they said."""

import re
import unicodedata

# C0 and C1 controls but tab and newline, non-characters, lone surrogates, and the direction overrides that make a
# text read otherwise than it is (Trojan Source). Joiners and marks that scripts and emoji need stay.
_CUT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\ufeff]")
_ASTRAL_NONCHARACTERS = re.compile(
    "[" + "".join(f"{chr(p * 0x10000 + 0xFFFE)}{chr(p * 0x10000 + 0xFFFF)}" for p in range(1, 17)) + "]"
)
# Letters and symbols by their category, yet nothing to be seen: fillers, the empty Braille cell, null note heads.
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159")
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})
_MARKS_IN_A_ROW = 8  # enough for every living script; more is "zalgo"


def clean_text(text: str) -> str:
    """The text with one kind of line break and without characters that are no text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _fewer_marks(_ASTRAL_NONCHARACTERS.sub("", _CUT.sub("", text)))


def clean_line(text: str) -> str:
    """The same on one line, outer and doubled white space folded: for names and titles."""
    return re.sub(r"\s+", " ", clean_text(text)).strip()


def is_blank(text: str) -> bool:
    """Whether nothing in the text can be seen: spaces, zero-width characters, fillers, marks without a letter."""
    return all(is_unseen(character) for character in text)


def whole_number(text: str | None, *, digits: int = 18) -> int | None:
    """The number that a request names in ASCII digits; None for anything else, and for more digits than it may have.

    With 18 it fits into every column of a number.
    """
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= digits else None


def is_unseen(character: str) -> bool:
    """Whether this character alone leaves the paper white."""
    return character in _FILLERS or unicodedata.category(character) in _UNSEEN


def _fewer_marks(text: str) -> str:
    if text.isascii():
        return text
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if run <= _MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)
