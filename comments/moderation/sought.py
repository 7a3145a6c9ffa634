"""What a moderator looks for, as it stands in the address of a page.

Addresses of pages are kept by logs and by browsers, and told to the page that comes next. So an e-mail or
network address stands there sealed, and for a day: long enough to turn pages and come back, and no way to it for who
reads a log later.
"""

import re
from datetime import timedelta

from storied import sealing
from storied.network import key_of

GOOD_FOR = timedelta(days=1)
_SEALED = re.compile(r"sealed\.(gAAAA[\w-]+=*)", re.A)


def in_address(words: str) -> str:
    """The words for an address: as they are, unless they may be somebody's e-mail or network address."""
    return f"sealed.{sealing.seal(words)}" if is_to_be_sealed(words) else words


def is_to_be_sealed(words: str) -> bool:
    return "@" in words or bool(key_of(words.strip()))


def from_address(said: str) -> str:
    """The words that an address means; none where they were sealed too long ago, or not by this site."""
    sealed = _SEALED.fullmatch(said)
    if sealed is None:
        return said
    try:
        return sealing.unseal(sealed[1], within=GOOD_FOR)
    except sealing.CannotBeOpened:
        return ""
