"""Where mail comes in: over HTTP with a secret, by a command, by a provider's webhook."""

import io
from types import SimpleNamespace

import pytest
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent, inbound, tracking
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from comments.incoming import MOST_BYTES, providers
from comments.management.commands import receive_mail
from comments.models import Comment, MailPreferences
from comments.notifications import Recipient, preferences_of
from tests import factories

from .conftest import answer

pytestmark = pytest.mark.django_db
SECRET = "a-secret-of-the-mail-server"


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


def post_mail(client, raw, path="/mail/incoming/", **headers):
    return client.post(path, raw, content_type="message/rfc822", **headers)


def test_a_mail_server_hands_it_over_with_the_secret_in_a_header_or_in_the_path(strict, told):
    raw = answer(told).as_bytes()
    taken = post_mail(strict, raw, HTTP_AUTHORIZATION=f"Bearer {SECRET}")
    assert (taken.status_code, taken.content) == (200, b"taken\n")
    again = post_mail(strict, raw, f"/mail/incoming/{SECRET}/?from=michelle@example.org")
    assert again.content == b"twice\n"
    assert taken["Cache-Control"] == "private, no-store"
    assert not taken.cookies
    assert Comment.objects.filter(body="Thank you, Jim.").count() == 1


@pytest.mark.parametrize("secret", ["", "x", SECRET[:-1], SECRET + "x", SECRET.upper(), "é", "%00", "Bearer"])
def test_whoever_does_not_know_it_finds_nothing(strict, told, secret):
    raw = answer(told).as_bytes()
    assert post_mail(strict, raw, HTTP_AUTHORIZATION=f"Bearer {secret}").status_code in {400, 404}
    if secret:
        assert post_mail(strict, raw, f"/mail/incoming/{secret}/").status_code in {400, 404}
    assert not Comment.objects.filter(body="Thank you, Jim.").exists()


def test_without_a_secret_there_is_no_door(strict, told, settings):
    settings.STORIED_MAIL_HOOK_SECRET = ""
    for said in ({}, {"HTTP_AUTHORIZATION": "Bearer "}):
        assert post_mail(strict, answer(told).as_bytes(), **said).status_code == 404


def test_it_is_for_posts_alone_and_up_to_a_megabyte(strict):
    assert strict.get(reverse("notifications:incoming")).status_code == 405
    large = post_mail(strict, b"x" * (MOST_BYTES + 1), HTTP_AUTHORIZATION=f"Bearer {SECRET}")
    assert large.status_code == 413


def by_command(monkeypatch, raw, *arguments):
    said = io.StringIO()
    monkeypatch.setattr(receive_mail.sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    call_command("receive_mail", *arguments, stdout=said, stderr=said)
    return said.getvalue().strip()


def test_a_command_reads_it_from_standard_input(monkeypatch, told):
    raw = answer(told).as_bytes()
    assert by_command(monkeypatch, raw, "--from=", f"--to={told.reply_to[0]}") == "dropped"
    assert by_command(monkeypatch, raw, "--from=michelle@example.org", f"--to={told.reply_to[0]}") == "taken"


def test_the_command_tells_the_mail_server_what_to_do_next(monkeypatch, told):
    with pytest.raises(SystemExit) as large:
        by_command(monkeypatch, b"x" * (MOST_BYTES + 1))
    assert large.value.code == 65

    def gone(*_rest, **_more):
        from django.db import OperationalError

        raise OperationalError("gone")

    monkeypatch.setattr(receive_mail.incoming, "receive", gone)
    with pytest.raises(SystemExit) as later:
        by_command(monkeypatch, answer(told).as_bytes())
    assert later.value.code == 75


@pytest.fixture
def provider():
    providers.listen()
    yield
    inbound.disconnect(dispatch_uid="comments.incoming")
    tracking.disconnect(dispatch_uid="comments.incoming")


def test_a_provider_s_webhook_hands_an_answer_over(provider, told):
    message = AnymailInboundMessage.parse_raw_mime_bytes(answer(told, "Grüße, Jim. 😀").as_bytes())
    message.envelope_sender, message.envelope_recipient = told.to[0], told.reply_to[0]
    inbound.send(sender=None, event=AnymailInboundEvent(event_type="inbound", message=message), esp_name="Test")
    assert Comment.objects.filter(body="Grüße, Jim. 😀").exists()


@pytest.mark.parametrize(
    ("event", "reason", "because"),
    [("bounced", "invalid", "bounced"), ("bounced", "bounced", "bounced"), ("complained", None, "complained"),
     ("unsubscribed", None, "asked"), ("bounced", "timed_out", ""), ("delivered", None, ""), ("opened", None, "")],
)  # fmt: skip
def test_a_provider_s_webhook_tells_what_became_of_mail(provider, event, reason, because):
    person = factories.person("Michelle")
    preferences_of(Recipient(person.pk))
    preferences_of(Recipient(email="judith@example.org"))
    for address in (person.email.upper(), "Judith@example.org", "nobody@example.org", None):
        told = AnymailTrackingEvent(event_type=event, reject_reason=reason, recipient=address)
        tracking.send(sender=None, event=told, esp_name="Test")
    assert set(MailPreferences.objects.values_list("stopped_because", flat=True)) == {because}
    assert MailPreferences.objects.count() == 2
