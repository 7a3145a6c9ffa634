"""The one writer of statuses, and its log."""

from itertools import product

import pytest
from django.db import connection, transaction

from comments import status
from comments.events import CommentPublished, StatusChanged
from comments.exceptions import Conflict
from comments.models import Comment, Discussion, ModerationLogEntry
from comments.models.discussion import DiscussionQuerySet
from tests import factories
from tests.together import at_once, broken_off_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return factories.post()


@pytest.fixture
def moderator():
    return factories.person("Mod", "moderator")


def count_of(post):
    return Discussion.objects.get(post=post).comment_count


@pytest.mark.parametrize(("action", "old"), [*product(status.TRANSITIONS, Comment.Status.values)])
def test_only_the_table_moves_a_comment(post, moderator, action, old):
    comment = factories.comment(post, status=old)
    froms, new = status.TRANSITIONS[action]
    if old in froms:
        assert status.change_status(comment.pk, action, actor=moderator).status == new
    elif old == new:
        entries = ModerationLogEntry.objects.count()
        assert status.change_status(comment.pk, action, actor=moderator).status == new
        assert ModerationLogEntry.objects.count() == entries
    else:
        with pytest.raises(status.NoSuchTransition):
            status.change_status(comment.pk, action, actor=moderator)
        comment.refresh_from_db()
        assert comment.status == old


def test_a_change_leaves_one_entry_that_says_who_and_why(post, moderator):
    comment = factories.comment(post, status="pending")
    why = status.Why(reason="Names a person.", clause="privacy")
    status.change_status(comment.pk, "reject", actor=moderator, why=why)
    entry = ModerationLogEntry.objects.get(comment=comment, action="reject")
    assert (entry.actor, entry.old, entry.new) == (moderator, "pending", "rejected")
    assert (entry.reason, entry.clause, entry.revision) == ("Names a person.", "privacy", 1)


def test_a_change_by_the_rules_has_no_actor(post):
    comment = factories.comment(post)
    status.change_status(comment.pk, "hold")
    assert ModerationLogEntry.objects.get(comment=comment, action="hold").actor is None


def test_the_log_is_neither_changed_nor_deleted(post, moderator):
    comment = factories.comment(post, status="pending")
    status.change_status(comment.pk, "approve", actor=moderator)
    entry = ModerationLogEntry.objects.first()
    entry.reason = "other words"
    with pytest.raises(TypeError, match="written once"):
        entry.save()
    with pytest.raises(TypeError, match="written once"):
        entry.delete()


def test_counts_follow_what_everybody_may_see(post, moderator):
    comment = factories.comment(post, status="pending")
    assert count_of(post) == 0
    for action, count in [("approve", 1), ("remove", 0), ("restore", 1), ("hold", 0), ("mark_spam", 0)]:
        status.change_status(comment.pk, action, actor=moderator)
        assert count_of(post) == count
    assert status.wrong_counts() == []


def test_recount_says_and_mends_a_wrong_count(post):
    factories.comment(post)
    Discussion.objects.filter(post=post).update(comment_count=7)
    assert status.wrong_counts() == [post.pk]
    status.recount(post.pk)
    assert count_of(post) == 1
    assert status.wrong_counts() == []


def test_a_comment_that_comes_while_counts_are_compared_makes_none_wrong(post, monkeypatch):
    values_list = DiscussionQuerySet.values_list

    def after_a_comment(*what):
        monkeypatch.undo()
        factories.comment(post)
        return values_list(*what)

    monkeypatch.setattr(DiscussionQuerySet, "values_list", after_a_comment)
    assert status.wrong_counts() == []
    assert count_of(post) == 1


@pytest.mark.django_db(transaction=True)
def test_a_comment_that_is_approved_while_others_are_counted_anew_is_counted(monkeypatch):
    post = factories.post()
    waiting = factories.comment(post, status="pending")
    count = status._counts_of

    def approve():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
            status.change_status(waiting.pk, "approve")

    def count_then_wait(post_id):
        counts = count(post_id)
        # SQLite lets nobody in between; on PostgreSQL who is kept out comes afterwards.
        if connection.features.has_select_for_update:
            at_once(approve)
        return counts

    monkeypatch.setattr(status, "_counts_of", count_then_wait)
    status.recount(post.pk)
    monkeypatch.undo()
    status.change_status(waiting.pk, "approve")
    assert count_of(post) == 1
    assert status.wrong_counts() == []


@pytest.mark.django_db(transaction=True)
def test_a_discussion_is_counted_anew_whoever_writes_at_the_same_moment():
    post = factories.post()
    factories.comment(post)
    Discussion.objects.filter(post=post).update(comment_count=7)
    with broken_off_once('UPDATE "comments_discussion"'):
        status.recount(post.pk)
    assert status.wrong_counts() == []


def test_publication_is_announced_once_however_often_it_flips(post, moderator, announced):
    comment = factories.comment(post, status="pending")
    for action in ("approve", "remove", "restore", "hold", "approve"):
        status.change_status(comment.pk, action, actor=moderator)
    assert announced.kinds().count(CommentPublished) == 1
    assert announced.kinds().count(StatusChanged) == 5


def test_approving_twice_is_quiet(post, moderator, announced):
    comment = factories.comment(post, status="pending")
    status.change_status(comment.pk, "approve", actor=moderator)
    status.change_status(comment.pk, "approve", actor=moderator)
    assert announced.kinds().count(StatusChanged) == 1


def test_who_decides_on_an_older_text_is_told(post, moderator):
    comment = factories.comment(post, status="pending", revision=2)
    with pytest.raises(Conflict, match="has edited"):
        status.change_status(comment.pk, "approve", actor=moderator, seen_revision=1)


def test_the_second_of_two_different_decisions_is_told_who_was_first(post, moderator):
    comment = factories.comment(post, status="pending")
    status.change_status(comment.pk, "reject", actor=moderator)
    with pytest.raises(status.NoSuchTransition, match="declined.*Mod"):
        status.change_status(comment.pk, "remove", actor=factories.person("Other", "moderator"))


def test_undo_gives_the_status_back_that_was_before(post, moderator):
    comment = factories.comment(post, status="pending")
    comment = status.change_status(comment.pk, "mark_spam", actor=moderator)
    comment = status.undo(comment, status.to_be_undone(comment, actor=moderator), actor=moderator)
    assert comment.status == "pending"
    with pytest.raises(status.NoSuchTransition):
        status.to_be_undone(comment, actor=moderator)


def test_what_an_author_withdrew_no_moderator_brings_back(post, moderator):
    comment = factories.comment(post)
    comment = status.change_status(comment.pk, "withdraw")
    with pytest.raises(status.NoSuchTransition):
        status.to_be_undone(comment, actor=moderator)
    with pytest.raises(status.NoSuchTransition):
        status.change_status(comment.pk, "approve", actor=moderator)
