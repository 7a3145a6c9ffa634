"""Locked branches, branches split off, and slow articles."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import moderation, submission, tree
from comments.exceptions import CommentsError, NotAllowed, TooMany
from comments.models import Comment, DeskLogEntry
from comments.submission import ParentGone
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture
def thread(post):
    """root > middle > leaf, and beside under root."""
    root = factories.comment(post)
    middle = factories.comment(post, parent=root)
    return {
        "root": root,
        "middle": middle,
        "leaf": factories.comment(post, parent=middle),
        "beside": factories.comment(post, parent=root),
    }


def locked(*comments):
    return [Comment.objects.get(pk=comment.pk).is_locked for comment in comments]


def test_a_locked_branch_takes_no_replies_and_the_rest_of_the_thread_does(post, thread, moderator):
    moderation.lock(thread["middle"].pk, moderator, words="It goes round in circles.")
    assert locked(*thread.values()) == [False, True, True, False]
    for name in ("middle", "leaf"):
        with pytest.raises(ParentGone, match="closed this branch"):
            submission.submit(factories.draft(post, parent_id=thread[name].pk))
        with pytest.raises(ParentGone):
            submission.submit(factories.draft(post, parent_id=thread[name].pk, viewer=moderator))
    assert submission.submit(factories.draft(post, parent_id=thread["beside"].pk))
    assert submission.submit(factories.draft(post))


def test_what_stands_in_a_locked_branch_can_still_be_edited(post, moderator):
    root = factories.comment(post)
    draft = factories.draft(post, "First.", parent_id=root.pk, viewer=Viewer(factories.person(standing="trusted")))
    mine = submission.submit(draft)
    moderation.lock(root.pk, moderator)
    mine.refresh_from_db()
    edited = factories.draft(post, "Second.", parent_id=root.pk, viewer=draft.viewer)
    assert submission.edit(mine, edited, seen_revision=1).body == "Second."


def test_unlocking_opens_the_branch_and_both_are_on_record(post, thread, moderator):
    moderation.lock(thread["root"].pk, moderator, words="A pause.")
    moderation.lock(thread["root"].pk, moderator)  # once more: nothing happens
    moderation.unlock(thread["root"].pk, moderator)
    assert locked(*thread.values()) == [False] * 4
    log = thread["root"].log.exclude(action="submit").order_by("pk")
    assert [(entry.action, entry.note, entry.actor_name) for entry in log] == [
        ("lock", "A pause.", "Mod"), ("unlock", "", "Mod"),
    ]  # fmt: skip
    assert thread["root"].log.of_status().last().action == "submit"


def test_a_lock_changes_no_status_and_no_place(post, thread, moderator):
    moderation.lock(thread["root"].pk, moderator)
    assert list(tree.check(post.pk)) == []
    assert {c.status for c in Comment.objects.all()} == {"approved"}


def test_what_is_moved_under_a_lock_is_locked_with_its_replies(post, thread, moderator):
    elsewhere = factories.comment(post)
    below = factories.comment(post, parent=elsewhere)
    moderation.lock(thread["middle"].pk, moderator)
    moderation.move(elsewhere.pk, thread["leaf"].pk, moderator)
    assert locked(elsewhere, below) == [True, True]
    moderation.move(elsewhere.pk, thread["beside"].pk, moderator)
    assert locked(elsewhere, below) == [True, True]
    moderation.unlock(elsewhere.pk, moderator)
    assert locked(elsewhere, below, thread["middle"]) == [False, False, True]


def test_a_branch_is_split_off_with_its_replies_and_locked_if_asked(post, thread, moderator):
    moderation.split_off(thread["middle"].pk, moderator, lock_it=True)
    middle, leaf = (Comment.objects.get(pk=thread[name].pk) for name in ("middle", "leaf"))
    assert (middle.parent_id, middle.level, leaf.level, leaf.parent_id) == (None, 0, 1, middle.pk)
    assert middle.tree_id == leaf.tree_id != thread["root"].tree_id
    assert locked(middle, leaf, thread["root"]) == [True, True, False]
    assert list(tree.check(post.pk)) == []
    assert [entry.action for entry in middle.log.order_by("pk")] == ["submit", "move", "lock"]


def test_only_who_moderates_the_article_locks_splits_and_slows(post, thread):
    for nobody in (Viewer(factories.person()), factories.guest(), Viewer(factories.post().author)):
        for act in (
            lambda viewer: moderation.lock(thread["root"].pk, viewer),
            lambda viewer: moderation.unlock(thread["root"].pk, viewer),
            lambda viewer: moderation.split_off(thread["leaf"].pk, viewer),
            lambda viewer: moderation.slow_down(post, 10, viewer),
        ):
            with pytest.raises(NotAllowed):
                act(nobody)
    assert locked(thread["root"]) == [False]


# --- Slow articles ------------------------------------------------------------------------------------------


def test_in_slow_mode_everybody_writes_once_in_a_while_and_others_are_not_held_up(post, moderator):
    moderation.slow_down(post, 10, moderator)
    guest, member = factories.guest(), Viewer(factories.person(standing="trusted"))
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        for viewer in (guest, member):
            submission.submit(factories.draft(post, viewer=viewer))
        clock.shift(timedelta(minutes=4))
        for viewer in (guest, member):
            with pytest.raises(TooMany, match="in 6 minutes") as refused:
                submission.submit(factories.draft(post, viewer=viewer))
            assert refused.value.retry_after == 360
        assert submission.submit(factories.draft(post))
        assert submission.submit(factories.draft(factories.post(), viewer=guest))
        clock.shift(timedelta(minutes=6, seconds=1))
        assert submission.submit(factories.draft(post, viewer=guest))


def test_moderators_and_the_host_are_not_slowed(post, moderator):
    moderation.slow_down(post, 60, moderator)
    for viewer in (moderator, Viewer(post.author)):
        submission.submit(factories.draft(post, viewer=viewer))
        assert submission.submit(factories.draft(post, viewer=viewer))


def test_slow_mode_ends_and_its_changes_are_on_record(post, moderator):
    moderation.slow_down(post, 60, moderator)
    moderation.slow_down(post, 0, moderator)
    guest = factories.guest()
    submission.submit(factories.draft(post, viewer=guest))
    assert submission.submit(factories.draft(post, viewer=guest))
    acts = DeskLogEntry.objects.filter(subject=f"article {post.pk}").order_by("pk")
    assert [(act.action, act.details) for act in acts] == [
        ("slow_down", {"before": 0, "after": 60}), ("slow_down", {"before": 60, "after": 0}),
    ]  # fmt: skip
    for minutes in (-1, 1441):
        with pytest.raises(CommentsError, match="from 0 to"):
            moderation.slow_down(post, minutes, moderator)


def test_a_submit_asks_for_the_pace_only_where_there_is_one(post, moderator):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            submission.submit(factories.draft(post))
        return len(asked)

    submission.submit(factories.draft(post))
    before = queries()
    moderation.slow_down(post, 5, moderator)
    assert queries() == before + 1
