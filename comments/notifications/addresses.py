"""Addresses that mail comes back to: each signed, for one person and one purpose.

`reply+r…@host` takes an answer, `reply+b…@host` what mail servers say of a mail, and the others end something. The
letters are those of base32, because mail servers may change a small letter into a capital; 80 bits are a signature.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from comments.models import MailPreferences, Notification, Subscription

ANSWER, BOUNCE, END_WISH = "r", "b", "s"
# What ends a kind of mail: which letter stands for which field of the preferences, or for all of it.
ENDS = {
    "all": "a", "replies": "c", "follows": "d", "decisions": "e", "posts": "f", "alerts": "g", "care": "h",
    "hourly": "i", "daily": "j", "weekly": "k",
}  # fmt: skip
_FIELD_OF = {letter: name for name, letter in ENDS.items()}
# An answer to a mail is taken so long after it was sent.
ANSWERED_WITHIN = timedelta(days=60)
_SIGNATURE = 10  # bytes
_VERSION = 2  # bytes for the number of the guidelines' version
_MOST_LOOKED_AT = 10  # addresses in one mail that could be one of ours


@dataclass(frozen=True)
class Address:
    """What an address of ours was made for. `row` is a mail, a wish or preferences; `version` stood in the mail."""

    purpose: str
    row: Any
    version: int = 0

    @property
    def ends(self) -> str:
        """The kind of mail that it ends, "daily" and the like, "all", or nothing."""
        return _FIELD_OF.get(self.purpose, "")


def are_used() -> bool:
    """Whether mail can come back to this site."""
    return bool(settings.STORIED_REPLY_ADDRESS)


def for_answers(row: Notification, version: int) -> str:
    """Where an answer to this mail goes; `version` of the guidelines is what the answer agrees to."""
    return _made(ANSWER, row, version)


def for_bounces(row: Notification) -> str:
    return _made(BOUNCE, row)


def to_end_wish(wish: Subscription) -> str:
    return _made(END_WISH, wish)


def to_end_kind(preferences: MailPreferences, kind: str) -> str:
    return _made(ENDS[kind], preferences)


def found_in(text: str) -> Address | None:
    """The first address of ours in a text; None where there is none, or none that stands up."""
    if not are_used():
        return None
    local, _at, host = settings.STORIED_REPLY_ADDRESS.partition("@")
    ours = re.compile(
        rf"(?<![\w.+-]){re.escape(local)}\+([{''.join(_ROW_OF)}])([a-z2-7]{{18,40}})@{re.escape(host)}(?![\w-])",
        re.I | re.A,
    )
    for number, found in enumerate(ours.finditer(text)):
        if number == _MOST_LOOKED_AT:
            break
        address = _read(found[1].lower(), found[2])
        if address is not None:
            return address
    return None


def is_too_late(row: Notification) -> bool:
    return timezone.now() - (row.ended_at or row.created_at) > ANSWERED_WITHIN


def signature(said: str, key: str = "") -> str:
    """80 bits in 16 small letters, for what nobody else should be able to make up."""
    return base64.b32encode(_signed(said.encode(), key or settings.SECRET_KEY)).decode().lower()


def is_signed(said: str, letters: str) -> bool:
    """Whether this is its signature, by the present key or an earlier one."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(signature(said, key).encode(), letters.lower().encode()) for key in keys)


_ROW_OF: dict[str, Any] = {
    ANSWER: Notification, BOUNCE: Notification, END_WISH: Subscription, **dict.fromkeys(ENDS.values(), MailPreferences)
}  # fmt: skip


def _made(purpose: str, row: Any, version: int = 0) -> str:
    number = row.pk.to_bytes((row.pk.bit_length() + 7) // 8, "big")
    said = min(version, 2 ** (8 * _VERSION) - 1).to_bytes(_VERSION, "big") + number
    letters = base64.b32encode(_signed(_whole(purpose, said, row), settings.SECRET_KEY) + said).decode()
    local, _at, host = settings.STORIED_REPLY_ADDRESS.partition("@")
    return f"{local}+{purpose}{letters.rstrip('=').lower()}@{host}"


def _read(purpose: str, letters: str) -> Address | None:
    try:
        told = base64.b32decode(letters.upper() + "=" * (-len(letters) % 8))
    except binascii.Error:
        return None
    signed, said = told[:_SIGNATURE], told[_SIGNATURE:]
    number = int.from_bytes(said[_VERSION:], "big")
    row = _ROW_OF[purpose].objects.filter(pk=number).first() if 0 < number < 2**63 else None
    if row is None:
        return None
    whole = _whole(purpose, said, row)
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(_signed(whole, key), signed):
            return Address(purpose, row, int.from_bytes(said[:_VERSION], "big"))
    return None


def _whole(purpose: str, said: bytes, row: Any) -> bytes:
    """What is signed: also whose it is and about which comment, should a number ever be given a second time."""
    return f"{purpose}\x1f{row.who}\x1f{getattr(row, 'comment_id', '')}\x1f".encode() + said


def _signed(said: bytes, key: str) -> bytes:
    key_for_mail = hashlib.sha256(b"comments.mail.address" + key.encode()).digest()
    return hmac.new(key_for_mail, said, hashlib.sha256).digest()[:_SIGNATURE]
