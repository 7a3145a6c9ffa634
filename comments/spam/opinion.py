"""What the checkers together think of a text."""

from dataclasses import dataclass, field

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
    doubts: tuple[Finding, ...] = field(default=())


@dataclass(frozen=True)
class Sample:
    """What the checkers look at."""

    text: str
    name: str = ""
    url: str = ""
    email: str = ""
    honeypot: str = ""
    stamp_age: float | None = None  # seconds since the form was made; None where no form was


def check(sample: Sample, *, spam_words: str = "", watched_words: str = "", min_seconds: int = 0) -> Opinion:
    """The opinion of all checkers; each looks, none decides."""
    everything = "\n".join([sample.text, sample.name, sample.url, sample.email])
    spam = []
    if sample.honeypot:
        spam.append(Finding("honeypot", "A field that people do not see was filled in."))
    spam += [Finding("spam_word", word) for word in words.found(everything, spam_words)]
    doubts = [Finding("watched_word", word) for word in words.found(everything, watched_words)]
    if sample.stamp_age is not None and stamps.is_too_fast(sample.stamp_age, min_seconds):
        doubts.append(Finding("too_fast", f"Submitted {sample.stamp_age:.1f} seconds after the page was made."))
    return Opinion(tuple(spam), tuple(doubts))
