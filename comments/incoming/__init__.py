"""Mail that comes in: answers become comments, bounces and complaints end mail, "unsubscribe" does what it says.

`message` reads bytes that anybody may have sent, `words` finds what the writer said, `answers` submits it,
`reports` understands mail servers, `providers` listens to django-anymail. Whatever comes in is answered by at most one
mail, to an address that was proved, and never if a program wrote it.
"""

import logging
import re

from comments.notifications import addresses, subscriptions

from . import answers, reports
from .message import MOST_BYTES, Incoming, Unreadable

__all__ = ["MOST_BYTES", "Incoming", "Unreadable", "receive", "take"]

logger = logging.getLogger(__name__)


def receive(raw: bytes, *, sender: str | None = None, recipient: str = "") -> str:
    """Takes a mail in, as bytes; what became of it, in a word. Doing it twice does it once."""
    try:
        letter = Incoming(raw, sender=sender, recipient=recipient)
    except Unreadable as why:
        logger.info("A mail that came in was dropped: %s", why)
        return "dropped"
    return take(letter)


def take(letter: Incoming) -> str:
    address = addresses.found_in(letter.recipients)
    if reports.is_report(letter):
        outcome = reports.take(letter, address)
    elif address is None or address.purpose == addresses.BOUNCE:
        outcome = "dropped"
    elif address.purpose != addresses.ANSWER:
        # A program may send it; that is what the address is for.
        outcome = _end(address)
    elif is_by_a_program(letter):
        outcome = "dropped"
    else:
        outcome = answers.take(letter, address)
    logger.info("A mail came in: %s.", outcome)
    return outcome


def _end(address: addresses.Address) -> str:
    if address.purpose == addresses.END_WISH:
        subscriptions.end(address.row, "unsubscribed")
    else:
        subscriptions.end_kind(address.row, address.ends)
    return "ended"


def is_by_a_program(letter: Incoming) -> bool:
    """Whether nobody wrote it: an absence notice, a bounce, a list's mail, our own one come back."""
    if letter.has_no_sender or addresses.found_in(letter.header("From")) is not None:
        return True
    if letter.header("Auto-Submitted").partition(";")[0].strip().lower() not in {"", "no"}:
        return True
    if re.search(r"\b(?:bulk|junk|list|auto_reply)\b", letter.header("Precedence"), re.I):
        return True
    return any(letter.has(name) for name in _OF_PROGRAMS)


_OF_PROGRAMS = (
    "X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "List-Id", "List-Unsubscribe",
    "X-Failed-Recipients",
)  # fmt: skip
