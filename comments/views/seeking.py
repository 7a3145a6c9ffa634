"""Looking for something on the desk: the words are posted, so that no log has an e-mail address that somebody typed."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from comments import moderation
from comments.moderation.sought import in_address, is_to_be_sealed
from comments.viewers import Viewer

from .pages import asked_as, moderators_only, private


@require_POST
@moderators_only
def seek(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Leads to the page that shows what is looked for."""
    asked = request.POST
    room = asked.get("room", "")
    if room == "people":
        words = in_address(asked.get("q", "")[:254])
        place, query = reverse("moderation:people"), urlencode({"q": words}) if words else ""
    else:
        place = reverse("moderation:queue", args=[room if room in moderation.QUEUES else "pending"])
        query = asked_as(moderation.Wanted.of(asked), asked.get("view") == "short").lstrip("&")
    return redirect(f"{place}{'?' if query else ''}{query}")


def sealing_addresses(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Has a page forget an e-mail address that it was asked for with in its own, by hand or by an old bookmark."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_to_be_sealed(request.GET.get("q", "")):
            return view(request, *args, **kwargs)
        query = request.GET.copy()
        query["q"] = in_address(query["q"][:254])
        return private(redirect(f"{request.path}?{query.urlencode()}"))

    return enter
