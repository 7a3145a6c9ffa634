"""Who hears that a moderator has moved a comment: both people, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments import moderation
from comments.models import Kind, Notification
from comments.notifications import Recipient, subscriptions
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return factories.post(factories.person("Blogger"))


@pytest.fixture
def moderator():
    return Viewer(factories.person("Mod", role="moderator"))


@pytest.fixture
def ann():
    return factories.person("Ann")


@pytest.fixture
def ben():
    return factories.person("Ben")


def rows(*states):
    found = Notification.objects.order_by("pk")
    return [(row.kind, row.who) for row in found if not states or row.state in states]


def both(ann, ben):
    return [("moved", f"account:{ben.pk}"), ("reply", f"account:{ann.pk}")]


def test_both_people_hear_of_a_move(post, moderator, ann, ben, deliver):
    answered = factories.comment(post, author=ann)
    misplaced = factories.comment(post, "Dear Ann, a secret of mine.", author=ben)
    moderation.move(misplaced.pk, answered.pk, moderator)
    assert rows() == both(ann, ben)
    to_ann, to_ben = sorted(deliver(), key=lambda mail: mail.to)
    assert (to_ann.to, to_ben.to) == ([ann.email], [ben.email])
    assert "under the one that it answers" in to_ben.body
    assert misplaced.get_absolute_url() in to_ben.body
    assert "There is a reply to your comment" in to_ann.body
    for mail in (to_ben, to_ann):
        assert "secret" not in mail.subject


def test_nobody_hears_twice_however_often_it_is_moved(post, moderator, ann, ben, deliver):
    answered, misplaced = factories.comment(post, author=ann), factories.comment(post, author=ben)
    for parent in (answered.pk, None, answered.pk):
        moderation.move(misplaced.pk, parent, moderator)
    assert len(deliver()) == 2
    for parent in (None, answered.pk):
        moderation.move(misplaced.pk, parent, moderator)
    assert deliver() == []
    assert rows() == both(ann, ben)


def test_what_is_moved_back_within_the_minute_is_never_told_and_the_next_move_is(post, moderator, ann, ben, deliver):
    answered, misplaced = factories.comment(post, author=ann), factories.comment(post, author=ben)
    moderation.move(misplaced.pk, answered.pk, moderator)
    moderation.move(misplaced.pk, None, moderator)
    assert deliver() == []
    assert rows("dropped") == both(ann, ben)
    moderation.move(misplaced.pk, answered.pk, moderator)
    assert len(deliver()) == 2


def test_who_was_told_of_a_reply_that_is_moved_away_before_the_mail_leaves_hears_nothing(
    post, moderator, ann, ben, published, deliver
):
    wrong = factories.comment(post, author=ann)
    right = factories.comment(post, author=ben)
    reply = published(post, parent=wrong)
    moderation.move(reply.pk, right.pk, moderator)
    assert [mail.to for mail in deliver()] == [[ben.email]]


def test_a_guest_hears_of_it_who_asked_for_mail_and_confirmed(post, moderator, ben, submitted, deliver):
    asked = submitted(post)
    silent = factories.comment(post, author_email="david@example.org")
    subscriptions.confirm(subscriptions.Subscription.objects.get())
    misplaced = factories.comment(post, author_email="jim@example.org")
    moderation.move(misplaced.pk, silent.pk, moderator)
    moderation.move(misplaced.pk, asked.pk, moderator)
    assert [mail.to for mail in deliver()] == [["Judith@example.org"]]


@pytest.mark.parametrize("status", ["pending", "rejected", "removed", "spam", "withdrawn"])
def test_what_is_not_public_is_moved_in_silence(post, moderator, ann, ben, status):
    answered = factories.comment(post, author=ann)
    misplaced = factories.comment(post, author=ben, status=status)
    moderation.move(misplaced.pk, answered.pk, moderator)
    assert rows() == []


def test_an_old_discussion_is_put_in_order_in_silence(post, moderator, ann, ben):
    answered = factories.comment(post, author=ann)
    misplaced = factories.comment(post, author=ben, created_at=timezone.now() - timedelta(days=31))
    moderation.move(misplaced.pk, answered.pk, moderator)
    assert rows() == []


def test_who_moves_and_who_answers_themselves_is_told_nothing(post, moderator, ben):
    of_moderator = factories.comment(post, author=moderator.user)
    first, second = factories.comment(post, author=ben), factories.comment(post, author=ben)
    moderation.move(second.pk, of_moderator.pk, moderator)
    moderation.move(of_moderator.pk, first.pk, moderator)
    assert ("moved", f"account:{moderator.user.pk}") not in rows()
    assert ("reply", f"account:{moderator.user.pk}") not in rows()
    Notification.objects.all().delete()
    moderation.move(second.pk, first.pk, moderator)
    assert rows() == [("moved", f"account:{ben.pk}")]


def test_who_has_muted_the_thread_or_the_writer_hears_nothing_of_it(post, moderator, ann, ben, deliver):
    answered, misplaced = factories.comment(post, author=ann), factories.comment(post, author=ben)
    subscriptions.mute_thread(answered, Recipient(ann.pk))
    moderation.move(misplaced.pk, answered.pk, moderator)
    assert [mail.to for mail in deliver()] == [[ben.email]]
    assert Notification.objects.get(kind=Kind.REPLY).why == "the thread is muted"
