"""Names as people read them: two names that look alike have one key, so that nobody passes for another."""

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from storied.text import clean_line, is_blank, is_unseen

GENERIC = "Somebody"

_WORDS = re.compile(r"[\W_]+")
# Marks, joiners, soft hyphens and their like.
_WITHOUT_ROOM = frozenset({"Mn", "Me", "Cf"})
# Within what is left after case folding: what a hurried eye reads as the same letter.
_ALIKE = str.maketrans({"i": "l", "1": "l", "|": "l", "!": "l", "0": "o", "5": "s", "$": "s", "3": "e", "@": "a"})


# One name is asked for six times while a comment is taken in.
@lru_cache(maxsize=500)
def key(name: str) -> str:
    """What the name looks like: without case, spaces, marks, invisible characters and borrowed alphabets.

    After Unicode Technical Standard 39, skeletons; stricter, since a false alarm costs a visitor one more letter
    and a miss lets somebody speak as the blogger.
    """
    text = "".join(letter for letter in unicodedata.normalize("NFKD", clean_line(name)) if not is_unseen(letter))
    if not text.isascii():
        text = "".join(_letters_look_like().get(letter, letter) for letter in text)
    text = unicodedata.normalize("NFKD", text).casefold()
    if not text.isascii():
        text = "".join(_letters_look_like().get(letter, letter) for letter in text).casefold()
    text = text.translate(_ALIKE)
    # "rn" and "m", "vv" and "w" are one shape in most faces.
    text = text.replace("rn", "m").replace("vv", "w")
    return "".join(x for x in text if unicodedata.category(x)[0] in "LNS" and not is_unseen(x))[:200]


# Said of themselves by nobody but the site: whoever bears one would be believed.
ALWAYS_RESERVED = (
    "admin", "administrator", "admins", "moderator", "moderators", "mod", "mods", "moderation", "owner", "the owner",
    "author", "the author", "staff", "support", "storied", "the storied team", "webmaster", "help desk", "system",
)  # fmt: skip
# The marks that stand beside a name, and would be read as one when they are a part of it.
_MARKS = ("author", "moderator")


def is_reserved(name: str, also: frozenset[str] = frozenset()) -> bool:
    """Whether a name speaks for the site: it is kept for it (`also`, as keys, too), or has a mark in it."""
    whole = key(name)
    if whole in also or whole in _reserved():
        return True
    return any(key(word) in _mark_keys() for word in _words_of(name))


def _words_of(name: str) -> list[str]:
    """As they are read: a word does not end at an accent or at what takes no room, and it does at a blank."""
    text = unicodedata.normalize("NFKD", clean_line(name))
    seen = (" " if is_unseen(x) else x for x in text if unicodedata.category(x) not in _WITHOUT_ROOM)
    return _WORDS.split("".join(seen))


@lru_cache(maxsize=8)
def keys_of(lines: str) -> frozenset[str]:
    """The keys of names, one a line."""
    return frozenset(filter(None, map(key, lines.splitlines())))


@cache
def _reserved() -> frozenset[str]:
    return frozenset(map(key, ALWAYS_RESERVED))


@cache
def _mark_keys() -> frozenset[str]:
    return frozenset(map(key, _MARKS))


def is_empty(name: str) -> bool:
    """Whether the name shows nothing: empty, blank, or made of characters that cannot be seen."""
    return is_blank(clean_line(name)) or not key(name)


@cache
def _letters_look_like() -> dict[str, str]:
    # The package's own module keeps both directions of the whole table in memory; this keeps one.
    table = json.loads(files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8"))
    looks: dict[str, str] = {}
    for letter, others in table.items():
        if len(letter) != 1 or letter.isascii() or len(others) != 1:
            continue
        target = others[0]["c"].strip("\u200e")
        mutual = len(table.get(target, [])) == 1
        looks[letter] = min(letter, target) if mutual else target
    for code in range(0x0250, 0xA7FF):
        # Small capitals are no confusables by the standard, and read as the letters all the same.
        words = unicodedata.name(chr(code), "")
        if words.startswith("LATIN LETTER SMALL CAPITAL ") and len(words) == 28:
            looks[chr(code)] = words[-1].lower()
    return looks
