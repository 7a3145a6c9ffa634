"""Django's words about what is wrong with a field, as this site says it."""

from typing import Any

from django.core.exceptions import ValidationError

_BY_CODE = {
    "required": "This is needed.",
    "min_value": "This should be %(limit_value)s or more.",
    "max_value": "This should be %(limit_value)s or less.",
    "max_length": "This has %(show_value)s characters; %(limit_value)s fit.",
    "invalid_choice": "Please choose one of these.",
}
# Several fields say "invalid" of different things.
_BY_MESSAGE = {
    "Enter a valid email address.": "This does not look like an e-mail address. It should be like name@example.org.",
    "Enter a valid URL.": "This is not the address of a site. It should begin with https:// — or leave it empty.",
    "Enter a whole number.": "This should be a whole number.",
    "Enter a valid date.": "This should be a day, like 2026-05-31.",
}


def in_our_words(error: Any) -> Any:
    """What a form is told is wrong; our own messages are plain text, and stay."""
    for one in getattr(error, "error_list", ()):
        # Django's are translated when they are shown, and no plain text until then.
        if isinstance(one, ValidationError) and not isinstance(one.message, str):
            one.message = _BY_CODE.get(one.code or "") or _BY_MESSAGE.get(str(one.message)) or one.message
    return error
