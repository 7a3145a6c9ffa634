"""A guest proves a mail address, and finds what was written with it."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from comments import proofs
from comments.models import AddressProof, MailPreferences, Notification
from comments.notifications import Recipient, delivery, preferences_of, proving, subscriptions
from comments.viewers import GUEST_COOKIE_SALT
from tests import factories

pytestmark = pytest.mark.django_db
ASK = "/comments/mine/"
FROM_HERE = {"HTTP_SEC_FETCH_SITE": "same-origin"}
EMAIL = "Ruth@Example.org"


@pytest.fixture
def post():
    return factories.post(title="The bench")


@pytest.fixture
def outbox(settings):
    from django.core import mail

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def ask(client, email=EMAIL, **extra):
    return client.post(ASK, {"email": email, "homepage": ""}, **{**FROM_HERE, **extra})


def link(outbox):
    delivery.deliver()
    return urlsplit(re.search(r"http://testserver/comments/mine/link/\S+", outbox[-1].body)[0]).path


def proved(client, outbox, email=EMAIL):
    ask(client, email)
    client.post(link(outbox))
    return client


def test_whoever_reads_the_mail_finds_what_was_written_with_the_address(client, post, outbox):
    mine = factories.comment(post, "Words of mine.", author_email="RUTH@example.ORG")
    factories.comment(post, "An answer.", parent=mine, author_name="Jim")
    factories.comment(post, "A hidden answer.", parent=mine, author_name="Hidden", status="pending", was_public=False)
    factories.comment(post, "Spam of mine.", author_email="ruth@example.org", status="spam", was_public=False)
    factories.comment(post, "Words of another.", author_email="ruth@example.org.evil.example")
    page = client.get(ASK)
    assert "Type the address" in page.text
    assert not page.cookies
    assert "Please look at your mail" in ask(client).text
    address = link(outbox)
    assert outbox[-1].to == ["ruth@example.org"]
    # It was asked for, and is no list's mail; who did not ask can end all of it by a page that asks once more.
    assert not [name for name in outbox[-1].message() if name.startswith("List-")]
    assert "Never send mail to this address: http" in outbox[-1].body
    assert "Continue" in client.get(address).text
    assert not AddressProof.objects.filter(proved_at__isnull=False).exists()
    assert proofs.PROVED_FOR.total_seconds() == 7200
    answer = client.post(address)
    assert answer.url == ASK
    cookie = answer.cookies[settings.PROOF_COOKIE_NAME]
    assert cookie["httponly"]
    assert not re.search(r"\bruth\b", cookie.value, re.I)
    page = client.get(ASK)
    assert "no-store" in page["Cache-Control"]
    for words in ("Words of mine.", "Reply by <bdi>Jim</bdi>", "Published", "Spam of mine.", "Waits for a moderator"):
        assert words in page.text
    for words in ("Words of another.", "Hidden", ">Spam<"):
        assert words not in page.text
    own = re.search(r'href="(/comment/own/[^"]+)"', page.text)[1]
    assert client.get(own).status_code == 200
    assert MailPreferences.objects.get(who="mail:ruth@example.org").token in page.text


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_proves_nothing(client, post, outbox, method):
    factories.comment(post, author_email=EMAIL)
    ask(client)
    answer = getattr(client, method)(link(outbox))
    assert settings.PROOF_COOKIE_NAME not in answer.cookies
    assert "Type the address" in client.get(ASK).text


def test_a_link_works_once_and_a_double_click_is_one(client, post, outbox):
    factories.comment(post, author_email=EMAIL)
    ask(client)
    address = link(outbox)
    assert [client.post(address).status_code for _ in range(2)] == [302, 302]
    AddressProof.objects.update(proved_at=timezone.now() - timedelta(minutes=1))
    assert Client().post(address).status_code == 404
    assert "no longer good" in Client().get(address).text


def test_a_link_ends_after_a_day_and_a_proof_after_two_hours(client, post, outbox):
    import time
    from unittest import mock

    factories.comment(post, author_email=EMAIL)
    ask(client)
    asked = AddressProof.objects.get()
    with mock.patch("time.time", return_value=time.time() - 24 * 3600 - 1):
        old = proving.link_token(asked)
    assert client.get(f"/comments/mine/link/{old}/").status_code == 404
    client.post(link(outbox))
    assert "Your comments</h1>" in client.get(ASK).text
    AddressProof.objects.update(proved_at=timezone.now() - timedelta(hours=2, seconds=1))
    assert "Type the address" in client.get(ASK).text


def test_who_is_done_is_done_with_a_copied_cookie_too(client, post, outbox):
    factories.comment(post, author_email=EMAIL)
    proved(client, outbox)
    copy = client.cookies[settings.PROOF_COOKIE_NAME].value
    client.post("/comments/mine/done/")
    assert "Type the address" in client.get(ASK).text
    other = Client()
    other.cookies[settings.PROOF_COOKIE_NAME] = copy
    assert "Type the address" in other.get(ASK).text


def test_a_cookie_of_ones_own_making_proves_nothing(client, post, outbox):
    factories.comment(post, author_email=EMAIL)
    proved(Client(), outbox)
    number = AddressProof.objects.get().pk
    link_token = proving.link_token(AddressProof.objects.get())
    for forged in (str(number), f"{number}:x", f"{number}:", "", "é", "x" * 5000, link_token, EMAIL.lower()):
        client.cookies[settings.PROOF_COOKIE_NAME] = forged
        assert "Type the address" in client.get(ASK).text


def test_the_answer_tells_nobody_whether_the_address_is_known(post, outbox):
    factories.comment(post, author_email=EMAIL)
    stopped = preferences_of(Recipient(email="stopped@example.org"))
    subscriptions.stop_all(stopped, "asked")
    answers = [ask(Client(), email) for email in (EMAIL, "nobody@example.org", "stopped@example.org")]
    assert len({(answer.status_code, answer.text, tuple(answer.headers)) for answer in answers}) == 1
    delivery.deliver()
    assert [message.to for message in outbox] == [[EMAIL.lower()]]


@pytest.mark.parametrize("has", ["wish", "account"])
def test_an_address_with_wishes_or_an_account_is_known_too(client, post, outbox, has):
    if has == "wish":
        subscriptions.follow_article(post, Recipient(email=EMAIL))
        Notification.objects.all().delete()
        email = EMAIL
    else:
        email = factories.person().email
    ask(client, email)
    link(outbox)
    assert [message.to for message in outbox] == [[email.lower()]]


def test_an_address_gets_three_mails_a_day_and_a_network_asks_ten_times_an_hour(post, outbox):
    factories.comment(post, author_email=EMAIL)
    for _ in range(5):
        ask(Client())
    delivery.deliver()
    assert len(outbox) == 3
    for number in range(12):
        factories.comment(post, author_email=f"somebody{number}@example.org")
        ask(Client(), f"somebody{number}@example.org", REMOTE_ADDR=f"203.0.113.{number}")
    delivery.deliver()
    assert len(outbox) == 13


def test_two_questions_at_once_are_one_mail(post):
    factories.comment(post, author_email=EMAIL)
    proving.ask(EMAIL)
    # As the other of two sees it, who has not yet seen the first one's question.
    AddressProof.objects.update(asked_at=timezone.now() - timedelta(days=2))
    proving.ask(EMAIL)
    assert Notification.objects.count() == 1


def test_a_robot_that_fills_in_everything_causes_no_mail(client, post):
    factories.comment(post, author_email=EMAIL)
    answer = client.post(ASK, {"email": EMAIL, "homepage": "https://spam.example"}, **FROM_HERE)
    assert "Please look at your mail" in answer.text
    assert not AddressProof.objects.exists()


def test_another_site_cannot_ask_or_prove_in_somebodys_name(post, outbox):
    factories.comment(post, author_email=EMAIL)
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(ASK, {"email": EMAIL, "homepage": ""}, HTTP_SEC_FETCH_SITE="cross-site")
    assert answer.status_code == 403
    assert EMAIL in answer.text
    assert not AddressProof.objects.exists()
    ask(strict)
    assert strict.post(link(outbox), **{"HTTP_SEC_FETCH_SITE": "cross-site"}).status_code == 403
    assert not AddressProof.objects.filter(proved_at__isnull=False).exists()


def test_the_proof_keeps_the_browser_that_gave_it(client, post, outbox):
    from django.core.signing import get_cookie_signer

    guest = factories.guest("a browser")
    factories.comment(post, author_email=EMAIL, guest_key=guest.guest_key)
    name = settings.GUEST_COOKIE_NAME
    client.cookies[name] = get_cookie_signer(salt=name + GUEST_COOKIE_SALT).sign("a browser")
    proved(client, outbox)
    assert AddressProof.objects.get().guest_key == guest.guest_key


def test_a_view_that_needs_a_proof_gets_the_address_and_others_are_led_to_the_question(rf, client, post, outbox):
    @proofs.with_proved_address
    def view(request, address):
        from django.http import HttpResponse

        return HttpResponse(address)

    factories.comment(post, author_email=EMAIL)
    request = rf.get("/")
    assert (proofs.proved_address(request), view(request).url) == ("", ASK)
    proved(client, outbox)
    request = rf.get("/")
    request.COOKIES = {settings.PROOF_COOKIE_NAME: client.cookies[settings.PROOF_COOKIE_NAME].value}
    assert (proofs.proved_address(request), view(request).text) == (EMAIL.lower(),) * 2


def test_the_page_costs_the_same_for_two_comments_and_for_forty(client, post, outbox, django_assert_max_num_queries):
    factories.comment(post, author_email=EMAIL)
    proved(client, outbox)
    with django_assert_max_num_queries(5):
        client.get(ASK)
    for _ in range(40):
        factories.comment(post, parent=factories.comment(post, author_email=EMAIL))
    with django_assert_max_num_queries(5):
        page = client.get(ASK)
    assert "Page 1 of 2" in page.text


def test_what_nobody_answered_is_forgotten_and_proofs_later(post):
    now = timezone.now()
    kept = [
        AddressProof.objects.create(email="a@example.org", asked_at=now - timedelta(hours=23)),
        AddressProof.objects.create(email="b@example.org", proved_at=now - timedelta(days=89)),
    ]
    AddressProof.objects.create(email="c@example.org", asked_at=now - timedelta(hours=25))
    AddressProof.objects.create(email="d@example.org", proved_at=now - timedelta(days=91))
    assert proving.forget_old() == 2
    assert set(AddressProof.objects.all()) == set(kept)
