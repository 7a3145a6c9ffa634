"""Second factors, passkeys, sessions: what makes a log-in one's own."""

import time
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client

from storied.accounts.templatetags.people import browser_in_words
from tests import factories

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def frances():
    return factories.person("Frances")


def logged_in(person, **extra):
    client = Client(**extra)
    client.post("/accounts/login/", {"login": person.email, "password": factories.PASSWORD})
    assert client.session["_auth_user_id"] == str(person.pk)
    return client


def shown_it_is_them(client):
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    return client


def code_for(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up_an_app(client):
    page = shown_it_is_them(client).get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    return secret


def test_an_authenticator_app_is_set_up_and_asked_for(frances):
    client = logged_in(frances)
    assert client.get("/accounts/authenticator.svg").status_code == 404
    shown_it_is_them(client).get("/accounts/2fa/totp/activate/")
    picture = client.get("/accounts/authenticator.svg")
    assert (picture["Content-Type"], picture["Cache-Control"]) == ("image/svg+xml", "private, no-store")
    assert "<path" in picture.text
    secret = set_up_an_app(client)
    stored = str(Authenticator.objects.get(type="totp").data)
    assert secret not in stored
    assert client.get("/accounts/authenticator.svg").status_code == 404
    other = Client()
    answer = other.post("/accounts/login/", {"login": frances.email, "password": factories.PASSWORD})
    assert answer.url == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in other.session
    assert other.post(answer.url, {"code": "000000"}).status_code == 200
    with mock.patch("time.time", return_value=time.time() + 30):
        other.post(answer.url, {"code": code_for(secret)})
    assert other.session["_auth_user_id"] == str(frances.pk)


def test_a_recovery_code_lets_one_in_once(frances):
    client = logged_in(frances)
    set_up_an_app(client)
    page = client.get("/accounts/2fa/recovery-codes/")
    code = page.context["unused_codes"][0]
    assert code in page.text
    assert code not in str(list(Authenticator.objects.values_list("data", flat=True)))
    for works in (True, False):
        other = Client()
        other.post("/accounts/login/", {"login": frances.email, "password": factories.PASSWORD})
        other.post("/accounts/2fa/authenticate/", {"code": code})
        assert ("_auth_user_id" in other.session) is works


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/",
        "/accounts/email/",
    ],
)  # fmt: skip
def test_who_finds_an_open_browser_is_asked_for_the_password(frances, path):
    client = logged_in(frances)
    answer = client.post(path, {"email": "mine@evil.example", "action_add": "1"})
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/reauthenticate/")
    assert not frances.emailaddress_set.filter(email="mine@evil.example").exists()
    assert shown_it_is_them(client).get(path).status_code == 200 or path.endswith("generate/")


@pytest.mark.parametrize("path", ["", "totp/activate/", "webauthn/add/", "webauthn/", "recovery-codes/"])
def test_security_is_for_those_who_are_logged_in(client, path):
    answer = client.get(f"/accounts/2fa/{path}")
    assert answer.status_code == 302
    assert answer.url.startswith(("/accounts/login/", "/accounts/reauthenticate/"))


def test_nobody_touches_somebody_elses_passkey(frances):
    key = Authenticator.objects.create(user=factories.person(), type="webauthn", data={"name": "Theirs"})
    client = shown_it_is_them(logged_in(frances))
    for act in ("edit", "remove"):
        assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/{act}/", {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_one_sees_ones_sessions_without_any_address_and_ends_the_others(frances):
    here = logged_in(frances, headers={"User-Agent": FIREFOX})
    there = logged_in(frances, headers={"User-Agent": FIREFOX}, REMOTE_ADDR="203.0.113.9")
    stranger = logged_in(factories.person())
    page = here.get("/accounts/sessions/")
    assert page.text.count("Firefox on Linux") == 2
    assert "203.0.113" not in page.text + str(list(UserSession.objects.values()))
    here.post("/accounts/sessions/")
    assert [client.get("/accounts/profile/").status_code for client in (here, there, stranger)] == [200, 302, 200]


def test_who_comes_from_no_address_can_log_in(frances):
    assert logged_in(frances, REMOTE_ADDR="")


def test_a_new_password_ends_the_other_sessions_and_not_this_one(frances):
    here, there = logged_in(frances), logged_in(frances)
    before = here.session.session_key
    new = "another long pass phrase"
    fields = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
    here.post("/accounts/password/change/", fields)
    assert [client.get("/accounts/profile/").status_code for client in (here, there)] == [200, 302]
    assert here.session.session_key != before
    assert UserSession.objects.purge_and_list(frances)[0].session_key == here.session.session_key


def test_a_session_ends_after_sixty_days_however_much_it_is_used(frances):
    client = logged_in(frances)
    session = client.session
    session.set_expiry(settings.SESSION_LIFE * 2)
    session.save()
    now = time.time()
    with mock.patch("storied.accounts.sessions.time.time", return_value=now + settings.SESSION_LIFE - 60):
        assert client.get("/accounts/profile/").status_code == 200
    with mock.patch("storied.accounts.sessions.time.time", return_value=now + settings.SESSION_LIFE + 60):
        assert client.get("/accounts/profile/").status_code == 302


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("", "A browser"),
        ("<script>", "A browser"),
    ],
)
def test_a_browser_is_called_as_its_owner_calls_it(says, words):
    assert browser_in_words(says) == words
