"""Who brings a comment to care besides the words in it, and who looks after it."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from comments import care, moderation
from comments.exceptions import CommentsError, Conflict, NotAllowed
from comments.models import (
    CareItem,
    CareSignal,
    Flag,
    ModerationLogEntry,
)
from comments.viewers import Viewer
from tests import factories
from tests.together import at_once

from .conftest import DARK, acts, open_for, submit

pytestmark = pytest.mark.django_db


# --- Readers and moderators ---------------------------------------------------------------------------------------


def worry(comment, key="network:1", words="She sounds so tired.", viewer=None):
    return moderation.flag(
        comment.pk, viewer or factories.guest(), reporter_key=key, reason=moderation.WORRIED, words=words
    )


def test_a_worry_goes_to_care_and_is_no_report(post, opened):
    comment = factories.comment(post)
    for number in range(5):
        worry(comment, key=f"network:{number}")
    comment.refresh_from_db()
    assert comment.status == "approved"
    assert not Flag.objects.exists()
    assert moderation.counts(Viewer(factories.person("M", "moderator")))["reported"] == 0
    item = open_for(comment)
    assert (item.opened_by, item.signals.count()) == ("reader", 5)
    assert len(opened) == 1
    assert acts(comment) == [("care_opened", "reader")]


def test_a_reader_who_writes_twice_changes_what_they_wrote(post):
    comment = factories.comment(post)
    worry(comment, words="First.")
    item = worry(comment, words="Second.")
    assert [signal.words for signal in item.signals.all()] == ["Second."]


@pytest.mark.parametrize("status", ["pending", "removed", "spam"])
def test_only_what_is_public_can_be_worried_about(post, status):
    with pytest.raises(NotAllowed):
        worry(factories.comment(post, status=status))


def test_a_moderator_can_bring_a_comment_to_care(post, moderator):
    comment = factories.comment(post, status="pending")
    with pytest.raises(NotAllowed):
        care.open_by_hand(comment.pk, Viewer(factories.person()))
    item = care.open_by_hand(comment.pk, moderator, words="Please look.")
    assert care.open_by_hand(comment.pk, moderator, words="Please look soon.") == item
    assert [signal.words for signal in item.signals.all()] == ["Please look soon."]


def test_a_worry_about_a_matched_comment_joins_the_open_item(post, arranged, moderator, settings):
    settings.STORIED_RULES = {"hold_newcomers": "off"}
    comment = submit(post)
    worry(comment)
    assert [signal.by for signal in open_for(comment).signals.all()] == ["match", "reader"]


# --- Looking after it -----------------------------------------------------------------------------------------------


@pytest.fixture
def item(post, arranged):
    return open_for(submit(post))


def test_claiming_tells_others_and_ends_by_itself(item, moderator, owner):
    care.claim(item.pk, moderator)
    care.claim(item.pk, moderator)
    with pytest.raises(Conflict, match="Mod is looking after this already"):
        care.claim(item.pk, owner)
    CareItem.objects.update(claimed_at=timezone.now() - timedelta(minutes=61))
    assert care.claim(item.pk, owner).claimed_by == owner.user
    assert [act for act, _new in acts(item.comment)] == ["care_opened", "care_claimed", "care_claimed"]


def test_an_item_can_be_handed_over_without_a_reason(item, moderator, owner):
    care.claim(item.pk, moderator)
    care.release(item.pk, owner)  # not theirs to give back
    assert CareItem.objects.get().state == "claimed"
    care.release(item.pk, moderator)
    care.release(item.pk, moderator)
    assert CareItem.objects.get().state == "open"
    assert [act for act, _new in acts(item.comment)] == ["care_opened", "care_claimed", "care_released"]


def test_closing_is_done_once_and_the_second_is_told(item, moderator, owner):
    care.claim(item.pk, moderator)
    care.close(item.pk, "resources", moderator, "Wrote to her.")
    care.close(item.pk, "resources", moderator, "Wrote to her.")
    with pytest.raises(Conflict, match="Mod has closed this already: ways to help were sent"):
        care.close(item.pk, "replied", owner)
    with pytest.raises(Conflict, match="closed this already"):
        care.claim(item.pk, owner)
    closed = CareItem.objects.get()
    assert (closed.state, closed.code, closed.note, closed.closed_by) == (
        "closed", "resources", "Wrote to her.", moderator.user,
    )  # fmt: skip
    assert acts(item.comment)[-1] == ("care_closed", "resources")
    assert ModerationLogEntry.objects.get(action="care_closed").note == "Wrote to her."
    assert not ModerationLogEntry.objects.get(action="care_closed").reason


def test_only_known_codes_close(item, moderator):
    with pytest.raises(CommentsError, match="what was done"):
        care.close(item.pk, "fine", moderator)


def test_only_who_moderates_the_article_sees_and_acts(item, moderator, post):
    host = Viewer(post.author)
    for viewer in (moderator, host):
        assert list(care.queue(viewer)) == [item]
    for viewer in (Viewer(factories.person()), factories.guest(), Viewer(factories.post().author)):
        assert list(care.queue(viewer)) == []
        for act in (care.claim, care.release, lambda pk, who: care.close(pk, "replied", who)):
            with pytest.raises(NotAllowed):
                act(item.pk, viewer)


def test_the_queue_is_oldest_first_and_knows_what_is_overdue(post, arranged, moderator):
    first, second = (open_for(submit(post, f"{DARK} {n}")) for n in range(2))
    CareItem.objects.filter(pk=second.pk).update(opened_at=timezone.now() - timedelta(hours=5))
    assert [item.pk for item in care.queue(moderator)] == [second.pk, first.pk]
    assert list(CareItem.objects.overdue(4)) == [second]


def test_care_rows_are_in_the_way_of_no_decision(post, arranged, moderator):
    comment = submit(post)
    moderation.decide(comment.pk, "approve", moderator)
    care.close(open_for(comment).pk, "replied", moderator)
    moderation.undo(comment.pk, moderator)
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_a_queue_page_costs_the_same_queries_for_any_number(post, arranged, moderator, django_assert_num_queries):
    for number in range(12):
        submit(post, f"{DARK} {number}")
    list(care.queue(moderator)[:2])
    with django_assert_num_queries(2):
        for item in care.queue(moderator)[:20]:
            assert item.comment.post.title
            assert [signal.person for signal in item.signals.all()] == [None]


@pytest.mark.django_db(transaction=True)
def test_many_who_worry_at_once_open_one_item():
    comment = factories.comment(factories.post())
    opened = at_once(*(partial(worry, comment, key=f"network:{number}") for number in range(4)))
    assert opened == [CareItem.objects.get()] * 4
    assert CareSignal.objects.count() == 4
