"""What is said with every answer, and what is refused before any view is asked."""

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers

from .readiness import is_ready
from .turns import TURNS
from .typed import what_was_typed
from .unavailable import BEHIND, CROWDED, unavailable

Answer = Callable[[HttpRequest], HttpResponse]


class SecurityHeadersMiddleware:
    """Headers that Django has no setting for.

    No view has a Content Security Policy of its own, so it is put together once: that takes 50 µs.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self._policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # In debug mode Django's own pages about errors bring their style along.
        if not (settings.DEBUG and response.status_code in (404, 500)):
            response.setdefault(HEADER, self._policy)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault(
            "Permissions-Policy",
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
        )
        return response


class ReadinessMiddleware:
    """Answers in words while the tables that this code wants are not there yet."""

    ALWAYS = ("/healthz", "/readyz")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_ready() or request.path_info in self.ALWAYS:
            return self.get_response(request)
        return unavailable(request, BEHIND)


class OddRequestsMiddleware:
    """Refuses what no browser sends and databases or Django itself stumble over, with a page instead of a 500."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        oddity = self.oddity(request)
        if oddity:
            return render(request, "400.html", {"why": oddity}, status=400)
        return self.get_response(request)

    def oddity(self, request: HttpRequest) -> str:
        charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
        if charset.lower() not in {"utf-8", "utf8", "us-ascii", ""}:
            # Django raises BadRequest for these once more while it renders the page that says so.
            request.encoding = "utf-8"
            request.content_type = ""
            return "Forms are read here as UTF-8 only."
        asked = request.path_info + request.META.get("QUERY_STRING", "")
        if "\x00" in asked or "%00" in asked:
            return "The address holds a character that no address can have."
        try:
            asked.encode()
            for name, values in request.GET.lists():
                f"{name}{''.join(values)}".encode()
        except (UnicodeEncodeError, SuspiciousOperation):
            return "The address is not readable."
        return ""


class FormsOnlyMiddleware:
    """Says in words that there is nothing to read at an address that forms are sent to."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method not in {"GET", "HEAD"}:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


class LoggedOutMiddleware:
    """Says to whoever sent a form, and was logged out meanwhile, that nothing was stored, with what they typed.

    Views lead whoever is not known to the log-in. From there one could only come back to an address that shows nothing.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or response.status_code != 302 or not self._leads_to_log_in(request, response):
            return response
        fields = [field for field in what_was_typed(request) if field["name"] != "csrfmiddlewaretoken"]
        context = {"fields": fields, "address": request.get_full_path(), "way_back": self._way_back(request)}
        page = render(request, "accounts/logged_out.html", context, status=403)
        add_never_cache_headers(page)
        return page

    def _leads_to_log_in(self, request: HttpRequest, response: HttpResponse) -> bool:
        path, _, query = response["Location"].partition("?")
        return path == resolve_url(settings.LOGIN_URL) and QueryDict(query).get("next", "").startswith(request.path)

    def _way_back(self, request: HttpRequest) -> str:
        """The page that the form was on, if it was one of this site."""
        page = urlsplit(request.META.get("HTTP_REFERER", ""))
        is_here = page.netloc == request.get_host()
        return urlunsplit(("", "", page.path, page.query, "")) if is_here and page.path != request.path else "/"


class OnceMoreMiddleware:
    """Answers anew where the database broke off one of two who waited for each other, or somebody was overtaken.

    All that was written for such an answer has been undone with its transaction. What a view committed before is
    found done by the second turn.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for _turn in range(TURNS):
            response = self.get_response(request)
            if getattr(response, "trouble", None) is not CROWDED:
                break
        return response
