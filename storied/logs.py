"""Log lines that stay one line, whatever a visitor put into an address."""

import logging
import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class OneLineFormatter(logging.Formatter):
    """Escapes control and direction characters in the message; a traceback keeps its own line breaks."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record).replace("\n", "\\n")
        return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
