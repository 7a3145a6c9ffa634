"""Texts as they are typed, in the plainest letters: so that disguises, accents and typography make no difference."""

import re
import unicodedata

# Marks above and below letters, and what cannot be seen between them.
_MARKS = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0489\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u3164\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\uffa0"
    "\U000e0000-\U000e0fff]+"
)
# One kind of quotation mark, one kind of apostrophe.
_QUOTES = str.maketrans("“”„‟«»＂‘’‚‛‹›`´′", '"' * 7 + "'" * 9)
# Cyrillic and Greek letters that pass for Latin ones, in words that have Latin ones, too.
_LOOKALIKES = "аеорсхуіјѕԁһӏАВЕКМНОРСТУХІοανικρτ"
_LATIN = str.maketrans(_LOOKALIKES, "aeopcxyijsdhlABEKMHOPCTYXIoavikpt")
_MIXED = re.compile(rf"\b(?=\w{{0,40}}[A-Za-z])(?=\w{{0,40}}[{_LOOKALIKES}])\w+")
# K.i.l.l, d i e: letters set apart are one word.
_SPACED = re.compile(r"(?<!\w)[^\W\d_](?:[ .\-_][^\W\d_]){2,}(?!\w)")
_BETWEEN_LETTERS = re.compile(r"[ .\-_]")
# Another's words, as Markdown quotes them.
_QUOTED_LINE = re.compile(r"(?m)^[ \t]{0,3}>.*$")
# Compatibility forms (ﷺ is eighteen letters) may not make a long text many times longer.
_MOST_GROWTH = 2


def plain(text: str) -> str:
    """The text without accents, unseen characters, fancy letters and quoted lines; its case stays."""
    if ">" in text:
        text = _QUOTED_LINE.sub("\n\n", text)
    if not text.isascii():
        text = text.translate(_QUOTES)
        wide = unicodedata.normalize("NFKD", text)
        if len(wide) > _MOST_GROWTH * len(text):
            wide = unicodedata.normalize("NFD", text)
        text = _MARKS.sub("", wide).translate(_QUOTES)
        text = _MIXED.sub(lambda found: found[0].translate(_LATIN), text)
    else:
        text = text.replace("`", "'")
    return _SPACED.sub(lambda found: _BETWEEN_LETTERS.sub("", found[0]), text)


def word(token: str) -> str:
    """One word of a plain text as words are compared: "Don't" and "dont" are the same."""
    return token.casefold().replace("'", "")
