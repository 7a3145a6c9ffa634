"""The headers that go with every kept page: a web server that sends the pages from files has to send the same."""

import hashlib
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.urls import get_urlconf, re_path, set_urlconf

from .keeping import keep

Headers = list[tuple[str, str]]

# What belongs to one page or to one of its encodings.
OF_ITS_OWN = {"content-length", "content-encoding", "date", "etag", "last-modified"}


def _page(request: HttpRequest) -> HttpResponse:
    return keep(request, HttpResponse())


_ONLY_A_PAGE = (re_path("", _page),)


@cache
def page_headers() -> Headers:
    """What views and middleware say of a page for everybody, whatever is on it and whatever the database says."""
    handler = BaseHandler()
    handler.load_middleware()
    request = WSGIRequest(_environ())
    request.urlconf = _ONLY_A_PAGE
    before = get_urlconf()
    try:
        response = handler.get_response(request)
    finally:
        set_urlconf(before)
    # Not the answer's own end: nobody has asked, and Django would look after connections to the database.
    request.close()
    return [(name, _tidy(name, value)) for name, value in response.items() if name.lower() not in OF_ITS_OWN]


def are_usual(headers: Headers) -> bool:
    """Whether a page's headers say no less and no more than those that go with every page."""
    return _in_order(headers) == _in_order(page_headers())


def _in_order(headers: Headers) -> Headers:
    return sorted((name.lower(), _tidy(name, value)) for name, value in headers if name.lower() not in OF_ITS_OWN)


def _tidy(name: str, value: str) -> str:
    """A policy's rules have no order, and each process has one of its own."""
    is_policy = name.lower() == "content-security-policy"
    return "; ".join(sorted(part.strip() for part in value.split(";"))) if is_policy else value


@cache
def headers_mark() -> str:
    """The name of these headers. Files lie below it, so that a web server that is set up for others finds none."""
    return hashlib.blake2b(repr(_in_order(page_headers())).encode(), digest_size=8).hexdigest()


def _environ() -> dict[str, Any]:
    site = urlsplit(settings.SITE_URL)
    return {
        # This address is answered whatever the database says.
        "REQUEST_METHOD": "GET", "PATH_INFO": "/healthz", "QUERY_STRING": "", "HTTP_HOST": site.netloc,
        "SERVER_NAME": site.hostname, "SERVER_PORT": str(site.port or ""), "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": site.scheme, "HTTP_X_FORWARDED_PROTO": site.scheme, "wsgi.input": BytesIO(),
    }  # fmt: skip
