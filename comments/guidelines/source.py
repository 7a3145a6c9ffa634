"""The guidelines as one Markdown text: an introduction, then "## Title {#key}", the short point, and more words."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from storied.text import clean_line, clean_text

from .published import Clause

_HEADING = re.compile(r"^##[ \t]+(?P<title>[^\n]*?)[ \t]*(?:\{#(?P<key>[^{}\n]*)\})?[ \t]*$", re.MULTILINE)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
# What stands for a short point that has still to be written.
TO_WRITE = "…"


def read(text: str) -> tuple[str, list[Clause]]:
    """The introduction and the clauses; a heading without a key gives a clause without one."""
    text = clean_text(text)
    headings = list(_HEADING.finditer(text))
    introduction = text[: headings[0].start()] if headings else text
    clauses = []
    for heading, following in pairwise([*headings, None]):
        words = text[heading.end() : following.start() if following else None].strip()
        short_point, *rest = _EMPTY_LINE.split(words, maxsplit=1)
        short_point = clean_line(short_point)
        clauses.append(
            Clause(
                (heading["key"] or "").strip(),
                clean_line(heading["title"]),
                "" if short_point == TO_WRITE else short_point,
                rest[0].strip() if rest else "",
            )
        )
    return introduction.strip(), clauses


def write(introduction: str, clauses: Iterable[Any]) -> str:
    """The text that `read` reads as these."""
    parts = [introduction.strip()] if introduction.strip() else []
    for clause in clauses:
        key = f" {{#{clause.key}}}" if clause.key else ""
        parts.append(f"## {clause.title}{key}")
        parts.append(clause.short_point or TO_WRITE)
        if clause.body.strip():
            parts.append(clause.body.strip())
    return "\n\n".join(parts) + "\n"


def looks_like_a_heading(text: str) -> bool:
    """Whether a line of this text would begin a clause."""
    return bool(_HEADING.search(clean_text(text)))
