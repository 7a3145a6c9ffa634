"""Tells the owner of a page store that would not be used, or could not be right."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register()
def page_store_can_be_used(**_kwargs: Any) -> list[Error]:
    """Whether STORIED_PAGE_STORE goes together with the other settings."""
    store = settings.PAGE_STORE
    if not store:
        return []
    problems = []
    if not Path(store).is_absolute():
        problems.append(
            Error(
                f"STORIED_PAGE_STORE is {store!r}, which is not a whole path.",
                hint="The web server looks from elsewhere: write something like /run/storied/pages.",
                id="front.E001",
            )
        )
    if not settings.KEEP_PAGES:
        problems.append(
            Error(
                "STORIED_PAGE_STORE names a folder for kept pages, but STORIED_KEEP_PAGES is off.",
                hint="Empty the one or switch on the other, alike for the server and for manage.py.",
                id="front.E002",
            )
        )
    if settings.VALKEY_URL:
        problems.append(
            Error(
                "STORIED_PAGE_STORE is for one machine; where CACHE_URL names a Valkey server, there may be several, "
                "and none can take away another's files.",
                hint="Empty STORIED_PAGE_STORE; Storied keeps pages all the same.",
                id="front.E003",
            )
        )
    return problems
