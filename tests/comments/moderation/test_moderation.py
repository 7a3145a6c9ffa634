"""What moderators decide, how readers' reports lead there, and what a page of cards costs."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from comments import moderation
from comments.exceptions import CommentsError, NotAllowed
from comments.models import Comment, Discussion, Flag, HouseRules, ModerationLogEntry
from comments.moderation import flagging
from comments.status import NoSuchTransition
from comments.viewers import Viewer
from storied.turns import once_more
from tests import factories
from tests.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return factories.post()


def report(comment, key="reader", **said):
    return moderation.flag(comment.pk, factories.guest(), reporter_key=key, reason="unkind", **said)


def state_of(comment):
    return Comment.objects.get(pk=comment.pk).status


# --- Decisions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "action", "new"),
    [
        ("pending", "approve", "approved"),
        ("pending", "reject", "rejected"),
        ("pending", "mark_spam", "spam"),
        ("approved", "remove", "removed"),
        ("approved", "hold", "pending"),
        ("removed", "restore", "approved"),
        ("spam", "approve", "approved"),
    ],
)
def test_moderators_decide_and_members_and_guests_do_not(post, moderator, old, action, new):
    comment = factories.comment(post, status=old)
    for nobody in (Viewer(factories.person()), factories.guest()):
        with pytest.raises(NotAllowed):
            moderation.decide(comment.pk, action, nobody)
    assert moderation.decide(comment.pk, action, moderator).status == new


def test_the_author_of_the_article_decides_below_it_and_nowhere_else(post):
    author = Viewer(post.author)
    assert moderation.decide(factories.comment(post, status="pending").pk, "approve", author).is_approved
    elsewhere = factories.comment(factories.post(), status="pending")
    with pytest.raises(NotAllowed):
        moderation.decide(elsewhere.pk, "approve", author)


@pytest.mark.parametrize("action", ["withdraw", "submit", "undo", "delete", ""])
def test_what_is_no_decision_is_refused(post, moderator, action):
    with pytest.raises(CommentsError, match="no such decision"):
        moderation.decide(factories.comment(post).pk, action, moderator)


def test_a_bulk_decision_says_what_became_of_each_and_can_be_taken_back(post, moderator):
    waiting = [factories.comment(post, status="pending") for _ in range(3)]
    withdrawn = factories.comment(post, status="withdrawn")
    batch, outcomes = moderation.decide_all([c.pk for c in [*waiting, withdrawn]] + [10**9], "approve", moderator)
    assert [bool(outcome.error) for outcome in outcomes] == [False, False, False, True, True]
    assert Discussion.objects.get(post=post).comment_count == 3
    assert ModerationLogEntry.objects.of_status().filter(batch=batch).count() == 3
    undone = moderation.undo_all(batch, moderator)
    assert [outcome.error for outcome in undone] == ["", "", ""]
    assert {state_of(comment) for comment in waiting} == {"pending"}
    assert Discussion.objects.get(post=post).comment_count == 0


def test_undo_leaves_alone_what_somebody_decided_since(post, moderator):
    comment = factories.comment(post, status="pending")
    batch, _ = moderation.decide_all([comment.pk], "approve", moderator)
    other = Viewer(factories.person("Other", "moderator"))
    moderation.decide(comment.pk, "remove", other)
    moderation.undo_all(batch, moderator)
    assert state_of(comment) == "removed"


def test_a_decision_on_an_older_text_is_refused_for_that_comment_alone(post, moderator):
    edited = factories.comment(post, status="pending", revision=2)
    same = factories.comment(post, status="pending")
    _, outcomes = moderation.decide_all([edited.pk, same.pk], "approve", moderator, seen={edited.pk: 1, same.pk: 1})
    assert [bool(outcome.error) for outcome in outcomes] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_two_moderators_at_once_have_one_outcome_and_the_second_is_told():
    comment = factories.comment(factories.post(), status="pending")
    people = [Viewer(factories.person(f"Mod {n}", "moderator")) for n in range(2)]
    said = at_once(
        lambda: moderation.decide(comment.pk, "reject", people[0]).status,
        lambda: moderation.decide(comment.pk, "approve", people[1]).status,
    )
    assert all(isinstance(answer, str | CommentsError) for answer in said), said
    decided = [answer for answer in said if isinstance(answer, str)]
    if state_of(comment) == "approved" and len(decided) == 2:
        # Declined first and then approved is a way the table knows; approved first and then declined is not.
        assert set(decided) == {"rejected", "approved"}
    else:
        assert len(decided) == 1
        assert state_of(comment) == decided[0]


@pytest.mark.django_db(transaction=True)
def test_two_who_move_it_at_once_are_both_told_of_as_it_went():
    post = factories.post()
    comment, *places = (factories.comment(post) for _ in range(4))
    movers = [Viewer(factories.person(f"Mod {n}", "moderator")) for n in range(len(places))]
    move = once_more(moderation.move)  # as a request does
    at_once(*(partial(move, comment.pk, place.pk, mover) for place, mover in zip(places, movers, strict=True)))
    told = list(comment.log.filter(action="move").order_by("pk").values_list("old", "new"))
    assert len(told) == len(places)
    assert [old for old, _new in told] == ["top level", *(new for _old, new in told[:-1])]


# --- Reports ------------------------------------------------------------------------------------------------


def test_three_readers_hold_a_comment_and_two_do_not(post):
    comment = factories.comment(post)
    report(comment, "one")
    report(comment, "two")
    report(comment, "two")
    assert state_of(comment) == "approved"
    report(comment, "three")
    assert state_of(comment) == "pending"
    assert Comment.objects.get(pk=comment.pk).reasons == [{"code": "flagged", "detail": "3 readers reported it"}]


def test_reports_that_were_looked_at_do_not_hold_the_same_text_again(post, moderator):
    comment = factories.comment(post)
    for reader in ("one", "two", "three"):
        report(comment, reader)
    moderation.decide(comment.pk, "approve", moderator)
    for reader in ("four", "five", "six", "seven"):
        report(comment, reader)
    assert state_of(comment) == "approved"


def test_the_owner_can_have_reports_hold_nothing(post):
    HouseRules.change({"flags_to_hold": 0}, by=None)
    comment = factories.comment(post)
    for reader in range(10):
        report(comment, str(reader))
    assert state_of(comment) == "approved"


def test_whoever_reports_everything_is_asked_to_wait(post, client, time_machine):
    for number in range(flagging.MOST_AN_HOUR):
        reason = moderation.WORRIED if number % 2 else "other"
        moderation.flag(factories.comment(post).pk, factories.guest(), reporter_key="network:", reason=reason)
    comment = factories.comment(post)
    for reason in ("other", moderation.WORRIED):
        answer = client.post(f"/comment/{comment.pk}/report/", {"reason": reason}, REMOTE_ADDR="")
        assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
        assert "wait an hour" in answer.text
    assert not comment.flags.exists()
    report(comment, "somebody else")
    time_machine.move_to(timezone.now() + timedelta(minutes=61))
    assert client.post(f"/comment/{comment.pk}/report/", {"reason": "other"}, REMOTE_ADDR="").status_code == 200


def test_nobody_reports_what_is_their_own_or_no_longer_public(post):
    writer = factories.guest()
    mine = factories.comment(post, guest_key=writer.guest_key)
    with pytest.raises(NotAllowed, match="your own"):
        moderation.flag(mine.pk, writer, reporter_key="x", reason="unkind")
    with pytest.raises(NotAllowed, match="no longer public"):
        report(factories.comment(post, status="removed"))


@pytest.mark.parametrize(("action", "outcome"), [("remove", "upheld"), ("keep", "dismissed")])
def test_a_decision_settles_the_reports_and_undo_opens_them_again(post, moderator, action, outcome):
    comment = factories.comment(post)
    report(comment)
    moderation.decide(comment.pk, action, moderator)
    assert [flag.outcome for flag in Flag.objects.all()] == [outcome]
    moderation.undo(comment.pk, moderator)
    assert Flag.objects.open().count() == 1
    with pytest.raises(NoSuchTransition):
        moderation.undo(comment.pk, moderator)


def test_reports_are_settled_once_and_the_second_learns_by_whom(post, moderator):
    comment = factories.comment(post)
    report(comment)
    _, first = moderation.decide_all([comment.pk], "keep", moderator)
    assert not first[0].was_first
    _, second = moderation.decide_all([comment.pk], "keep", Viewer(factories.person("Other", "moderator")))
    assert "settled already by Mod" in second[0].was_first
    assert ModerationLogEntry.objects.filter(action="keep").count() == 1


def test_an_undo_opens_the_reports_that_its_own_decision_settled(post, moderator):
    other = Viewer(factories.person("Other", "moderator"))
    comment = factories.comment(post, status="pending")
    batch, _ = moderation.decide_all([comment.pk], "approve", moderator)
    report(comment)
    moderation.decide(comment.pk, "keep", other)
    assert "no longer what you saw" in moderation.undo_all(batch, moderator)[0].error
    with pytest.raises(NoSuchTransition):
        moderation.undo(comment.pk, moderator)
    moderation.undo(comment.pk, other)
    assert Flag.objects.open().count() == 1
    assert state_of(comment) == "approved"


def test_reports_of_many_are_settled_and_opened_again_as_one_decision(post, moderator):
    many = [factories.comment(post) for _ in range(3)]
    for comment in many:
        report(comment)
    batch, outcomes = moderation.decide_all([comment.pk for comment in many], "keep", moderator)
    assert not any(outcome.error or outcome.was_first for outcome in outcomes)
    assert ModerationLogEntry.objects.get(comment=None).count == 3
    assert list(moderation.decisions(moderator).values_list("action", flat=True)) == ["keep"] * 3
    assert not any(outcome.error for outcome in moderation.undo_all(batch, moderator))
    assert Flag.objects.open().count() == 3
    with pytest.raises(NotAllowed):
        moderation.decide(many[0].pk, "keep", Viewer(factories.person()))


def test_what_reports_have_hidden_is_published_again_by_approving_it_and_by_nothing_else(post, moderator):
    comment = factories.comment(post)
    for reader in range(HouseRules.current().flags_to_hold):
        report(comment, key=str(reader))
    assert state_of(comment) == "pending"
    with pytest.raises(NotAllowed, match="would stay hidden"):
        moderation.decide(comment.pk, "keep", moderator)
    moderation.decide(comment.pk, "approve", moderator)
    assert state_of(comment) == "approved"
    assert Flag.objects.open().count() == 0


# --- Moving and closing -------------------------------------------------------------------------------------


def test_a_misplaced_answer_is_put_under_its_parent_and_the_log_says_so(post, moderator):
    ann, answer = factories.comment(post), factories.comment(post, author=post.author)
    moderation.move(answer.pk, ann.pk, moderator)
    assert Comment.objects.get(pk=answer.pk).parent == ann
    entry = ModerationLogEntry.objects.get(action="move")
    assert (entry.old, entry.new) == ("top level", f"under {ann.pk}")
    with pytest.raises(NotAllowed):
        moderation.move(answer.pk, None, Viewer(factories.person()))


def test_closing_and_opening_are_for_moderators(post, moderator):
    assert not moderation.close_discussion(post, moderator).is_open
    assert moderation.open_discussion(post, Viewer(post.author)).is_open
    with pytest.raises(NotAllowed):
        moderation.close_discussion(post, Viewer(factories.person()))


# --- The queues ---------------------------------------------------------------------------------------------


def test_each_queue_holds_what_asks_its_question(post, moderator):
    held = factories.comment(post, status="pending")
    junk = factories.comment(post, status="spam")
    reported = factories.comment(post)
    report(reported)
    assert list(moderation.comments_in("pending", moderator)) == [held]
    assert list(moderation.comments_in("spam", moderator)) == [junk]
    assert list(moderation.comments_in("reported", moderator)) == [reported]
    assert list(moderation.comments_in("recent", moderator)) == [reported, junk, held]
    assert moderation.counts(moderator) == {"pending": 1, "spam": 1, "reported": 1}


def test_an_articles_author_sees_the_queue_of_that_article_alone(post):
    mine = factories.comment(post, status="pending")
    factories.comment(factories.post(), status="pending")
    assert list(moderation.comments_in("pending", Viewer(post.author))) == [mine]
    assert moderation.counts(Viewer(post.author))["pending"] == 1
    assert moderation.counts(Viewer(factories.person()))["pending"] == 0


def test_a_card_shows_the_way_down_to_a_reply_the_grounds_and_the_record(post, moderator):
    writer = factories.guest()
    root = factories.comment(post, guest_key=writer.guest_key)
    middle = factories.comment(post, parent=root)
    reply = factories.comment(post, parent=middle, guest_key=writer.guest_key, status="pending")
    card = moderation.cards([reply])[0]
    assert card.ancestors == [root, middle]
    assert card.record == {"approved": 1, "pending": 1}
    assert set(card.actions) >= {"approve", "reject", "mark_spam"}
    assert card.history[0].action == "submit"


@pytest.mark.parametrize("size", [2, 200, 2_000])
def test_a_page_of_cards_costs_the_same_queries_however_much_waits(
    post, moderator, size, django_assert_max_num_queries
):
    from tests.comments.test_discussion import grow

    grow(post, size)
    Comment.objects.filter(post=post).update(status="pending")
    waiting = moderation.comments_in("pending", moderator).select_related("post", "parent", "acceptance__version")
    # The comments, reports, log, care, claims, ways down, what stands beside them (3), records.
    with django_assert_max_num_queries(10):
        moderation.cards(list(waiting[: moderation.CARDS_A_PAGE]))
