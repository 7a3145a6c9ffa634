"""Bounces and complaints: which mail they are about, what they end, and whom nobody believes."""

import smtplib
from datetime import timedelta
from email import message_from_string

import pytest
from django.utils import timezone

from comments.models import MailPreferences, Notification, Subscription
from comments.notifications import Recipient, addresses, bounces, delivery, preferences_of

from .conftest import as_read, come_in

pytestmark = pytest.mark.django_db

BOUNCE = """\
From: MAILER-DAEMON@mx.example.org
To: {to}
Return-Path: <>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; michelle@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user

--b
Content-Type: text/rfc822-headers

From: Storied <storied@example.org>
Message-ID: {identifier}

--b--
"""
COMPLAINT = """\
From: feedback@isp.example.org
To: {to}
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: x/1
Version: 1

--b
Content-Type: message/rfc822

From: Storied <storied@example.org>
Message-ID: {identifier}

words
--b--
"""


def bounce(to, *, status="5.1.1", action="failed", identifier="<x@y.example>"):
    return BOUNCE.format(to=to, status=status, action=action, identifier=identifier).encode()


def stopped(who):
    found = MailPreferences.objects.filter(who=who).first()
    return found.stopped_because if found else ""


@pytest.fixture
def row(told):
    return Notification.objects.get(kind="reply", email="")


def test_each_mail_leaves_under_an_address_of_its_own_and_shows_the_site_s(told, row):
    assert told.from_email == addresses.for_bounces(row)
    assert as_read(told)["From"] == "Storied <storied@example.org>"


def test_a_permanent_bounce_ends_mail_to_that_person_and_nobody_else(told, guest_told, row):
    assert come_in(bounce(told.from_email.upper())) == "bounce"
    assert stopped(row.who) == "bounced"
    assert stopped("mail:judith@example.org") == ""
    assert come_in(bounce(guest_told.from_email)) == "bounce"
    assert Subscription.objects.get().end_reason == "bounced"


def test_a_bounce_is_known_by_our_identifier_where_the_address_was_lost(told, row):
    identifier = as_read(told)["Message-ID"]
    assert come_in(bounce("storied@example.org", identifier=identifier)) == "bounce"
    assert stopped(row.who) == "bounced"


@pytest.mark.parametrize("forged", [
    "<comment.{comment}.{pk}@testserver>", "<comment.{comment}.{pk}.aaaaaaaaaaaaaaaa@testserver>",
    "<comment.{comment}.{pk}.{other}@testserver>", "<digest.{pk}.{real}@testserver>",
])  # fmt: skip
def test_an_identifier_that_somebody_made_up_ends_nothing(told, row, forged):
    real = as_read(told)["Message-ID"].split(".")[3].split("@")[0]
    identifier = forged.format(
        comment=row.comment_id, pk=row.pk, real=real, other=addresses.signature(f"comment.{row.comment_id}.{row.pk}:x")
    )
    assert come_in(bounce("storied@example.org", identifier=identifier)) == "dropped"
    assert stopped(row.who) == ""


def test_the_answer_address_takes_no_bounces_for_somebody_else(told, guest_told, row):
    assert come_in(bounce(as_read(told)["Reply-To"])) == "dropped"
    assert stopped(row.who) == ""


@pytest.mark.parametrize(("status", "action"), [("4.4.1", "delayed"), ("2.0.0", "delivered"), ("2.0.0", "relayed")])
def test_what_is_tried_again_or_arrived_ends_nothing(told, row, status, action):
    assert come_in(bounce(told.from_email, status=status, action=action)) == "dropped"
    assert preferences_of(Recipient(row.user_id)).bounces == 0


def test_what_somebody_wrote_in_the_mail_that_is_sent_back_is_no_complaint(told, row):
    written = "\nFeedback-Type: abuse\nUser-Agent: x/1\n\n--b--\n"
    report = bounce(told.from_email, status="4.4.1", action="delayed").decode().replace("\n--b--\n", written)
    assert come_in(report.encode()) == "dropped"
    assert stopped(row.who) == ""


def test_passing_troubles_count_once_a_day_and_five_end_it(told, row, time_machine):
    now = timezone.now()
    for day in range(5):
        assert stopped(row.who) == ""
        time_machine.move_to(now + timedelta(days=day))
        for status in ("5.2.2", "4.4.7"):
            assert come_in(bounce(told.from_email, status=status)) == "bounce"
    assert stopped(row.who) == "bounced"


def test_a_quiet_month_forgets_them(told, row, time_machine):
    now = timezone.now()
    for day in (0, 1, 2, 3, 40):
        time_machine.move_to(now + timedelta(days=day))
        come_in(bounce(told.from_email, status="4.4.7"))
    assert stopped(row.who) == ""
    assert preferences_of(Recipient(row.user_id)).bounces == 1


def test_a_refusal_of_this_mail_alone_ends_what_it_was_about_alone(guest_told):
    come_in(bounce(guest_told.from_email, status="5.7.1"))
    assert Subscription.objects.get().end_reason == "bounced"
    assert stopped("mail:judith@example.org") == ""


def test_a_complaint_stops_everything(told, row):
    identifier = as_read(told)["Message-ID"]
    told_of = COMPLAINT.format(to="abuse@example.org", kind="not-spam", identifier=identifier)
    assert come_in(told_of.encode()) == "dropped"
    assert come_in(told_of.replace("not-spam", "abuse").encode()) == "complaint"
    assert stopped(row.who) == "complained"


def test_the_page_says_why_and_mail_can_be_allowed_again(client, told, row):
    bounces.called_unwanted(preferences_of(Recipient(row.user_id)))
    address = f"/mail/settings/{preferences_of(Recipient(row.user_id)).token}/"
    assert "told us" in client.get(address).content.decode()
    client.post(address, {"start": "1"})
    assert stopped(row.who) == ""


def test_an_absence_notice_to_the_bounce_address_is_nothing(told, row):
    message = message_from_string("From: michelle@example.org\nAuto-Submitted: auto-replied\n\nI am away.")
    message["To"] = told.from_email
    assert come_in(message) == "dropped"
    assert preferences_of(Recipient(row.user_id)).bounces == 0


@pytest.mark.parametrize("cut", range(0, 700, 50))
def test_half_a_report_is_no_error(told, cut):
    assert come_in(bounce(told.from_email)[:cut]) in {"dropped", "bounce"}


def test_a_refusal_while_it_is_sent_does_the_same(told, row, monkeypatch, outbox):
    Notification.objects.update(state="owed")

    class Server:
        def open(self):
            pass

        def close(self):
            pass

        def send_messages(self, messages):
            raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"5.1.1 no such user")})

    monkeypatch.setattr(delivery, "get_connection", Server)
    delivery.deliver()
    assert stopped(row.who) == "bounced"
