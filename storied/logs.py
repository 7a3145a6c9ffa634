"""Log lines that stay one line, whatever a visitor put into an address, and that hold no key to anything."""

import logging
import re
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# What addresses call the part of them that opens something for whoever has it: private links, ways out of mail, …
KEYS = frozenset({"token", "secret", "key"})
_SHORTEST_KEY = 8  # characters; what is shorter was made up


class OneLineFormatter(logging.Formatter):
    """Escapes control and direction characters in the message; a traceback keeps its own line breaks."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record).replace("\n", "\\n")
        for key in _keys_in_address(getattr(record, "request", None)):
            line = line.replace(key, "…")
        return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _keys_in_address(request: Any) -> list[str]:
    """Django logs the address of each request that it refuses: whoever reads the log is not to follow it."""
    if not isinstance(request, HttpRequest):
        return []
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return []
    return [str(value) for name, value in match.kwargs.items() if name in KEYS and len(str(value)) >= _SHORTEST_KEY]
