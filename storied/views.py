"""Pages of the site as a whole: errors, pictures, and what machines ask for."""

import sys
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.templatetags.static import static as static_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.static import serve

from comments.models import HouseRules

from . import mail_folder as folder
from .readiness import missing_migrations
from .text import whole_number
from .typed import what_was_typed
from .unavailable import trouble_behind, unavailable

_MONTH = 60 * 60 * 24 * 30  # seconds


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return render(request, "413.html", status=413)
    return render(request, "400.html", {"why": ""}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"why": ""}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    # Django calls this while it deals with what went wrong, in a view or in any middleware.
    trouble = trouble_behind(sys.exception())
    if trouble is not None:
        return unavailable(request, trouble)
    # Without context processors: whatever broke the page may break them too.
    context = {"site_name": settings.STORIED_SITE_NAME, "rules": HouseRules.last_known()}
    return render(None, "500.html", context, status=500)


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose page is too old, or that another site sent.

    Where the browser itself says that it was on a page of this site, it comes back with all that was typed.
    """
    typed = what_was_typed(request) if request.headers.get("Sec-Fetch-Site") == "same-origin" else []
    if typed:
        fields = [field for field in typed if field["name"] != "csrfmiddlewaretoken"]
        context = {"fields": fields, "address": request.get_full_path(), "token": get_token(request)}
        return render(request, "accounts/send_again.html", context, status=403)
    why = (
        "It had been open for long, or cookies are switched off. Nothing was changed. Please go back with your "
        "browser, copy what you have typed, reload the page and try again."
    )
    return render(request, "403.html", {"why": why}, status=403)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    refused = HouseRules.current().refused_crawlers.replace(",", " ").split()
    unwanted = [*(f"User-agent: {name}" for name in refused), "Disallow: /", ""] if refused else []
    lines = [
        *unwanted,
        "User-agent: *",
        "Disallow: /accounts/",
        "Disallow: /admin/",
        "Disallow: /comment/",
        "Disallow: /mail/",
        "Disallow: /*?replytocom=",
        "Disallow: /moderation/",
        "Disallow: /search/",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Says that the process answers."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Says whether requests can be sent here: the database answers and has the tables that this code wants."""
    try:
        missing = missing_migrations()
    except DatabaseError:
        missing = ["the database does not answer"]
    text, status = (f"not ready: {', '.join(missing)}\n", 503) if missing else ("ready\n", 200)
    return HttpResponse(
        text, status=status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static_url("icon.svg"), permanent=True)


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse | FileResponse:
    """Pictures that the owner uploaded, where no web server in front serves them; nothing in them can run."""
    try:
        response = serve(request, path, document_root=settings.MEDIA_ROOT)
    except OSError:
        raise Http404("There is no such picture.") from None
    response["Cache-Control"] = f"public, max-age={_MONTH}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_safe
def mail_folder(request: HttpRequest) -> HttpResponse:
    """The mail that went out while developing, newest first."""
    _only_while_developing()
    return render(request, "mail/folder.html", {"mails": folder.newest()})


@require_safe
def mail_letter(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its headers and its text."""
    _only_while_developing()
    return render(request, "mail/letter.html", {"mail": _mail(name)})


@require_safe
def mail_letter_html(request: HttpRequest, name: str) -> HttpResponse:
    """The same as a mail program shows it: with its own style, and nothing else."""
    _only_while_developing()
    response = HttpResponse(_mail(name).html)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _only_while_developing() -> None:
    if not settings.DEBUG or not hasattr(settings, "EMAIL_FILE_PATH"):
        raise Http404("Mail is shown here only while developing.")


def _mail(name: str) -> folder.Mail:
    found = folder.read(name)
    if found is None:
        raise Http404("There is no such mail.")
    return found


def never_here(request: HttpRequest, *args: Any) -> HttpResponse:
    """What robots look for on other software: answered cheaply."""
    return HttpResponseNotFound("Not found.\n", content_type="text/plain; charset=utf-8")


def view_on_site(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponse:
    """The admin's “view on site”; what has no table, as the queue's dashboard, has no page either."""
    kind = ContentType.objects.filter(pk=whole_number(content_type_id)).first()
    model = kind and kind.model_class()
    if model is None or not model._meta.managed:
        raise Http404("There is no such thing.")
    return shortcut(request, content_type_id, object_id)
