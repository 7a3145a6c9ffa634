"""Pages of the site as a whole: errors, pictures, and what machines ask for."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.templatetags.static import static as static_url
from django.views.decorators.http import require_safe
from django.views.static import serve

_MONTH = 60 * 60 * 24 * 30  # seconds


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", {"why": ""}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"why": ""}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    # Without context processors: whatever broke the page may break them too.
    return render(None, "500.html", {"site_name": settings.STORIED_SITE_NAME}, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose page is too old, or that another site sent."""
    why = (
        "The page that this form was on is too old, or cookies are switched off. Please go back, reload and try again."
    )
    return render(request, "403.html", {"why": why}, status=403)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /accounts/",
        "Disallow: /admin/",
        "Disallow: /comment/",
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


def never_here(request: HttpRequest, *args: Any) -> HttpResponse:
    """What robots look for on other software: answered cheaply."""
    return HttpResponseNotFound("Not found.\n", content_type="text/plain; charset=utf-8")
