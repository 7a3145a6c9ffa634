"""Pages of accounts use the words of the rest of the site, and offer no way that leads nowhere."""

import re
from importlib.resources import files

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.test import Client

from storied.accounts.adapter import AccountAdapter, MFAAdapter, SocialAccountAdapter
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

OURS = {
    AccountAdapter: DefaultAccountAdapter,
    MFAAdapter: DefaultMFAAdapter,
    SocialAccountAdapter: DefaultSocialAccountAdapter,
}
# What allauth has words for that nobody is shown here: nobody has a username, and nobody gives a phone number.
NOT_HERE = re.compile("phone|username|select_only_one")
PAGES_NOT_HERE = {
    # An address is confirmed by a code, and changed by adding another.
    "account/confirm_password_reset_code.html", "account/email_change.html", "account/email_confirm.html",
    "account/verification_sent.html", "account/verified_email_required.html",
    # Ways that are not open.
    "account/signup_by_passkey.html", "mfa/trust.html", "mfa/webauthn/signup_form.html",
    "socialaccount/login_redirect.html",
    # Parts of pages that have others here.
    "account/snippets/already_logged_in.html", "account/snippets/warn_no_email.html",
    "socialaccount/snippets/login.html", "mfa/webauthn/snippets/scripts.html",
    # Titles that each page above them replaces.
    "mfa/recovery_codes/base.html", "mfa/totp/base.html", "mfa/webauthn/base.html",
}  # fmt: skip


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


@pytest.mark.parametrize("ours", OURS)
def test_every_refusal_of_allauth_has_words_of_ours(ours):
    theirs = OURS[ours].error_messages
    assert [code for code in theirs if ours.error_messages[code] is theirs[code] and not NOT_HERE.search(code)] == []
    assert [said for code, said in ours.error_messages.items() if not NOT_HERE.search(code) and says_email(said)] == []


def with_words_of_theirs():
    for app in ("account", "mfa", "socialaccount", "usersessions"):
        folder = files("allauth") / "templates"
        for path in (folder / app).rglob("*.*"):
            name = path.relative_to(folder).as_posix()
            if "/email/" not in name and re.search(r"{%\s*(block)?trans", path.read_text()):
                yield name


def test_every_page_and_message_of_allauth_has_words_of_ours():
    theirs = {name for name in with_words_of_theirs() if not NOT_HERE.search(name)}
    ours = {name for name in theirs if (settings.BASE_DIR / "templates" / name).exists()}
    assert theirs - ours == PAGES_NOT_HERE


def test_so_it_is_told_what_was_done(frances):
    client = logged_in(frances)
    assert "You are logged in as Frances." in client.get("/accounts/email/").text
    assert "All your other sessions are ended." in client.post("/accounts/sessions/", follow=True).text
    new = {"oldpassword": "not it", "password1": "a long new one", "password2": "a long new one"}
    assert "This is not your current password." in client.post("/accounts/password/change/", new).text
    new["oldpassword"] = factories.PASSWORD
    assert "Your password is changed." in client.post("/accounts/password/change/", new, follow=True).text
    assert "You are logged out." in client.post("/accounts/logout/", follow=True).text


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
