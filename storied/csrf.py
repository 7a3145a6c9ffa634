"""Cross-site protection that lets everybody without a session read the same bytes.

A page for anonymous readers carries no token, so that it can be cached and sets no cookie. A visitor without a
session has no authority that another site could borrow; what remains is to know that the form came from this site,
and the browser says so in Sec-Fetch-Site, Origin or Referer. Whoever has a session, and whoever's browser says
nothing, needs Django's token as ever.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, RejectRequest

View = Callable[..., HttpResponse]


def guests_may_post(refused: View) -> Callable[[View], View]:
    """Marks a view whose form may come without a token from a visitor without a session.

    `refused` answers in place of Django's failure page, with what was typed.
    """

    def mark(view: View) -> View:
        view.guests_may_post = True
        view.csrf_refused = refused
        return view

    return mark


class StoriedCsrfMiddleware(CsrfViewMiddleware):
    def process_view(
        self, request: HttpRequest, callback: View, callback_args: tuple[Any, ...], callback_kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if (
            getattr(callback, "guests_may_post", False)
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
            and not getattr(request, "_dont_enforce_csrf_checks", False)
            and self.comes_from_this_site(request)
        ):
            return self._accept(request)
        answer = super().process_view(request, callback, callback_args, callback_kwargs)
        if answer is not None and hasattr(callback, "csrf_refused"):
            return callback.csrf_refused(request, *callback_args, **callback_kwargs)
        return answer

    def comes_from_this_site(self, request: HttpRequest) -> bool:
        """Whether the browser itself says that the form was on one of this site's pages."""
        site = request.headers.get("Sec-Fetch-Site")
        if site:
            return site == "same-origin"
        if "Origin" in request.headers:
            return self._origin_verified(request)
        if not request.META.get("HTTP_REFERER"):
            return False
        if not request.is_secure():
            return request.META["HTTP_REFERER"].startswith(f"http://{request.get_host()}/")
        try:
            self._check_referer(request)
        except RejectRequest:
            return False
        return True
