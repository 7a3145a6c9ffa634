"""Names as people read them: two names that look alike have one key, so that nobody passes for another."""

import json
import unicodedata
from functools import cache
from importlib.resources import files

from storied.text import clean_line, is_blank, is_unseen

GENERIC = "Somebody"

# Within what is left after case folding: what a hurried eye reads as the same letter.
_ALIKE = str.maketrans({"i": "l", "1": "l", "|": "l", "!": "l", "0": "o", "5": "s", "$": "s", "3": "e", "@": "a"})


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
