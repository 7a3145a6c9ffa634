"""What a view says about a page: whether it is the same for everybody, and for how long."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .board import SITE

# Seconds. A form in a kept page carries a stamp of the time when it was made, and is good for hours from then.
_AT_MOST = 6 * 3600


def is_for_everybody(request: HttpRequest) -> bool:
    """Whether whoever asks has no session and never wrote: then the page is the same for all."""
    return not (settings.SESSION_COOKIE_NAME in request.COOKIES or settings.GUEST_COOKIE_NAME in request.COOKIES)


def has_no_session(request: HttpRequest) -> bool:
    """Whether what stands around a discussion is the same for whoever asks as for everybody else."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES


def not_beyond(request: HttpRequest, moment: datetime | None) -> None:
    """Says that what is being made changes by itself at that moment, if it is still to come."""
    if moment is not None and moment > datetime.now(UTC):
        before = getattr(request, "_storied_until", moment)
        request._storied_until = min(before, moment)


def keep(request: HttpRequest, response: HttpResponse, *slots: int) -> HttpResponse:
    """Allows an answer to be kept while the site and these slots hold; caches of others have to ask each time.

    The page of somebody known is theirs alone.
    """
    response["Vary"] = "Accept-Encoding, Cookie"
    if not is_for_everybody(request):
        response["Cache-Control"] = "private, no-cache"
        return response
    response["Cache-Control"] = "public, no-cache"
    now = datetime.now(UTC)
    until = getattr(request, "_storied_until", None)
    seconds = _AT_MOST if until is None else min(_AT_MOST, (until - now).total_seconds())
    if seconds > 0:
        request.environ["storied.keep"] = ((SITE, *slots), seconds)
    return response
