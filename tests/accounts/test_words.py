"""Pages of accounts use the words of the rest of the site, and offer no way that leads nowhere."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests import factories

from .test_security import logged_in, set_up_an_app, shown_it_is_them

pytestmark = pytest.mark.django_db
ENTRANCES = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/login/code/"]
OWN = ["/accounts/email/", "/accounts/password/change/", "/accounts/reauthenticate/", "/accounts/2fa/", "/accounts/"]
# What is wrong with each of these, allauth or Django says.
WRONG = {
    "/accounts/login/": [{"login": "ada", "password": "x"}, {"login": "ada@example.org", "password": "x"}],
    "/accounts/signup/": [{"email": "ada", "password1": "x", "display_name": ""}],
    "/accounts/password/reset/": [{"email": "ada"}],
    "/accounts/login/code/": [{"email": "ada"}],
}


def says_email(page):
    """What a reader of this page sees of the other spelling."""
    seen = re.sub(r"<(script|style).*?</\1>|<(?!input|button)[^>]*>", " ", page, flags=re.DOTALL)
    seen = re.sub(r"<[^>]*?(?:(placeholder|aria-label)=\"([^\"]*)\")?[^>]*>", r" \2 ", seen)
    return re.findall(r".{0,30}\bemails?\b.{0,30}", seen, re.IGNORECASE)


@pytest.fixture
def frances():
    return factories.person("Frances")


def test_the_doors_say_e_mail(client):
    for path in ENTRANCES:
        page = client.get(path).text
        assert re.search(r"<label[^>]*>E-mail</label>", page), path
        assert says_email(page) == [], path


@pytest.mark.parametrize("path", WRONG)
def test_so_does_what_is_said_of_a_slip(client, path):
    for fields in WRONG[path]:
        page = client.post(path, fields)
        assert page.status_code in {200, 422}
        assert "e-mail address" in page.text.lower(), fields
        assert says_email(page.text) == [], fields


def test_so_do_the_pages_about_oneself(frances):
    frances.emailaddress_set.create(email="second@example.org", verified=False)
    client = shown_it_is_them(logged_in(frances))
    for path in OWN:
        assert says_email(client.get(path, follow=True).text) == [], path
    first, second = {"email": frances.email}, {"email": "second@example.org"}
    for fields in (
        {"action_add": "", "email": "ada"}, {"action_add": "", **first}, {"action_remove": "", **first},
        {"action_send": "", **second}, {"action_primary": "", **second}, {"action_remove": "", **second},
    ):  # fmt: skip
        assert says_email(client.post("/accounts/email/", fields, follow=True).text) == [], fields


class TestAPasskeyIsOffered:
    def one_more_step(self, frances):
        client = Client()
        answer = client.post("/accounts/login/", {"login": frances.email, "password": factories.PASSWORD}, follow=True)
        assert "One more step" in answer.text
        return answer.text

    @pytest.fixture
    def with_an_app(self, frances):
        set_up_an_app(logged_in(frances))

    def test_to_who_has_one(self, frances, with_an_app, monkeypatch):
        has_one = {"publicKey": {"challenge": "x", "allowCredentials": [{"type": "public-key", "id": "x"}]}}
        monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.begin_authentication", lambda _user: has_one)
        assert "Use your passkey instead" in self.one_more_step(frances)

    def test_to_nobody_else(self, frances, with_an_app):
        assert not Authenticator.objects.filter(type="webauthn").exists()
        assert "passkey" not in self.one_more_step(frances).lower().partition("<main")[2]

    def test_at_the_door_to_everybody_alike_with_words_for_who_has_none(self, client):
        page = client.get("/accounts/login/").text
        assert "once you have added one to your account" in page
