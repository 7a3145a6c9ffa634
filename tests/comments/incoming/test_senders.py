"""Who sends an answer: its addressee, somebody whom the mail was passed on to, or a program."""

import re

import pytest

from comments.models import Comment, ReceivedMail, Subscription
from tests import factories

from .conftest import answer, as_read, come_in, newest

pytestmark = pytest.mark.django_db


# --- Who may have got hold of the address ---


@pytest.mark.parametrize(
    "sender",
    [
        "mallory@example.net",
        '"{own}" <mallory@example.net>',
        "{own}, mallory@example.net",
        "{own} <mallory@x.org>",
        "",
        None,
    ],
)
def test_a_mail_from_another_address_waits_for_a_moderator(told, michelle, sender):
    own = sender and sender.format(own=michelle.email)
    assert come_in(answer(told, From=own)) == "taken"
    mine = newest()
    assert mine.status == "pending"
    assert [reason["code"] for reason in mine.reasons] == ["mail_from_elsewhere"]


@pytest.mark.parametrize("sender", ["{own}", "<{own}>", "{OWN}", '"{own}" <{own}>', "Ä <{own}>"])
def test_one_s_own_address_is_known_however_it_is_written(told, michelle, sender):
    own = michelle.email
    come_in(answer(told, From=sender.format(own=own, OWN=own.upper())))
    assert newest().is_approved


@pytest.mark.parametrize(
    ("own", "sender"),
    [("o'brien@example.org", "o'brien@example.org"), ("j@example.org", "'j@example.org' <j@example.org>"),
     ("me+blog@example.org", "Me <me+blog@example.org>"), ("me@bücher.example", "me@xn--bcher-kva.example"),
     ("me@bücher.example", "me@BÜCHER.example")],
)  # fmt: skip
def test_odd_addresses_are_known_too(told, michelle, own, sender):
    michelle.emailaddress_set.update(email=own)
    raw = answer(told, From=None).as_bytes()
    come_in(b"From: " + sender.encode() + b"\n" + raw)
    assert newest().is_approved


def test_nobody_publishes_as_a_moderator_by_a_mail_that_was_passed_on(post, published, deliver):
    moderator = factories.person("Mod", role="moderator")
    published(post, parent=factories.comment(post, author=moderator))
    [told] = [m for m in deliver() if "Re:" in m.subject]
    come_in(answer(told, From="mallory@example.net"))
    assert newest().status == "pending"
    come_in(answer(told, "Other words.", Message_ID="<2@home.example>"))
    assert newest().is_approved


def test_an_address_of_another_mail_answers_that_mail_alone(told, guest_told):
    michelle_s = as_read(told)["Reply-To"]
    message = answer(guest_told, To=michelle_s)
    come_in(message)
    assert newest().author.display_name == "Michelle"
    assert newest().status == "pending"


# --- What nobody wrote ---


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated (absence)"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"Precedence": "list"},
        {"X-Auto-Response-Suppress": "All"},
        {"X-Autoreply": "yes"},
        {"List-Id": "<x.example.net>"},
        {"Return-Path": "<>"},
        {"X-Failed-Recipients": "x@example.org"},
    ],
    ids=str,
)
def test_programs_are_not_answered_and_write_no_comments(told, deliver, headers):
    assert come_in(answer(told, **headers)) == "dropped"
    assert deliver() == []
    assert ReceivedMail.objects.count() == 0


def test_an_empty_envelope_sender_and_our_own_mail_are_dropped(told):
    assert come_in(answer(told), sender="") == "dropped"
    assert come_in(answer(told, From=as_read(told)["Reply-To"])) == "dropped"
    assert come_in(answer(told, Auto_Submitted="no"), sender="michelle@example.org") == "taken"


def test_unsubscribe_by_mail_ends_it_also_from_a_program(told, guest_told, michelle):
    for sent in (told, guest_told):
        [to] = re.findall(r"<mailto:([^?>]+)\?subject=unsubscribe>", as_read(sent)["List-Unsubscribe"])
        for _ in range(2):
            message = answer(sent, "", To=to.upper(), Auto_Submitted="auto-generated", From="robot@example.net")
            assert come_in(message) == "ended"
    assert michelle.mail_preferences.replies == "never"
    assert Subscription.objects.get().end_reason == "unsubscribed"
    assert not Comment.objects.filter(body="").exists()
