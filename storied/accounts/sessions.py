"""How long a log-in lasts: a while without use, and never longer than its life, however much it is used."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

_BEGAN = "storied.began"


@receiver(user_logged_in)
def a_session_begins(request: Any, **_signal: Any) -> None:
    request.session[_BEGAN] = int(time.time())


class SessionLifeMiddleware:
    """Ends a session whose life is over. The session is read in any case, by whatever asks who it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            began = request.session.get(_BEGAN)
            if began is not None and time.time() - began > settings.SESSION_LIFE:
                logout(request)
        return self.get_response(request)
