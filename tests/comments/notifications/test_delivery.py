"""What leaves the house: judged at the last moment, once, later where it cannot be now."""

import smtplib
from datetime import timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from comments import moderation
from comments.models import Kind, MailPreferences, Notification, Subscription
from comments.notifications import (
    Recipient,
    delivery,
    forgetting,
    recipients,
    subscriptions,
    tasks,
    verdicts,
)
from comments.submission import withdraw
from comments.viewers import Viewer
from storied import rows
from tests import factories
from tests.together import at_once, broken_off_once

from .conftest import only

pytestmark = pytest.mark.django_db


def test_a_reply_is_sent_a_minute_after_it_was_published(reply, michelle, deliver, outbox):
    delivery.deliver()
    assert outbox == []
    [sent] = deliver()
    assert sent.to == [michelle.email]
    assert "Dear Michelle, the green chair." in sent.body
    assert f"http://testserver/comment/{reply.pk}/" in sent.body
    assert only(Kind.REPLY).state == "sent"
    assert deliver() == []


def test_what_is_withdrawn_within_the_minute_is_never_told(reply, deliver):
    withdraw(reply, Viewer(guest_key=reply.guest_key), by_link=True)
    assert deliver() == []
    assert (only(Kind.REPLY).state, only(Kind.REPLY).why) == ("dropped", "no longer public")


@pytest.mark.parametrize("action", ["remove", "mark_spam"])
def test_what_a_moderator_takes_away_is_never_told(reply, moderator, deliver, action):
    moderation.decide(reply.pk, action, Viewer(moderator))
    assert deliver() == []
    assert only(Kind.REPLY).state == "dropped"


def test_what_is_held_waits_and_is_told_once_it_is_public_again(reply, moderator, deliver):
    moderation.decide(reply.pk, "hold", Viewer(moderator))
    assert deliver() == []
    assert only(Kind.REPLY).state == "owed"
    moderation.decide(reply.pk, "approve", Viewer(moderator), reason="It may stay.")
    assert len([m for m in deliver(timedelta(hours=1)) if "reply" in m.body]) == 1


def test_nothing_is_told_of_an_article_that_is_no_longer_public(reply, post, deliver):
    post.status = "private"
    post.save()
    assert deliver() == []


def test_nothing_goes_to_an_account_without_a_proved_address_or_that_is_closed(reply, michelle, deliver):
    michelle.emailaddress_set.update(verified=False)
    assert deliver() == []
    assert only(Kind.REPLY).why == "no proved address"


def test_a_thread_muted_after_the_event_is_silent(reply, michelle, deliver):
    subscriptions.mute_thread(reply, Recipient(michelle.pk))
    assert deliver() == []
    assert only(Kind.REPLY).why == "the thread is muted"


def test_a_guest_gets_nothing_but_the_question_before_the_address_is_confirmed(post, submitted, published, deliver):
    comment = submitted(post)
    published(post, parent=comment)
    [question] = deliver()
    assert "Do you want mail" in question.subject
    assert deliver(timedelta(hours=1)) == []
    subscriptions.confirm(Subscription.objects.get())
    [reply] = deliver(timedelta(hours=1))
    assert reply.to == ["Judith@example.org"]
    assert "Re: " in reply.subject


def test_a_wish_that_is_never_confirmed_is_forgotten_with_what_was_owed(post, submitted, published, deliver):
    comment = submitted(post)
    published(post, parent=comment)
    Subscription.objects.update(asked_at=timezone.now() - timedelta(days=8))
    assert deliver() == []
    assert only(Kind.REPLY).why == "never confirmed"
    tasks.forget_old_mail.call()
    assert Subscription.objects.count() == 0


def test_a_decision_that_was_undone_is_not_told_and_the_next_one_is(post, michelle, moderator, deliver):
    comment = factories.comment(post, author=michelle, status="pending", was_public=False)
    moderation.decide(comment.pk, "reject", Viewer(moderator), reason="Too soon.")
    moderation.undo(comment.pk, Viewer(moderator))
    assert deliver() == []
    assert only(Kind.DECISION).why == "decided otherwise since"
    moderation.decide(comment.pk, "approve", Viewer(moderator), reason="I had read it wrongly.")
    [told] = deliver()
    assert "is published" in told.body
    assert "I had read it wrongly." in told.body


def test_a_refusal_says_clause_words_and_the_private_link(post, moderator, submitted, deliver):
    factories.published_guidelines("No advice", "Be kind")
    comment = submitted(post, status="pending", was_public=False, body="My own secret words.")
    subscriptions.confirm(Subscription.objects.get())
    deliver()
    moderation.decide(comment.pk, "reject", Viewer(moderator), clause="no-advice", reason="Please say it of yourself.")
    [told] = deliver()
    assert "was not published" in told.body
    assert "clause 1 of the Commenting Guidelines: “No advice”" in told.body
    assert "Please say it of yourself." in told.body
    assert "/comment/own/" in told.body
    assert "My own secret words." not in told.body


def test_a_refusal_in_gentle_words_says_nothing_of_rules(post, michelle, moderator, deliver):
    from comments.moderation import refusals

    factories.published_guidelines("No advice")
    gentle = next(template for template in refusals.SHIPPED if template.is_gentle)
    comment = factories.comment(post, author=michelle, status="pending", was_public=False)
    moderation.decide(
        comment.pk, "reject", Viewer(moderator), clause="no-advice", reason="We have read you.", template=gentle.key
    )
    [told] = deliver()
    assert "We have read you." in told.body
    for hard in ("not published", "Guidelines", "clause"):
        assert hard not in told.body + told.subject


def test_who_asked_for_a_second_look_hears_that_the_decision_stays(post, michelle, moderator, deliver):
    from comments.moderation import appeals

    comment = factories.comment(post, author=michelle)
    moderation.decide(comment.pk, "remove", Viewer(moderator), reason="Too close to home.")
    deliver()
    comment.refresh_from_db()
    asked = appeals.appeal(comment, Viewer(michelle), "Please read it again.")
    [alert, *_] = deliver()
    assert "second look" in alert.subject
    other = factories.person("Other", role="moderator")
    appeals.decide_appeal(asked.pk, "kept", Viewer(other), answer="We did, with care.")
    [told] = [m for m in deliver() if m.to == [michelle.email]]
    assert "once more" in told.body
    assert "We did, with care." in told.body


def test_who_stood_in_a_branch_that_went_hears_that_it_is_no_judgement(post, michelle, moderator, deliver):
    root = factories.comment(post)
    factories.comment(post, parent=root, author=michelle)
    moderation.decide(root.pk, "remove_branch", Viewer(moderator), reason="The quarrel leads nowhere.")
    [told] = [m for m in deliver() if m.to == [michelle.email]]
    assert "no judgement of what you wrote" in told.body


def test_an_alert_about_what_was_decided_meanwhile_is_dropped(post, moderator, deliver):
    from comments.submission import submit

    comment = submit(factories.draft(post))
    moderation.decide(comment.pk, "approve", Viewer(moderator))
    assert deliver() == []
    assert {row.why for row in Notification.objects.filter(kind=Kind.ALERT)} == {"it waits no longer"}


# --- When the mail server says no --------------------------------------------------------------------------


class Server(EmailBackend):
    """Refuses as it is told to."""

    open_raises = send_raises = None

    def open(self):
        if Server.open_raises:
            raise Server.open_raises

    def send_messages(self, messages):
        if Server.send_raises:
            raise Server.send_raises
        return super().send_messages(messages)


@pytest.fixture
def server(settings, deliver, monkeypatch):
    monkeypatch.setattr(delivery, "get_connection", Server)
    yield Server
    Server.open_raises = Server.send_raises = None


def test_the_log_says_why_mail_waits_and_not_to_whom_it_goes(reply, server, deliver, caplog):
    server.send_raises = smtplib.SMTPSenderRefused(451, b"Not now for michelle@example.org", "bounces+b123@example.net")
    deliver()
    assert "Mail waits: SMTPSenderRefused" in caplog.text
    assert "@example" not in caplog.text


def test_a_server_that_is_away_costs_no_attempt(reply, server, deliver):
    server.open_raises = ConnectionRefusedError("refused")
    assert deliver() == []
    row = only(Kind.REPLY)
    assert (row.state, row.attempts, row.claim) == ("owed", 0, "")
    assert row.due_at > timezone.now() + timedelta(minutes=1)
    server.open_raises = None
    assert len(deliver(timedelta(minutes=10))) == 1


def test_a_passing_refusal_is_tried_again_later_and_later_and_then_fails(reply, michelle, server, deliver):
    server.send_raises = smtplib.SMTPRecipientsRefused({michelle.email: (451, b"4.7.1 try again")})
    waits = []
    while only(Kind.REPLY).state == "owed":
        deliver(timedelta(days=0, seconds=61) if not waits else waits[-1] + timedelta(seconds=1))
        waits.append(only(Kind.REPLY).due_at - timezone.now())
    row = only(Kind.REPLY)
    assert row.state == "failed"
    assert row.attempts == len(delivery.WAITS) + 1
    assert waits[0] < timedelta(minutes=2)
    assert max(waits) > timedelta(hours=18)
    assert MailPreferences.objects.get().stopped_at is None
    assert michelle.email not in row.why


def test_an_address_that_does_not_exist_ends_the_subscription(post, submitted, published, server, deliver):
    parent = submitted(post)
    wish = Subscription.objects.get()
    subscriptions.confirm(wish)
    deliver()
    published(post, parent=parent)
    server.send_raises = smtplib.SMTPRecipientsRefused(
        {"Judith@example.org": (550, b"5.1.1 <Judith@example.org> no such user")}
    )
    deliver()
    wish.refresh_from_db()
    assert wish.end_reason == "bounced"
    assert MailPreferences.objects.get(who=wish.who).stopped_because == "bounced"
    assert "@example.org" not in only(Kind.REPLY).why


def test_a_refusal_of_this_mail_alone_does_not_stop_the_others(reply, michelle, server, deliver):
    server.send_raises = smtplib.SMTPRecipientsRefused({michelle.email: (550, b"5.7.1 policy")})
    deliver()
    assert only(Kind.REPLY).state == "failed"
    assert MailPreferences.objects.get().stopped_at is None


def test_a_mail_that_cannot_be_written_does_not_stand_in_the_way_of_others(
    reply, post, published, monkeypatch, deliver
):
    other = factories.person("Other")
    parent = factories.comment(post, author=other)
    published(post, parent=parent)
    broken = Notification.objects.get(comment=reply)
    real = delivery.writing.mail

    def mail(rows, *rest):
        if rows[0].pk == broken.pk:
            raise ValueError("no words")
        return real(rows, *rest)

    monkeypatch.setattr(delivery.writing, "mail", mail)
    [sent] = deliver()
    assert sent.to == [other.email]
    broken.refresh_from_db()
    assert (broken.state, broken.attempts, broken.why) == ("owed", 1, "ValueError: no words")


def test_what_failed_can_be_tried_once_more(reply, server, deliver, michelle):
    server.send_raises = smtplib.SMTPDataError(554, b"looks like spam")
    deliver()
    assert only(Kind.REPLY).state == "failed"
    server.send_raises = None
    assert delivery.try_again(Notification.objects.all()) == 1
    assert len(deliver()) == 1


def test_a_claim_is_believed_for_a_while_and_then_taken_over(reply, deliver):
    now = timezone.now()
    Notification.objects.update(claim="another worker", claimed_until=now + timedelta(minutes=4))
    assert deliver() == []
    Notification.objects.update(claimed_until=now - timedelta(seconds=1))
    assert len(deliver()) == 1


def test_a_worker_that_has_lost_its_claim_sends_nothing(reply, deliver, monkeypatch):
    real = delivery.verdicts.judge

    def slow(row):
        Notification.objects.filter(pk=row.pk).update(claim="somebody faster")
        return real(row)

    monkeypatch.setattr(delivery.verdicts, "judge", slow)
    assert deliver() == []
    assert only(Kind.REPLY).state == "owed"


@pytest.mark.django_db(transaction=True)
def test_what_has_left_is_known_to_have_left_whoever_writes_at_the_same_moment(reply, deliver, outbox):
    with broken_off_once('UPDATE "comments_notification" SET "state"'):
        assert len(deliver()) == 1
    assert only(Kind.REPLY).state == "sent"
    assert deliver(timedelta(days=1)) == []


@pytest.fixture
def to_a_guest(post, published):
    """A mail that is owed to a guest, of whom nothing else is kept yet."""
    guest = Recipient(email="judith@example.org")
    parent = factories.comment(post, author_email=guest.email)
    wish = subscriptions.ask_for_replies(parent, guest)
    Subscription.objects.filter(pk=wish.pk).update(confirmed_at=timezone.now())
    Notification.objects.all().delete()
    published(post, "A reply.", parent=parent, author_name="Jim")
    MailPreferences.objects.all().delete()
    return guest


@pytest.mark.parametrize("at", ["claimed", "handed over"])
def test_who_is_forgotten_while_their_mail_is_in_hand_stays_forgotten(to_a_guest, deliver, monkeypatch, at):
    def forget():
        forgetting.forget([to_a_guest.who], [to_a_guest.email])

    if at == "claimed":
        judge = verdicts.judge
        monkeypatch.setattr(verdicts, "judge", lambda row: forget() or judge(row))
    else:

        def refuse(*_mails):
            forget()
            raise smtplib.SMTPRecipientsRefused({to_a_guest.email: (550, b"5.1.1 No such user")})

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert deliver() == []
    assert not Notification.objects.exists()
    assert not MailPreferences.objects.exists()
    assert not Subscription.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="On SQLite there is one writer at a time")
def test_who_is_forgotten_waits_for_what_is_being_noted_of_them(to_a_guest, monkeypatch):
    mail = only(Kind.REPLY)
    make = recipients.preferences_of

    def forget():
        with transaction.atomic():
            rows.execute("SET LOCAL lock_timeout = '300ms'")
            forgetting.forget([to_a_guest.who], [to_a_guest.email])

    def while_they_are_forgotten(recipient):
        [kept_out] = at_once(forget)
        assert isinstance(kept_out, OperationalError)
        return make(recipient)

    monkeypatch.setattr(recipients, "preferences_of", while_they_are_forgotten)
    assert recipients.preferences_for(mail).pk
    forget()
    assert not MailPreferences.objects.exists()
