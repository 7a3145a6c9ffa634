"""The pages about data: what is kept, for everybody; asking to be erased; links that mails carry."""

import pytest
from django.core import mail
from django.test import Client

from comments.conf import Rules
from comments.models import Erasure, HouseRules
from comments.privacy import erasure, letters, statement
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ACCOUNT_RATE_LIMITS = False
    mail.outbox = []
    return mail.outbox


def test_the_page_says_what_the_house_rules_say(client):
    owner = factories.person(role="owner")
    assert "Kept for 30 days." in client.get("/privacy/").text
    HouseRules.change({"keep_networks_days": 3, "keep_spam_days": 0, "privacy_words": "Ask Ann.\n\n<b>x</b>"}, by=owner)
    page = client.get("/privacy/").text
    assert "Kept for 3 days." in page
    assert "Kept without an end." in page
    assert "<p>Ask Ann.</p>" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_every_rule_of_days_is_told_on_the_page():
    spans = {name for name in Rules.__dataclass_fields__ if name.startswith("keep_") or name == "sealed_days"}
    base = {line.how_long for _title, lines in statement.kept(Rules()) for line in lines}
    for name in spans:
        changed = Rules(**{name: 123})
        spans_now = {line.how_long for _title, lines in statement.kept(changed) for line in lines}
        assert any(said.startswith("for 123 days") for said in spans_now), name
    assert "for 123 days" not in base


def test_where_nothing_is_sealed_the_page_says_that_what_is_taken_out_is_gone():
    [line] = [
        line
        for _title, lines in statement.kept(Rules(sealed_days=0))
        for line in lines
        if line.what == "Passages that a moderator took out"
    ]
    assert (line.why, line.how_long) == ("They are gone at once, and nobody can put them back.", "")


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "without an end"), (1, "for a day"), (30, "for 30 days"), (365, "for a year"), (730, "for 2 years")],
)
def test_spans_are_said_in_words(number, words):
    assert statement.days(number) == words


def test_it_is_the_same_for_everybody_sets_no_cookie_and_is_linked(client):
    answer = client.get("/privacy/")
    assert answer["Cache-Control"] == "public, no-cache"
    assert not answer.cookies
    assert 'href="/privacy/"' in client.get("/").text
    post = factories.post()
    assert client.get(post.get_absolute_url()).text.count('href="/privacy/"') == 2


def test_a_member_asks_confirms_by_mail_calls_off_and_asks_again(client, outbox):
    judith = factories.person("Judith")
    client.force_login(judith)
    assert "Erase your account" in client.get("/privacy/erase/").text
    said = {"how": "detach", "typed": "erase me"}
    assert client.post("/privacy/erase/", said)["Location"].startswith("/accounts/reauthenticate/")
    assert not Erasure.objects.exists()
    done = client.post("/accounts/reauthenticate/?next=/privacy/erase/", {"password": factories.PASSWORD})
    assert "Please look at your mail" in done.text
    letters.send_owed()
    assert outbox[-1].to == [judith.email]
    assert "Judith" not in outbox[-1].subject
    link = erasure.link_to(Erasure.objects.get())
    assert link in outbox[-1].body
    anybody = Client()
    for _ in range(3):  # a scanner of mails follows links
        asked = anybody.get(link).text
        assert "Do you want to be erased?" in asked
        assert "Your comments stay, without your name." in asked
        anybody.head(link)
    assert Erasure.objects.get().proved_at is None
    assert "You will be erased on" in anybody.post(link, {"confirm": "yes"}, follow=True).text
    letters.send_owed()
    assert "will be erased on" in outbox[-1].subject.replace("You ", "")
    assert "call it off" in client.get("/privacy/yours/").text
    assert client.get("/privacy/erase/").status_code == 302
    assert client.post(link, {"cancel": "yes"}, follow=True).text.count("It is called off") == 1
    assert "It is called off" in client.post(link, {"confirm": "yes"}, follow=True).text
    assert client.post("/privacy/erase/", said).status_code == 200


def test_whoever_logs_in_before_it_is_done_is_told(client, outbox):
    judith = factories.person("Judith")
    said = {"login": judith.email, "password": factories.PASSWORD}
    assert "You will be erased" not in client.post("/accounts/login/", said, follow=True).text
    erasure.confirm(erasure.ask(judith, "detach"))
    client.post("/accounts/logout/")
    assert "You will be erased on" in client.post("/accounts/login/", said, follow=True).text


@pytest.mark.parametrize("typed", ["", "yes", "erase", "erase me now"])
def test_a_form_that_is_not_meant_does_nothing_and_keeps_what_was_chosen(client, outbox, typed):
    client.force_login(factories.person())
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    answer = client.post("/privacy/erase/", {"how": "withdraw", "typed": typed})
    assert answer.status_code == 422
    assert "Nothing was done yet" in answer.text
    assert 'value="withdraw" required aria' in answer.text or "checked" in answer.text
    assert not Erasure.objects.exists()


def test_links_that_are_not_ours_or_of_another_kind_open_nothing(client):
    asked = erasure.ask(factories.person(), "detach")
    token = erasure.link_to(asked).split("/")[-2]
    for wrong in (
        "1",
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.replace(str(asked.pk), "999", 1),
        "x" * 500,
    ):
        for ask in (client.get, client.post):
            assert ask(f"/privacy/erasure/{wrong}/", {"confirm": "yes"}).status_code == 404
    assert client.get(f"/comment/own/{token}/").status_code == 404
    assert Erasure.objects.get().proved_at is None


def test_the_only_owner_reads_why_not(client):
    client.force_login(factories.person(role="owner"))
    page = client.get("/privacy/erase/").text
    assert "You are the only owner" in page
    assert "erase me" not in page


def test_pages_about_oneself_are_for_oneself(client):
    for path in ("/privacy/yours/", "/privacy/erase/"):
        assert client.get(path)["Location"].startswith("/accounts/login/")
    client.force_login(factories.person())
    for path in ("/privacy/yours/", "/privacy/erase/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
