"""Tells the owner of a misspelt language before a reader finds nothing."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from .language import DEFAULT, LANGUAGES


@register
def search_language_is_known(**options: Any) -> list[Error]:
    """Whether STORIED_SEARCH_LANGUAGE names a language that text can be indexed in."""
    name = getattr(settings, "STORIED_SEARCH_LANGUAGE", DEFAULT)
    if str(name).strip().lower() in LANGUAGES:
        return []
    return [
        Error(
            f"STORIED_SEARCH_LANGUAGE is {name!r}, which is no language that the search knows.",
            hint=f"Choose one of: {', '.join(sorted(LANGUAGES))}.",
            id="search.E001",
        )
    ]
