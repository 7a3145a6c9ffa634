"""The words of stored HTML for a mail: paragraphs, with the marks by which plain text tells quotes and lists."""

import re
import textwrap
from html import unescape

_TAG = re.compile(r"<(/?)([a-z0-9]+)[^<>]*>")
_BLOCKS = frozenset({"p", "li", "ul", "ol", "blockquote", "pre", "hr"})
_MARKS = re.compile(r"((?:> ){0,5})((?:- |\d{1,4}\. )?)")
_DEEPEST = 5  # marks in a row


def paragraphs(html: str) -> list[str]:
    """The paragraphs of HTML that `markup` has cleaned: quoted ones begin with ">", items with "-" or their number."""
    found: list[str] = []
    words: list[str] = []
    numbers: list[int | None] = []
    depth, item, end = 0, "", 0

    def flush() -> None:
        nonlocal item
        for line in "".join(words).split("\n"):
            text = " ".join(unescape(line).split())
            if text:
                found.append(f"{'> ' * min(depth, _DEEPEST)}{item}{text}")
                item = ""
        words.clear()

    for tag in _TAG.finditer(html):
        words.append(html[end : tag.start()].replace("\n", " "))
        end, closes, name = tag.end(), bool(tag[1]), tag[2]
        if name == "br":
            words.append("\n")
        if name not in _BLOCKS:
            continue
        flush()
        if name == "blockquote":
            depth = max(0, depth - 1) if closes else depth + 1
        elif name in {"ul", "ol"}:
            if not closes:
                numbers.append(0 if name == "ol" else None)
            elif numbers:
                numbers.pop()
        elif name == "li" and not closes:
            item = _next_item(numbers)
    words.append(html[end:])
    flush()
    return found


def wrapped(paragraph: str, width: int = 72) -> str:
    """A paragraph in lines; those of a quote keep its marks, those of an item stand below its first."""
    marks = _MARKS.match(paragraph)
    quote, item = (marks[1], marks[2]) if marks else ("", "")
    return textwrap.fill(
        paragraph, width, subsequent_indent=quote + " " * len(item), break_long_words=False, break_on_hyphens=False
    )


def _next_item(numbers: list[int | None]) -> str:
    if not numbers or numbers[-1] is None:
        return "- "
    numbers[-1] += 1
    return f"{numbers[-1]}. "
