"""Mail about accounts: in the words of the house, in two forms, and no page breaks where it cannot be sent."""

import smtplib
from datetime import timedelta
from importlib.resources import files
from itertools import count
from types import SimpleNamespace

import pytest
from allauth.account.adapter import get_adapter
from django.core import mail
from django.utils import timezone

from storied.accounts.letters import LETTERS
from tests import factories

pytestmark = pytest.mark.django_db
CONTEXT = {
    "code": "ABCD-EFGH", "password_reset_url": "https://blog.example/reset/", "signup_url": "https://blog.example/new/",
    "timestamp": timezone.now(), "from_email": "old@example.org", "to_email": "new@example.org",
    "deleted_email": "old@example.org", "provider": "GitHub",
}  # fmt: skip


def all_of_allauth():
    for app in ("account", "mfa", "socialaccount"):
        for path in (files("allauth") / "templates" / app / "email").iterdir():
            if path.name.endswith("_subject.txt"):
                yield f"{app}/email/{path.name.removesuffix('_subject.txt')}"


def test_every_mail_of_allauth_has_words_of_ours():
    assert set(LETTERS) == set(all_of_allauth())


@pytest.mark.parametrize("name", LETTERS)
def test_each_has_two_forms_and_the_name_of_the_site(name, rf, settings):
    request = rf.get("/")
    request.session = {}
    made = get_adapter().render_mail(name, "judy@example.org", {**CONTEXT, "request": request})
    assert made.subject.startswith(f"[{settings.STORIED_SITE_NAME}] ")
    [(html, kind)] = made.alternatives
    assert kind == "text/html"
    for form in (made.body, html):
        assert "Hello from" not in form
        assert "{" not in form.partition("</style>")[2]
    assert made.extra_headers["Auto-Submitted"] == "auto-generated"
    settings.STORIED_PLAIN_SUBJECTS = True
    plain = get_adapter().render_mail(name, "judy@example.org", {**CONTEXT, "request": request})
    assert settings.STORIED_SITE_NAME not in plain.subject + plain.body.partition("\n")[0]


def test_a_long_subject_begins_on_its_first_line():
    from storied.letters import Letter, compose

    title = "Über die Kunst, an langen Abenden freundlich mit sich zu sein"
    raw = compose(Letter(title, title, "x", "x"), "judy@example.org").message().as_bytes()
    assert b"\nSubject: =?utf-8?" in raw


class Away:
    def __init__(self, *_arguments, **_options):
        pass

    def send_messages(self, _messages):
        raise smtplib.SMTPServerDisconnected("gone")


@pytest.fixture
def server_away(monkeypatch):
    monkeypatch.setattr("django.core.mail.get_connection", Away)
    monkeypatch.setattr("django.core.mail.message.get_connection", Away, raising=False)


@pytest.mark.parametrize("who", ["somebody", "nobody"])
def test_who_waits_for_a_code_reads_that_the_mail_could_not_be_sent(client, server_away, who):
    person = factories.person()
    address = person.email if who == "somebody" else "nobody@example.org"
    answer = client.post("/accounts/login/code/", {"email": address})
    assert answer.status_code == 503
    assert "The mail could not be sent" in answer.text
    assert mail.outbox == []


def test_a_password_is_changed_also_where_word_of_it_cannot_be_sent(client, server_away):
    person = factories.person()
    client.post("/accounts/login/", {"login": person.email, "password": factories.PASSWORD})
    new = "another long pass phrase"
    fields = {"oldpassword": factories.PASSWORD, "password1": new, "password2": new}
    assert client.post("/accounts/password/change/", fields).status_code == 302
    person.refresh_from_db()
    assert person.check_password(new)


def test_who_has_no_account_is_shown_the_way_to_one_only_where_it_is_open(rf, monkeypatch):
    for is_open in (True, False):
        monkeypatch.setattr("storied.accounts.doors.are_open", lambda _request, said=is_open: said)
        letter = LETTERS["account/email/unknown_account"]({**CONTEXT, "request": SimpleNamespace()})
        assert bool(letter.choices) is is_open


@pytest.mark.parametrize("is_known", [True, False])
def test_strangers_cannot_fill_anybody_s_mailbox(client, time_machine, is_known):
    email = factories.person("Judy").email if is_known else "nobody@example.org"
    numbers = count(20)
    asking = [
        lambda: client.post("/accounts/signup/", {"email": email, "password1": "a good long pass phrase",
                                                  "display_name": f"Somebody new {next(numbers)}"}),
        lambda: client.post("/accounts/password/reset/", {"email": email}),
        lambda: client.post("/accounts/login/code/", {"email": email}),
    ]  # fmt: skip
    answers = set()
    for _minute in range(12):
        time_machine.move_to(timezone.now() + timedelta(minutes=2))
        for ask in asking:
            client.cookies.clear()
            answers.add(ask().status_code)
    assert answers == {302}
    assert 8 <= len(mail.outbox) <= 10
    time_machine.move_to(timezone.now() + timedelta(minutes=61))
    before = len(mail.outbox)
    asking[1]()
    assert len(mail.outbox) == before + 1
