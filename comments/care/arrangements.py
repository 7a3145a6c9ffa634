"""How the owner arranged the lane, made once in each process and kept while it holds."""

import logging
from dataclasses import dataclass
from typing import Any

from comments.models import CareArrangements, CarePhrases, CareResponder, HelpLine
from storied.accounts.models import User
from storied.front import SITE, Memo

from . import grammar, phrasebook
from .grammar import PhraseError
from .matching import Found, kept_look
from .phrasebook import PhraseBook

_log = logging.getLogger(__name__)
_kept = Memo(most=4)

# A text in two languages has finds of both; more books than this would cost every submit.
MOST_BOOKS = 12


@dataclass(frozen=True)
class Arrangements:
    """What is arranged. Nothing is looked for while `is_on` is False."""

    is_on: bool = False
    on_match: str = CareArrangements.OnMatch.PUBLISH
    note: str = ""
    target_hours: int = 4
    books: tuple[tuple[str, PhraseBook], ...] = ()

    @property
    def holds(self) -> bool:
        return self.is_on and self.on_match == CareArrangements.OnMatch.HOLD

    @property
    def notes(self) -> bool:
        return self.is_on and self.on_match == CareArrangements.OnMatch.NOTE


def help_lines() -> tuple[HelpLine, ...]:
    """Where people find help; empty until the owner has named somebody."""
    return _kept.get("lines", (SITE,), lambda: tuple(HelpLine.objects.all()))


def help_is_there() -> bool:
    return bool(help_lines())


def regions(lines: tuple[HelpLine, ...]) -> list[str]:
    """The regions that have help lines of their own, by name."""
    return sorted({line.region for line in lines} - {""}, key=str.casefold)


def current() -> Arrangements:
    """What is in force. Off until there is help to name and somebody to tell."""
    return _kept.get("arrangements", (SITE,), _made)


def responders() -> Any:
    """The people on call who may act here."""
    return CareResponder.objects.filter(
        person__is_active=True, person__role__in=[User.Role.MODERATOR, User.Role.OWNER]
    ).select_related("person")


def why_off() -> list[str]:
    """What is missing, in words for the owner; empty while the lane is on."""
    missing = []
    if not help_is_there():
        missing.append("There is no help line that a writer could be shown.")
    if not responders().exists():
        missing.append("Nobody is on call.")
    if not stored().is_wanted:
        missing.append("You have switched it off.")
    if not any(phrases.is_used for phrases in phrase_sets()):
        missing.append("No language is in use.")
    return missing


def stored() -> CareArrangements:
    """The owner's row, or what holds before there is one."""
    return CareArrangements.objects.filter(pk=1).first() or CareArrangements(pk=1)


def phrase_sets() -> list[CarePhrases]:
    """A set for each language: the owner's where there is one, else the shipped one."""
    edited = {phrases.language: phrases for phrases in CarePhrases.objects.all()}
    for language, name in grammar.LANGUAGES.items():
        if language not in edited:
            edited[language] = CarePhrases(language=language, name=name, text=grammar.shipped(language))
    return sorted(edited.values(), key=lambda phrases: phrases.name.casefold())


def look(text: str) -> tuple[Found, ...]:
    """What in a text may mean that its writer is in danger; empty while the lane is off. No query once it is known."""
    books = current().books
    return kept_look(text, books) if books else ()


def _made() -> Arrangements:
    # In this order: an installation that has arranged nothing is asked one thing.
    if not help_is_there() or not responders().exists():
        return Arrangements()
    row = stored()
    if not row.is_wanted:
        return Arrangements()
    books = tuple((phrases.language, _book(phrases)) for phrases in phrase_sets() if phrases.is_used)[:MOST_BOOKS]
    return Arrangements(bool(books), row.on_match, row.note, row.target_hours, books)


def _book(phrases: CarePhrases) -> PhraseBook:
    try:
        return phrasebook.book(phrases.text)
    except PhraseError as problem:
        # It could be read when it was saved. People still write: better the shipped set than none, or than a 500.
        _log.error("The phrases in %s cannot be read, so the shipped ones are used: %s", phrases.name, problem)
        return phrasebook.book(grammar.shipped(phrases.language))
