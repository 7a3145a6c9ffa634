"""Guessing passwords, telling who has an account, and where a request comes from."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import RequestFactory

from storied.network import client_address, network_key
from tests import factories


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests(db):
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def member(db):
    return factories.person("Member", role="owner")


@pytest.mark.parametrize(("path", "field"), [("/accounts/login/", "login"), ("/admin/login/", "username")])
def test_thirty_wrong_passwords_are_not_all_tried(client, member, monkeypatch, path, field):
    tried = []
    check = type(member).check_password
    monkeypatch.setattr(type(member), "check_password", lambda self, raw: tried.append(raw) or check(self, raw))
    for number in range(30):
        client.post(path, {field: member.email, "password": f"wrong {number}"})
    assert len(tried) <= 10


def test_a_forged_address_opens_no_more_tries(client, member, monkeypatch):
    tried = []
    monkeypatch.setattr(type(member), "check_password", lambda self, raw: tried.append(raw) or False)
    for number in range(30):
        spelling = member.email.upper() if number % 2 else member.email
        client.post(
            "/accounts/login/", {"login": spelling, "password": f"wrong {number}"},
            HTTP_X_FORWARDED_FOR=f"198.51.100.{number}", HTTP_X_REAL_IP=f"198.51.100.{number}",
        )  # fmt: skip
    assert len(tried) <= 10


def test_counts_are_not_pushed_out_by_those_of_many_other_networks(client, member, monkeypatch):
    tried = []
    monkeypatch.setattr(type(member), "check_password", lambda self, raw: tried.append(raw) or False)
    for number in range(5):
        client.post("/accounts/login/", {"login": member.email, "password": f"wrong {number}"})
    before = len(tried)
    for number in range(400):
        cache.set(f"of-another-network-{number}", number, 300)
    client.post("/accounts/login/", {"login": member.email, "password": "wrong again"})
    assert len(tried) == before


def comparable(answer, address):
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", getattr(answer, "text", ""))
    return answer.status_code, answer.headers.get("Location"), text.replace(address, "ADDRESS")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/accounts/login/", {"login": "{}", "password": "wrong wrong wrong"}),
        ("/accounts/password/reset/", {"email": "{}"}),
        ("/accounts/login/code/", {"email": "{}"}),
        ("/accounts/signup/", {"email": "{}", "password1": factories.PASSWORD, "display_name": "Entirely new"}),
    ],
)
def test_nobody_learns_who_has_an_account(member, path, fields):
    from django.test import Client

    answers = []
    for address in (member.email, "nobody@example.org"):
        cache.clear()
        answer = Client().post(path, {name: value.replace("{}", address) for name, value in fields.items()})
        answers.append(comparable(answer, address))
    assert answers[0] == answers[1]
    assert answers[0][0] < 500


def test_a_guest_with_a_members_address_is_told_nothing_of_it(member):
    from django.test import Client

    post = factories.post()
    answers = []
    for address in (member.email, "nobody@example.org"):
        answer = Client().post(
            f"/discussion/{post.pk}/submit/", factories.form(post, f"Words of {address}.", email=address)
        )
        answers.append(answer.status_code)
    assert answers == [302, 302]


def test_mails_lead_to_the_site_and_to_no_host_that_a_request_names(client, member):
    client.post("/accounts/password/reset/", {"email": member.email}, HTTP_X_FORWARDED_HOST="outside.example")
    client.post("/accounts/password/reset/", {"email": member.email}, HTTP_HOST="outside.example")
    assert mail.outbox
    for message in mail.outbox:
        assert "outside.example" not in str(message.message())


def test_no_line_end_of_a_name_reaches_a_mails_header(client):
    for end in ("\r\n", "\n", "\u2028", "\x85", "%0a"):
        data = {
            "email": f"new{ord(end[0])}@example.org",
            "password1": factories.PASSWORD,
            "display_name": f"New{ord(end[0])}{end}Bcc: a@b.cd",
        }
        cache.clear()
        assert client.post("/accounts/signup/", data).status_code in {200, 302, 422}
        client.logout()
    for message in mail.outbox:
        assert "Bcc" not in message.message()
        assert len(message.to) == 1


@pytest.mark.parametrize("password", ["password", "12345678", "short", "member", "qwertyuiop", "iloveyou"])
def test_a_password_that_everybody_guesses_is_refused(client, password):
    answer = client.post("/accounts/signup/", {"email": "a@b.cd", "password1": password, "display_name": "Ann"})
    assert answer.status_code != 302


def test_a_long_password_is_welcome_and_no_burden(client):
    data = {"email": "long@example.org", "password1": "pass phrase " * 10, "display_name": "Ann"}
    assert client.post("/accounts/signup/", data).status_code == 302
    assert client.post("/accounts/login/", {"login": "long@example.org", "password": "x" * 500_000}).status_code < 500


def test_a_session_gets_a_new_number_at_login_and_ends_at_logout(client, member):
    client.get("/accounts/login/")
    client.cookies["storied_session"] = "fixed-by-somebody-else"
    client.post("/accounts/login/", {"login": member.email, "password": factories.PASSWORD})
    session = client.cookies["storied_session"].value
    assert session != "fixed-by-somebody-else"
    assert client.get("/accounts/profile/").status_code == 200
    client.post("/accounts/logout/")
    client.cookies["storied_session"] = session
    assert client.get("/accounts/profile/").status_code == 302


def test_a_new_password_ends_the_other_sessions(client, member):
    from django.test import Client

    other = Client()
    for browser in (client, other):
        browser.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    member.set_password("another long pass phrase")
    member.save()
    assert other.get("/accounts/profile/").status_code == 302


def request(remote="203.0.113.9", **headers):
    return RequestFactory().get("/", REMOTE_ADDR=remote, **headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.1", "203.0.113.9"),
        (0, "127.0.0.1", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "127.0.0.1, 198.51.100.1", "198.51.100.1"),
        (1, "a, b, c, 198.51.100.1", "198.51.100.1"),
        (2, "127.0.0.1, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.9"),
        (1, "", "203.0.113.9"),
        (1, ", ,", "203.0.113.9"),
        (1, "198.51.100.1:50711", "198.51.100.1"),
        (1, "127.0.0.1, [2001:db8::1]:50711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "2001:db8::1:5071", "2001:db8::1:5071"),
    ],
)
def test_only_what_ones_own_proxies_wrote_is_believed(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    assert client_address(request(HTTP_X_FORWARDED_FOR=forwarded)) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.9", "203.0.113.200"),
        ("203.0.113.9", "::ffff:203.0.113.9"),
        ("2001:db8:1::1", "2001:db8:1:ffff::2"),
        ("2001:db8:1::1", "2001:DB8:0001:0:0::1"),
    ],
)
def test_spellings_of_one_network_have_one_key(one, other):
    assert network_key(request(one)) == network_key(request(other)) != ""


@pytest.mark.parametrize(
    "address",
    ["", "unknown", "999.1.1.1", "1.2.3", "::1%eth0", "fe80::1%lo", "\x00", "1" * 5000, "é", "203.0.113.9:80"],
)
def test_an_address_that_is_none_is_no_fault(address):
    assert isinstance(network_key(request(address)), str)


def test_a_network_key_tells_no_address():
    key = network_key(request())
    assert re.fullmatch(r"[0-9a-f]{32}", key)
    assert "203" not in key or "113" not in key
