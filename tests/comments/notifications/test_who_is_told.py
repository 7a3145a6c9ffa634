"""Which rows an event leaves in the outbox: for whom, why, and once."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from comments import moderation, status
from comments.events import CommentPublished, publish
from comments.models import Kind, MailPreferences, Notification, Subscription
from comments.notifications import Recipient, change_preferences, preferences_of, subscriptions
from comments.submission import submit, withdraw
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


def owed(*kinds):
    """(kind, who) of what is owed."""
    rows = Notification.objects.owed().order_by("pk")
    return [(row.kind, row.who) for row in rows if not kinds or row.kind in kinds]


def test_a_member_is_told_of_a_reply(post, published):
    michelle = factories.person("Michelle")
    parent = factories.comment(post, author=michelle)
    published(post, parent=parent)
    assert owed(Kind.REPLY) == [("reply", f"account:{michelle.pk}")]


def test_a_guest_who_asked_is_told_of_a_reply_and_one_who_did_not_is_not(post, published, submitted):
    asked = submitted(post)
    silent = factories.comment(post, author_email="david@example.org")
    published(post, parent=asked)
    published(post, parent=silent)
    assert owed(Kind.REPLY) == [("reply", "mail:judith@example.org")]


def test_nobody_is_told_of_their_own_words(post, published, submitted):
    michelle = factories.person("Michelle")
    own = factories.comment(post, author=michelle)
    published(post, parent=own, author=michelle)
    subscriptions.follow_article(post, Recipient(michelle.pk))
    published(post, author=michelle)
    elsewhere = factories.post()
    as_guest = submitted(elsewhere)
    published(elsewhere, parent=as_guest, guest_key=as_guest.guest_key)
    assert owed(Kind.REPLY, Kind.ARTICLE) == []


def test_the_strongest_reason_wins_and_there_is_one_mail(post, published):
    michelle = factories.person("Michelle")
    who = Recipient(michelle.pk)
    parent = factories.comment(post, author=michelle)
    subscriptions.follow_article(post, who)
    subscriptions.follow_thread(parent, who)
    published(post, parent=parent)
    other = factories.comment(post, parent=parent)
    published(post, parent=other)
    published(post)
    assert [kind for kind, _ in owed(Kind.REPLY, Kind.THREAD, Kind.ARTICLE)] == ["reply", "thread", "article"]


def test_an_event_told_twice_is_owed_once(post, published):
    parent = factories.comment(post, author=factories.person())
    reply = published(post, parent=parent)
    with transaction.atomic():
        publish(CommentPublished(reply))
    assert len(owed(Kind.REPLY)) == 1


def test_what_is_undone_was_never_owed(post):
    parent = factories.comment(post, author=factories.person())
    reply = factories.comment(post, parent=parent, status="pending", was_public=False)
    with transaction.atomic():
        status.change_status(reply.pk, "approve")
        assert len(owed(Kind.REPLY)) == 1
        transaction.set_rollback(True)
    assert owed() == []


def test_whoever_muted_the_thread_is_told_nothing_of_it(post, published):
    michelle = factories.person("Michelle")
    parent = factories.comment(post, author=michelle)
    subscriptions.follow_article(post, Recipient(michelle.pk))
    subscriptions.mute_thread(parent, Recipient(michelle.pk))
    published(post, parent=parent)
    assert owed(Kind.REPLY, Kind.ARTICLE) == []
    published(post)
    assert [kind for kind, _ in owed(Kind.ARTICLE)] == ["article"]


def test_moderators_and_the_article_s_author_are_told_of_what_waits(post, moderator):
    submit(factories.draft(post))
    assert owed() == [("alert", f"account:{pk}") for pk in sorted([post.author_id, moderator.pk])]


def test_a_moderator_who_wants_no_alerts_costs_no_row(post, moderator):
    change_preferences(preferences_of(Recipient(moderator.pk)), alerts="never")
    submit(factories.draft(post))
    assert owed() == [("alert", f"account:{post.author_id}")]


def test_spam_alerts_nobody(post, moderator):
    submit(factories.draft(post, honeypot="https://spam.example"))
    assert owed() == []


def test_what_readers_hold_again_is_told_to_moderators(post, moderator):
    comment = factories.comment(post)
    for reader in range(3):
        moderation.flag(comment.pk, Viewer(), reporter_key=f"network:{reader}", reason="other")
    assert ("alert", f"account:{moderator.pk}") in owed(Kind.ALERT)


@pytest.mark.parametrize(
    ("start", "action", "told"),
    [
        ("pending", "approve", True),
        ("pending", "reject", True),
        ("approved", "remove", True),
        ("removed", "restore", True),
        ("pending", "mark_spam", False),
        ("approved", "hold", False),
    ],
)
def test_the_author_is_told_of_a_decision(post, moderator, start, action, told):
    michelle = factories.person("Michelle")
    comment = factories.comment(post, author=michelle, status=start)
    moderation.decide(comment.pk, action, Viewer(moderator))
    assert owed(Kind.DECISION) == ([("decision", f"account:{michelle.pk}")] if told else [])


def test_who_withdraws_is_told_nothing_and_hears_of_no_replies(post, submitted):
    comment = submitted(post)
    withdraw(comment, Viewer(guest_key=comment.guest_key))
    assert owed(Kind.DECISION) == []
    assert Subscription.objects.get().end_reason == "withdrawn"


def test_a_guest_hears_of_a_decision_only_where_mail_was_asked_for(post, moderator, submitted):
    asked = submitted(post, status="pending")
    silent = factories.comment(post, status="pending", author_email="david@example.org")
    for comment in (asked, silent):
        moderation.decide(comment.pk, "approve", Viewer(moderator))
    assert owed(Kind.DECISION) == [("decision", "mail:judith@example.org")]


def test_a_moved_thread_keeps_its_followers(post, moderator, published):
    follower = factories.person("Follower")
    root, other = factories.comment(post), factories.comment(post)
    subscriptions.follow_thread(root, Recipient(follower.pk))
    moderation.move(root.pk, other.pk, Viewer(moderator))
    root.refresh_from_db()
    published(post, parent=root)
    assert owed(Kind.THREAD) == [("thread", f"account:{follower.pk}")]


def test_who_follows_or_mutes_a_thread_that_is_moved_meanwhile_has_the_one_that_it_is_in_now(post, moderator):
    reader = Recipient(factories.person("Reader").pk)
    root, other = factories.comment(post), factories.comment(post)
    moderation.move(root.pk, other.pk, Viewer(moderator))
    # Read before it was moved.
    assert root.tree_id != other.tree_id
    about = subscriptions.about_thread(other.tree_id)
    assert subscriptions.follow_thread(root, reader).about == about
    assert subscriptions.mute_thread(root, reader).about == about
    assert list(Subscription.objects.standing().values_list("scope", "about")) == [("muted", about)]
    post.delete()
    assert subscriptions.follow_thread(root, reader) is None
    assert subscriptions.mute_thread(root, reader) is None


def test_a_follower_of_both_threads_follows_the_joined_one_once(post, moderator):
    follower = Recipient(factories.person("Follower").pk)
    root, other = factories.comment(post), factories.comment(post)
    subscriptions.follow_thread(root, follower)
    subscriptions.follow_thread(other, follower)
    moderation.move(root.pk, other.pk, Viewer(moderator))
    assert Subscription.objects.standing().count() == 1
    assert Subscription.objects.get(ended_at__isnull=False).end_reason == "moved"


# --- The price in the hot path ---


def queries_of(captured):
    """Those about mail."""
    tables = (Notification._meta.db_table, Subscription._meta.db_table, MailPreferences._meta.db_table)
    return [query["sql"] for query in captured if any(table in query["sql"] for table in tables)]


def test_with_nobody_to_tell_a_comment_costs_one_small_query(post):
    comment = factories.comment(post, status="approved", parent=factories.comment(post))
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        publish(CommentPublished(comment))
    [only] = queries_of(captured)
    assert only.startswith("SELECT")


def test_with_one_to_tell_it_costs_one_insert_more(post):
    parent = factories.comment(post, author=factories.person())
    comment = factories.comment(post, parent=parent)
    comment.parent = parent
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        publish(CommentPublished(comment))
    found = queries_of(captured)
    assert [sql.split()[0] for sql in found] == ["SELECT", "INSERT"]


def test_a_held_comment_costs_one_insert_for_all_moderators(post, moderator):
    factories.person("Second", role="moderator")
    with CaptureQueriesContext(connection) as captured:
        submit(factories.draft(post))
    found = queries_of(captured)
    assert len([sql for sql in found if sql.startswith("INSERT")]) == 1
    assert Notification.objects.count() == 3
