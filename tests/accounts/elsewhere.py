"""Somebody signs up by an account at GitHub, whose answers are made up here.

Run by `test_elsewhere` in a process of its own, since nothing of such doors is loaded where none is named.
"""

import json
from types import SimpleNamespace
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.signing import get_cookie_signer
from django.test import Client

from comments.viewers import GUEST_COOKIE_SALT
from tests import factories


def provider(answers: dict[str, Any]) -> Any:
    """A line to GitHub that asks nobody."""

    def answer(*arguments: str, **_more: Any) -> Any:
        [path] = [urlsplit(each).path for each in arguments if each.startswith("https://")]
        said = answers[path]
        return SimpleNamespace(
            status_code=200, headers={"content-type": "application/json"}, text=json.dumps(said), json=lambda: said,
            raise_for_status=lambda: None,
        )  # fmt: skip

    session = mock.MagicMock(get=answer, post=answer, request=answer)
    session.__enter__.return_value = session
    return session


def sign_up(name: str, *, is_verified: bool) -> dict[str, Any]:
    """Two comments carry the address of the account there; one of them was written in this very browser."""
    address = f"{name}@example.org"
    browser = factories.guest(name)
    post = factories.post()
    written = {"author_name": name, "author_email": address.capitalize()}
    of_browser = factories.comment(post, "In this browser.", **written, guest_key=browser.guest_key)
    typed = factories.comment(post, "Typed by somebody.", **written)
    client = Client(headers={"host": "blog.example.org"})
    cookie = settings.GUEST_COOKIE_NAME
    client.cookies[cookie] = get_cookie_signer(salt=cookie + GUEST_COOKIE_SALT).sign(name)
    answers = {
        "/login/oauth/access_token": {"access_token": "a token", "token_type": "bearer"},
        "/user": {"id": name, "login": name, "name": name},
        "/user/emails": [{"email": address, "primary": True, "verified": is_verified}],
    }
    with mock.patch.object(DefaultSocialAccountAdapter, "get_requests_session", return_value=provider(answers)):
        away = client.post("/accounts/github/login/", secure=True)
        state = parse_qs(urlsplit(away["Location"]).query)["state"][0]
        back = client.get("/accounts/github/login/callback/", {"code": "a code", "state": state}, secure=True)
    client.post(back["Location"], {"email": address, "display_name": f"{name} in the hills"}, secure=True)
    of_browser.refresh_from_db()
    typed.refresh_from_db()
    return {
        "is in": "_auth_user_id" in client.session,
        "takes": [each.body for each in (of_browser, typed) if each.author_id is not None],
        "may not remove the only way in": _is_refused(client),
        "is offered": "Typed by somebody." in client.get("/accounts/claim/", secure=True).text,
    }


def _is_refused(client: Client) -> list[bool]:
    """Whether somebody without a password reads why the account elsewhere stays; chosen none, then the one there is."""
    accounts = SocialAccount.objects.filter(user=client.session.get("_auth_user_id"))
    chosen = {"account": accounts[0].pk if accounts else ""}
    said = {"This is needed.": {}, "your account has no password. Please set one first.": chosen}
    pages = [(words, client.post("/accounts/3rdparty/", data, secure=True).text) for words, data in said.items()]
    return [words in page for words, page in pages]


def main() -> None:
    print(json.dumps([sign_up("ruth", is_verified=True), sign_up("judith", is_verified=False)]))
