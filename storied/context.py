"""What every template may name."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from storied.accounts import doors


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's name, tagline and public address, and whether accounts can be opened."""
    return {
        "site_name": settings.STORIED_SITE_NAME,
        "site_tagline": settings.STORIED_SITE_TAGLINE,
        "site_url": settings.SITE_URL,
        # Asked by the template that wants to know, and by no other.
        "signup_is_open": doors.are_open_to_all,
        "elsewhere_is_on": bool(settings.SOCIALACCOUNT_PROVIDERS),
    }
