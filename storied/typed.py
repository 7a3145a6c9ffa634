"""What was typed into a form that could not be taken in, to be sent once more."""

import re
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.http.request import RawPostDataException


def what_was_typed(request: HttpRequest) -> list[dict[str, Any]]:
    """The fields of the form, with its token; none where nothing was written, or a password or a file is among them."""
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        has_files = bool(request.FILES)
    except (OSError, SuspiciousOperation, RequestDataTooBig, RawPostDataException):
        return []
    if has_files or any("password" in name.lower() for name, _value in sent):
        return []
    fields = [
        {"name": name, "value": value, "label": _label(name), "is_text": _is_text(name, value)} for name, value in sent
    ]
    return fields if any(field["is_text"] for field in fields) else []


# Single lines that take some thought to write: what a moderator says of a decision.
_WRITTEN = ("body", "reason", "words", "note")


def _is_text(name: str, value: str) -> bool:
    return bool(value) and ("\n" in value or name.startswith(_WRITTEN))


def _label(name: str) -> str:
    # Where a form is about many comments, their numbers follow the names.
    return "Your text" if name == "body" else re.sub(r"_\d*$", "", name).replace("_", " ").capitalize()
