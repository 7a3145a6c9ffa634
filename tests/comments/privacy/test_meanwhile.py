"""Others write while somebody is erased, or while something is forgotten: what they break off is begun anew at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from comments.models import Comment, Erasure, PersonNote
from comments.notifications import Recipient, subscriptions
from comments.privacy import erasure, retention
from storied.accounts.models import User
from storied.turns import once_more
from tests import factories
from tests.together import at_once, broken_off_once, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def michelle():
    """Somebody with two comments, a wish and a note about her, who is to be erased now."""
    account = factories.person("Michelle")
    post = factories.post()
    for _ in range(2):
        factories.comment(post, author=account)
    subscriptions.follow_article(post, Recipient(account.pk))
    PersonNote.objects.create(account=account, words="Be patient with her.")
    asked = erasure.ask(account, Erasure.How.WITHDRAW)
    erasure.confirm(asked)
    Erasure.objects.filter(pk=asked.pk).update(due_at=timezone.now() - timedelta(hours=1))
    return account


def ensure_she_is_erased(account):
    assert set(Comment.objects.values_list("body", "author", "status")) == {("", None, "withdrawn")}
    assert not User.objects.filter(pk=account.pk).exists()


@pytest.mark.parametrize(
    "at",
    [
        'DELETE FROM "comments_personnote"',
        'UPDATE "comments_comment"',
        'DELETE FROM "comments_subscription"',
        'DELETE FROM "accounts_user"',
    ],
)
def test_an_erasure_that_was_broken_off_goes_on_at_once(michelle, at):
    with broken_off_once(at):
        assert erasure.carry_out_all() == 1
    ensure_she_is_erased(michelle)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="On SQLite there is one writer at a time")
def test_who_erases_and_who_writes_wait_in_no_ring(michelle):
    first, second = Comment.objects.order_by("pk")
    is_locked, turns = threading.Event(), []

    @once_more
    def lock_both_the_other_way_round():
        turns.append(1)
        with transaction.atomic():
            Comment.objects.select_for_update().get(pk=second.pk)
            is_locked.set()
            if len(turns) == 1:
                until_somebody_waits()
            Comment.objects.select_for_update().get(pk=first.pk)

    def erase():
        is_locked.wait(60)
        return erasure.carry_out_all()

    assert at_once(lock_both_the_other_way_round, erase) == [None, 1]
    ensure_she_is_erased(michelle)


def test_what_is_due_is_forgotten_in_the_same_round(after):
    comment = factories.comment(factories.post(), status="withdrawn")
    after(days=400)
    with broken_off_once('UPDATE "comments_comment"'):
        assert retention.run()["withdrawn"] == 1
    comment.refresh_from_db()
    assert comment.body == ""
