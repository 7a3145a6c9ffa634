"""Where the links of a rendered text lead."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

# Our own renderer writes every link so.
_LINK = re.compile(r'<a\b[^>]*?\shref="([^"]*)"')
MOST = 200  # hosts; what has more links than that is held for them anyway


def hosts(html: str, *addresses: str) -> list[str]:
    """The hosts of a text's links and of further addresses, each once."""
    found: dict[str, None] = {}
    for address in _each(html, addresses):
        try:
            host = urlsplit(address).hostname or ""
            host = host if host.isascii() else host.encode("idna").decode()
        except ValueError:
            continue
        if host:
            found[host] = None
            if len(found) == MOST:
                break
    return list(found)


def _each(html: str, addresses: Iterable[str]) -> Iterable[str]:
    yield from addresses
    for match in _LINK.finditer(html):
        yield match[1].replace("&amp;", "&")
