"""Who is looking: an account, a guest's browser, or nobody known."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True)
class Viewer:
    """An account (or AnonymousUser) and the key of a guest's browser; the key is empty before anything was written."""

    user: Any = field(default_factory=AnonymousUser)
    guest_key: str = ""

    @cached_property
    def is_member(self) -> bool:
        return bool(self.user.is_authenticated)

    @cached_property
    def is_moderator(self) -> bool:
        return self.is_member and self.user.is_moderator

    @property
    def is_known(self) -> bool:
        """Whether anything could be this viewer's own."""
        return self.is_member or bool(self.guest_key)

    def wrote(self, comment: Any) -> bool:
        """Whether this viewer wrote the comment, as far as it can be proved."""
        if self.is_member and comment.author_id == self.user.pk:
            return True
        return bool(self.guest_key) and comment.author_id is None and comment.guest_key == self.guest_key


NOBODY = Viewer()


def guest_key(browser_id: str) -> str:
    """What is stored of a guest's browser: a keyed hash (40 hex digits) of the random value in its cookie."""
    return hmac.new(settings.SECRET_KEY.encode(), f"guest:{browser_id}".encode(), hashlib.sha256).hexdigest()[:40]


def viewer_of(request: Any) -> Viewer:
    """Who asks: read from the session and from the guest's signed cookie, which reading alone never sets."""
    known = getattr(request, "_storied_viewer", None)
    if known is None:
        browser_id = _browser_of(request)
        known = Viewer(request.user, guest_key(browser_id) if browser_id else "")
        request._storied_viewer = known
    return known


def _browser_of(request: Any) -> str:
    """What the guest's cookie says; empty where there is none of ours."""
    known = getattr(request, "_storied_browser", None)
    if known is None:
        known = request.get_signed_cookie(settings.GUEST_COOKIE_NAME, default="", salt=GUEST_COOKIE_SALT)
        request._storied_browser = known
    return known


GUEST_COOKIE_SALT = "comments.guest"
_YEAR = 60 * 60 * 24 * 365  # seconds


def as_known_guest(request: Any) -> tuple[Viewer, str]:
    """The viewer with a browser key, new where there was none, and the cookie's value to remember it by."""
    browser_id = _browser_of(request) or secrets.token_urlsafe(24)
    return Viewer(request.user, guest_key(browser_id)), browser_id


def remember_guest(response: Any, browser_id: str, *, for_a_year: bool) -> None:
    """Sets the guest's cookie, until the browser is closed or for a year."""
    response.set_signed_cookie(
        settings.GUEST_COOKIE_NAME, browser_id, salt=GUEST_COOKIE_SALT, max_age=_YEAR if for_a_year else None,
        path="/", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def forget_guest(response: Any) -> None:
    response.delete_cookie(settings.GUEST_COOKIE_NAME, path="/", samesite="Lax")
