"""What the checkers together think of a text."""

from dataclasses import dataclass
from typing import Any

from . import stamps, words


@dataclass(frozen=True)
class Finding:
    """One thing that speaks against a text: `code` for the record, `detail` for the moderator."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Opinion:
    """`spam` findings set a text aside, `doubts` hold it for a moderator."""

    spam: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()
    concern: tuple[Any, ...] = ()  # words that may mean danger: not found here but by `care`, and no fault of the text


@dataclass(frozen=True)
class Sample:
    """What the checkers look at."""

    text: str
    name: str = ""
    url: str = ""
    email: str = ""
    honeypot: str = ""
    stamp_age: float | None = None  # seconds since the form was made; None where no form was


def check(sample: Sample, *, watched: words.Lists = (), min_seconds: int = 0) -> Opinion:
    """The opinion of all checkers; each looks, none decides."""
    spam, doubts = [], []
    if sample.honeypot:
        spam.append(Finding("honeypot", "A field that people do not see was filled in."))
    if watched:
        everything = "\n".join([sample.text, sample.name, sample.url, sample.email])
        for match in words.found(everything, watched):
            is_spam = match.action == "spam"
            (spam if is_spam else doubts).append(Finding("spam_word" if is_spam else "watched_word", match.words))
    if sample.stamp_age is not None and stamps.is_too_fast(sample.stamp_age, min_seconds):
        doubts.append(Finding("too_fast", f"Submitted {sample.stamp_age:.1f} seconds after the page was made."))
    return Opinion(tuple(spam), tuple(doubts))
