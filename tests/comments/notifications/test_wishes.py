"""Who wants which mail, and how often: switched off, bundled for the morning, ended by one click; new articles."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from comments import incoming, moderation
from comments.models import HouseRules, Kind, MailPreferences, Notification
from comments.notifications import (
    Recipient,
    change_preferences,
    preferences_of,
    subscriptions,
    tasks,
    verdicts,
)
from comments.viewers import Viewer
from tests import factories

from .conftest import only

pytestmark = pytest.mark.django_db


# --- Preferences -----------------------------------------------------------------------------------------------


def test_each_kind_can_be_switched_off_apart(reply, michelle, deliver):
    change_preferences(preferences_of(Recipient(michelle.pk)), replies="never")
    assert deliver() == []
    assert only(Kind.REPLY).why == "not wanted"


def test_a_daily_digest_is_one_mail_with_everything(post, michelle, published, deliver):
    change_preferences(preferences_of(Recipient(michelle.pk)), replies="daily", follows="daily")
    subscriptions.follow_article(post, Recipient(michelle.pk))
    parent = factories.comment(post, author=michelle)
    published(post, "First words.", parent=parent, author_name="Jim")
    published(post, "Second words.", author_name="Ann")
    assert deliver() == []
    assert set(Notification.objects.values_list("bundle", flat=True)) == {"daily"}
    [digest] = deliver(timedelta(days=1))
    assert "First words." in digest.body
    assert "Second words." in digest.body
    assert "What is new since yesterday (2)" in digest.subject
    assert {row.message_id for row in Notification.objects.all()} == {digest.extra_headers["Message-ID"]}
    assert deliver(timedelta(days=1)) == []


@pytest.mark.parametrize("by", ["one click", "mail"])
def test_one_click_in_a_digest_ends_what_comes_so_often_and_nothing_else(
    client, post, michelle, published, deliver, settings, by
):
    settings.STORIED_REPLY_ADDRESS = "reply@blog.example" if by == "mail" else ""
    change_preferences(preferences_of(Recipient(michelle.pk)), replies="daily", follows="daily", posts="weekly")
    subscriptions.follow_article(post, Recipient(michelle.pk))
    published(post, "First words.", parent=factories.comment(post, author=michelle))
    published(post, "Second words.")
    assert deliver() == []
    [digest] = deliver(timedelta(days=1))
    [way_out] = re.findall(r"<http://testserver(/mail/end/[^>]+)>", digest.extra_headers["List-Unsubscribe"])
    assert f"No more mail of this kind: http://testserver{way_out}" in digest.body
    if by == "mail":
        [to] = re.findall(r"<mailto:([^?>]+)\?subject=unsubscribe>", digest.extra_headers["List-Unsubscribe"])
        assert incoming.receive(f"From: robot@example.net\nTo: {to}\n\n".encode()) == "ended"
    else:
        assert "that comes once a day" in client.get(way_out).text
        assert client.post(way_out, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert "no more mail that comes once a day" in client.get(way_out).text
    wishes = MailPreferences.objects.get(user=michelle)
    assert [wishes.replies, wishes.follows, wishes.posts] == ["never", "never", "weekly"]
    assert (wishes.decisions, wishes.care, wishes.stopped_at) == ("at_once", "at_once", None)


def test_what_was_taken_away_is_not_in_the_digest(post, michelle, published, moderator, deliver):
    change_preferences(preferences_of(Recipient(michelle.pk)), replies="daily")
    parent = factories.comment(post, author=michelle)
    published(post, "It stays.", parent=parent)
    gone = published(post, "It goes.", parent=parent)
    deliver()
    moderation.decide(gone.pk, "remove", Viewer(moderator))
    [digest] = deliver(timedelta(days=1))
    assert "It stays." in digest.body
    assert "It goes." not in digest.body


def test_a_digest_says_what_happened_and_where(post, michelle, moderator, deliver):
    wishes = preferences_of(Recipient(michelle.pk))
    said = {False: "Your comment below “The bench” was not published.", True: "A decision has been made."}
    for plain, expected in said.items():
        change_preferences(wishes, decisions="daily", plain_subject=plain)
        for _ in range(2):
            held = factories.comment(post, author=michelle, status="pending")
            moderation.decide(held.pk, "reject", Viewer(moderator), reason="Please leave the name out.")
        assert deliver() == []
        [digest] = deliver(timedelta(days=1))
        for text in (digest.body, digest.alternatives[0][0]):
            assert text.count(expected) == text.count("Please leave the name out.") == 2
            assert f"/comment/{held.pk}/" in text
            assert ("The bench" in text) is not plain


def test_one_thing_alone_is_told_with_its_own_link(post, michelle, published, deliver):
    change_preferences(preferences_of(Recipient(michelle.pk)), replies="daily")
    reply = published(post, "Words.", parent=factories.comment(post, author=michelle))
    assert deliver() == []
    [digest] = deliver(timedelta(days=1))
    for text in (digest.body, digest.alternatives[0][0]):
        assert f"http://testserver{reply.get_absolute_url()}" in text


def test_on_a_busy_day_followed_threads_wait_for_the_morning(post, michelle, published, deliver, monkeypatch):
    monkeypatch.setattr(verdicts, "A_BUSY_DAY", 2)
    subscriptions.follow_article(post, Recipient(michelle.pk))
    for _ in range(4):
        published(post)
    assert len(deliver()) == 2
    [digest] = deliver(timedelta(days=1))
    assert "(2)" in digest.subject


def test_alerts_once_an_hour_come_in_one_mail(post, deliver):
    from comments.submission import submit

    change_preferences(preferences_of(Recipient(post.author_id)), alerts="hourly")
    submit(factories.draft(post))
    submit(factories.draft(post))
    assert deliver() == []
    [alert] = deliver(timedelta(hours=1))
    assert "2 comments wait" in alert.subject


@pytest.mark.parametrize(
    ("frequency", "now", "then"),
    [
        ("hourly", "2026-11-23 14:20", "2026-11-23 15:00"),
        ("daily", "2026-11-23 14:20", "2026-11-24 08:00"),
        ("daily", "2026-11-23 07:59", "2026-11-23 08:00"),
        ("daily", "2026-11-23 08:00", "2026-11-24 08:00"),
        ("weekly", "2026-11-23 07:00", "2026-11-23 08:00"),  # a Monday
        ("weekly", "2026-11-23 09:00", "2026-11-30 08:00"),
        ("weekly", "2026-11-25 09:00", "2026-11-30 08:00"),
    ],
)
def test_digests_leave_in_the_morning(frequency, now, then):
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert verdicts.next_round(frequency, moment) == datetime.fromisoformat(then).replace(tzinfo=UTC)


# --- New articles ----------------------------------------------------------------------------------------------


def test_a_new_article_is_told_once_to_those_who_asked(post, michelle, deliver):
    subscriptions.follow_posts(Recipient(michelle.pk))
    assert tasks.tell_of_new_articles.call() == 0  # it was there before
    factories.post(post.author, title="A new one", published_at=timezone.now())
    assert tasks.tell_of_new_articles.call() == 1
    assert tasks.tell_of_new_articles.call() == 0
    [told] = deliver()
    assert told.subject.endswith("A new one")


def test_an_article_with_a_date_to_come_is_told_when_it_has_come(post, michelle):
    subscriptions.follow_posts(Recipient(michelle.pk))
    to_come = factories.post(post.author, published_at=timezone.now() + timedelta(hours=1))
    assert tasks.tell_of_new_articles.call() == 0
    to_come.published_at = timezone.now()
    to_come.save()
    assert tasks.tell_of_new_articles.call() == 1


def test_an_article_that_was_told_of_is_not_told_of_again_where_mail_is_kept_for_a_day():
    HouseRules.change({"keep_mail_days": 1}, by=None)
    subscriptions.follow_posts(Recipient(factories.person().pk))
    with time_machine.travel(timezone.now() + timedelta(hours=1)) as clock:
        post = factories.post(published_at=timezone.now())
        assert tasks.tell_of_new_articles.call() == 1
        Notification.objects.update(state="sent", ended_at=timezone.now())
        for _hours in range(4):
            clock.shift(timedelta(hours=13))
            tasks.forget_old_mail.call()
            assert tasks.tell_of_new_articles.call() == 0
        assert not Notification.objects.filter(post=post).exists()
