"""What somebody wrote, as mails quote it: never in a subject or an opening, which a phone shows while it is locked."""

from dataclasses import dataclass, field
from typing import Any

from comments.models import Comment
from storied.letters import absolute
from storied.text import clean_line

from . import plain

QUOTED_CHARACTERS = 3_000  # of one comment; the rest is a click away
TITLE_CHARACTERS = 120


@dataclass(frozen=True)
class Quote:
    """What somebody wrote, below what the mail itself says."""

    by: str
    about: str
    address: str
    paragraphs: list[str]
    is_cut: bool = False
    # What a mail about this alone would open with, and its plain words, where the mail holds several things.
    above: str = ""
    plain_above: str = ""
    link: str = "Read it in its place"
    # What can be done about this one, where a mail holds several.
    choices: list[tuple[str, str]] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The paragraphs for plain text, each in lines of 72 letters with its marks."""
        return [plain.wrapped(paragraph) for paragraph in self.paragraphs]


def title_of(post: Any) -> str:
    """A title on one line, without what no header can have."""
    title = clean_line(str(post))
    return title if len(title) <= TITLE_CHARACTERS else f"{title[: TITLE_CHARACTERS - 1]}…"


def quote_of(comment: Comment) -> Quote:
    """The beginning of a comment, or all of it."""
    paragraphs, length, cut = [], 0, False
    for paragraph in plain.paragraphs(comment.body_html):
        if length + len(paragraph) > QUOTED_CHARACTERS:
            paragraphs.append(f"{paragraph[: max(0, QUOTED_CHARACTERS - length)]}…")
            cut = True
            break
        paragraphs.append(paragraph)
        length += len(paragraph)
    about = f"on “{title_of(comment.post)}”"
    return Quote(comment.author_name, about, absolute(comment.get_absolute_url()), paragraphs, cut)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
