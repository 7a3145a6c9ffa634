"""Moderators and others at the same place in the same moment: nobody waits in a ring, and nothing ends in an error."""

import threading
from contextlib import suppress

import pytest
from django.db import DatabaseError

from comments import moderation, status
from comments.exceptions import Gone
from comments.models import Comment, Redaction
from comments.moderation import redaction, unmasking
from comments.submission import submit
from comments.viewers import Viewer
from posts.models import Post
from storied import rows
from tests import factories
from tests.together import at_once, broken_off_once

pytestmark = pytest.mark.django_db(transaction=True)

A_WHILE = 2  # seconds, for one who does not come because they wait for the other


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post()


def moderator():
    return Viewer(factories.person(role="moderator"))


class Meeting:
    """Two who each hold something before they go on, if the other can get as far as that."""

    def __init__(self):
        self._gate = threading.Barrier(2)
        self._been = threading.local()

    def arrive(self):
        if not getattr(self._been, "there", False):
            self._been.there = True
            with suppress(threading.BrokenBarrierError):
                self._gate.wait(A_WHILE)


def test_a_reply_and_the_removal_of_its_branch_do_not_wait_for_each_other(post, monkeypatch):
    root = factories.comment(post)
    head = factories.comment(post, parent=root)
    draft, viewer = factories.draft(post, parent_id=head.pk), moderator()
    removes, meeting, first = threading.local(), Meeting(), rows.first

    def first_together(*what, lock=False, **how):
        if not lock:
            return first(*what, **how)
        if not getattr(removes, "me", False):
            meeting.arrive()  # the reply has its thread, and wants the comment that it answers
        found = first(*what, lock=True, **how)
        if getattr(removes, "me", False):
            meeting.arrive()  # the removal has the comment
        return found

    def remove():
        removes.me = True
        return moderation.decide(head.pk, "remove_branch", viewer)

    monkeypatch.setattr(rows, "first", first_together)
    outcomes = at_once(lambda: submit(draft), remove)
    assert not [outcome for outcome in outcomes if isinstance(outcome, DatabaseError)]
    assert Comment.objects.get(pk=head.pk).status == "removed"


@pytest.mark.parametrize("action", ["remove_branch", "restore_branch"])
def test_a_decision_inside_a_branch_and_one_on_the_whole_do_not_wait_for_each_other(post, monkeypatch, action):
    head = factories.comment(post)
    inside = factories.comment(post, parent=head)
    viewer, other = moderator(), moderator()
    if action == "restore_branch":
        moderation.decide(head.pk, "remove_branch", viewer)
    count, meeting = status._count, Meeting()

    def count_together(comment, *what, **how):
        if comment.pk == inside.pk:
            meeting.arrive()  # it is locked, and the discussion's counts are wanted
        count(comment, *what, **how)
        if comment.pk == head.pk:
            meeting.arrive()  # the counts are locked, and the comments inside are wanted

    monkeypatch.setattr(status, "_count", count_together)
    alone = "mark_spam" if action == "remove_branch" else "restore"
    outcomes = at_once(
        lambda: moderation.decide(head.pk, action, viewer, reason="Both."),
        lambda: moderation.decide(inside.pk, alone, other, reason="One."),
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, DatabaseError)]
    assert status.wrong_counts() == []


def test_what_is_deleted_meanwhile_is_said_to_be_gone(post):
    author = factories.person()
    comment, viewer = factories.comment(post, "Some words.", author=author), moderator()
    made = redaction.redact(comment.pk, viewer, "words", what="name")
    refused = factories.comment(post, author=author, status="pending")
    moderation.decide(refused.pk, "reject", viewer)
    asked = moderation.appeal(refused, Viewer(author), "Please.")
    Post.objects.filter(pk=post.pk).delete()
    assert not Redaction.objects.exists()
    owner = Viewer(factories.person(role="owner"))
    for act in (
        lambda: moderation.decide(comment.pk, "remove", viewer),
        lambda: moderation.decide(comment.pk, "remove_branch", viewer),
        lambda: moderation.decide_appeal(asked.pk, "kept", owner, answer="No."),
        lambda: moderation.move(comment.pk, None, viewer),
        lambda: moderation.lock(comment.pk, viewer),
        lambda: moderation.claim(comment.pk, viewer),
        lambda: redaction.redact(comment.pk, viewer, "Some", what="name"),
        lambda: redaction.put_back(made.pk, viewer),
        lambda: unmasking.unmask(comment.pk, owner, "A reason."),
    ):
        with pytest.raises(Gone):
            act()
    _batch, outcomes = moderation.decide_all([comment.pk, refused.pk], "approve", viewer)
    assert {outcome.error for outcome in outcomes} == {"This comment no longer exists."}


def test_a_decision_on_many_of_which_one_is_broken_off_is_one_decision(post):
    chosen = [factories.comment(post).pk for _ in range(3)]
    viewer = moderator()
    with broken_off_once('INSERT INTO "comments_moderationlogentry"', after=3):
        batch, outcomes = moderation.decide_all(chosen, "remove", viewer)
    assert [(outcome.error, outcome.was_first) for outcome in outcomes] == [("", "")] * 3
    assert set(Comment.objects.values_list("status", flat=True)) == {"removed"}
    moderation.undo_all(batch, viewer)
    assert set(Comment.objects.values_list("status", flat=True)) == {"approved"}
