"""What mail servers say of a mail of ours: that it did not arrive (RFC 3464), or was called unwanted (RFC 5965)."""

import re
from dataclasses import dataclass

from comments.models import Notification
from comments.notifications import addresses, bounces
from comments.notifications.recipients import of, preferences_of
from comments.notifications.writing import mail_named_in

from .message import Incoming

_STATUS = re.compile(r"^Status:\s*([245]\.\d{1,3}\.\d{1,3})", re.I | re.M | re.A)
_ACTION = re.compile(r"^Action:\s*([a-z-]{1,20})", re.I | re.M | re.A)
_FEEDBACK = re.compile(r"^Feedback-Type:\s*([a-z-]{1,30})", re.I | re.M | re.A)
_READ = 64_000  # bytes of a report


@dataclass(frozen=True)
class Report:
    """What it says: a status of RFC 3463, or that the mail was unwanted."""

    status: str = ""
    is_complaint: bool = False


def is_report(letter: Incoming) -> bool:
    return letter.content_type == "multipart/report"


def take(letter: Incoming, address: addresses.Address | None) -> str:
    """Does what a report asks for; what that was, in a word. Nothing where it does not prove which mail it is about."""
    mail = _mail_of(letter, address)
    report = read(letter)
    if mail is None or report is None:
        return "dropped"
    if report.is_complaint:
        bounces.called_unwanted(preferences_of(of(mail)))
        return "complaint"
    bounces.came_back(mail, report.status)
    return "bounce"


def read(letter: Incoming) -> Report | None:
    """The report in a mail; None for what tells of no trouble."""
    text = letter.raw[:_READ].decode("ascii", "replace").replace("\r\n", "\n")
    # What is sent back with a report holds the words of those who write here: they may look like one.
    feedback = _FEEDBACK.search(text) if letter.holds("message/feedback-report") else None
    if feedback is not None:
        return None if feedback[1].lower() == "not-spam" else Report(is_complaint=True)
    action, status = _ACTION.search(text), _STATUS.search(text)
    if action is None or action[1].lower() not in {"failed", "delayed"}:
        return None
    if action[1].lower() == "delayed":
        # It is tried again; should that fail too, another report says so.
        return None
    return Report(status=status[1] if status else "5.0.0")


def _mail_of(letter: Incoming, address: addresses.Address | None) -> Notification | None:
    """By the address that only this mail's server knew, or by our identifier in what was sent back."""
    if address is not None and address.purpose == addresses.BOUNCE:
        return address.row
    return mail_named_in(letter.raw.decode("ascii", "replace"))
