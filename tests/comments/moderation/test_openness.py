"""The public page: numbers that point at nobody; and the record that everybody has of their own."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from comments import moderation
from comments.models import ModerationLogEntry
from comments.moderation import openness, replies
from comments.moderation.openness import Told
from comments.privacy import Belongings, export
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db
MONDAY = timezone.make_aware(datetime(2026, 11, 23))


@pytest.fixture(autouse=True)
def nothing_cached():
    cache.clear()


@pytest.fixture
def post():
    factories.published_guidelines("Be kind", "No methods")
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture
def moderator():
    return Viewer(factories.person("Mod Secretname", "moderator"))


def decided(post, moderator, number, action, *, days_ago=10, status="pending", **grounds):
    """So many comments, decided on so long before the Monday, each after an hour's wait."""
    at = MONDAY - timedelta(days=days_ago)
    made = []
    for _ in range(number):
        with time_machine.travel(at, tick=False):
            made.append(factories.comment(post, status=status, created_at=at))
        with time_machine.travel(at + timedelta(hours=1), tick=False):
            moderation.decide(made[-1].pk, action, moderator, **grounds)
    return made


def told(rows):
    return {row.what: str(row.told) for row in rows}


def periods():
    cache.clear()
    return openness.periods(MONDAY + timedelta(days=2))


def test_counts_by_clause_and_kind(post, moderator):
    decided(post, moderator, 12, "approve")
    decided(post, moderator, 7, "reject", clause="be-kind")
    decided(post, moderator, 6, "remove", status="approved", clause="no-methods")
    decided(post, moderator, 5, "reject")
    month, year = periods()
    assert told(month.clauses) == {
        "1. Be kind": "5 or more", "2. No methods": "5 or more", "No clause in particular": "5 or more",
    }  # fmt: skip
    assert told(month.decisions) == {
        "published after a moderator had read them": "10 or more",
        "declined before they were published": "10 or more",
        "removed after they were published": "5 or more",
        "set aside as spam by a moderator": "none",
    }
    assert (month.median_wait, month.within_a_day) == ("60 minutes", "100 %")
    assert told(year.clauses) == told(month.clauses)


def test_few_are_told_as_few(post, moderator):
    decided(post, moderator, 4, "reject", clause="be-kind")
    decided(post, moderator, 1, "remove", status="approved", clause="no-methods")
    month, _year = periods()
    assert told(month.clauses) == {"1. Be kind": "fewer than 5", "2. No methods": "fewer than 5"}
    assert (month.median_wait, month.within_a_day) == ("", "")


def test_this_week_is_told_next_week_and_what_is_old_no_more(post, moderator):
    decided(post, moderator, 5, "reject", clause="be-kind", days_ago=0)
    decided(post, moderator, 5, "reject", clause="no-methods", days_ago=200)
    month, year = periods()
    assert (told(month.clauses), told(year.clauses)) == ({}, {"2. No methods": "5 or more"})
    assert "1. Be kind" in told(openness.periods(MONDAY + timedelta(days=7))[0].clauses)
    assert openness.next_monday(MONDAY + timedelta(days=2)) == MONDAY + timedelta(days=7)
    assert openness.last_monday(MONDAY) == MONDAY


def test_reversals_are_decisions_taken_back_with_words_and_no_slips(post, moderator):
    taken_back = decided(post, moderator, 5, "reject", clause="be-kind")
    slips = decided(post, moderator, 5, "reject", clause="be-kind", days_ago=9)
    with time_machine.travel(MONDAY - timedelta(days=8), tick=False):
        for comment in taken_back:
            moderation.decide(comment.pk, "approve", moderator, reason="On second thoughts.")
    with time_machine.travel(MONDAY - timedelta(days=9) + timedelta(hours=1, seconds=10), tick=False):
        for comment in slips:
            moderation.undo(comment.pk, moderator)
    by_rule = [factories.comment(post, status="spam") for _ in range(5)]
    with time_machine.travel(MONDAY - timedelta(days=2), tick=False):
        for comment in by_rule:
            moderation.decide(comment.pk, "approve", moderator)
    rows = told(periods()[0].reversals)
    assert rows["decisions that were taken back later"] == "5 or more"
    assert rows["comments that the rules had set aside as spam, and that were published"] == "5 or more"


@given(st.lists(st.integers(0, 60), max_size=12))
def test_nothing_can_be_had_by_subtracting(numbers):
    shown = [Told.of(number) for number in numbers]
    for number, one in zip(numbers, shown, strict=True):
        assert (one.at_least is None) == (0 < number < openness.FEWEST)
        if one.at_least is not None:
            assert one.at_least % openness.FEWEST == 0
            assert one.at_least <= number < one.at_least + openness.FEWEST
        assert number == 0 or str(number) not in str(one).split() or number % openness.FEWEST == 0


def test_the_page_names_nobody_and_is_kept_until_the_week_ends(client, post, moderator):
    decided(post, moderator, 6, "reject", clause="be-kind")
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        answer = client.get("/openness/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "public, no-cache"
    assert "Secretname" not in answer.text
    assert "5 or more" in answer.text
    assert "noindex" not in answer.text


def test_the_page_is_not_reckoned_anew_for_each_reader(client, post, moderator):
    client.get("/openness/")
    with CaptureQueriesContext(connection) as asked:
        openness.periods()
    assert not [query for query in asked if "comments_" in query["sql"]]


# --- One's own record ---------------------------------------------------------------------------------------


def test_a_member_reads_their_own_record_and_nobody_else_s(client, post, moderator):
    ann, judy = factories.person("Ann"), factories.person("Judy")
    mine = factories.comment(post, "Words of Ann.", author=ann, status="pending")
    theirs = factories.comment(post, "Words of Judy.", author=judy)
    moderation.decide(
        mine.pk, "reject", moderator, clause="be-kind", reason="Could you leave the name out?", note="Third time."
    )
    factories.restriction(ann, "hold", reason="A private reason.", words="We read along for a while.")
    moderation.flag(theirs.pk, Viewer(ann), reporter_key="ann", reason="be-kind")
    moderation.decide(theirs.pk, "remove", moderator)
    assert client.get("/accounts/record/").status_code == 302
    client.force_login(ann)
    page = client.get("/accounts/record/")
    assert page["Cache-Control"] == "private, no-store"
    for said in ("Words of Ann.", "Could you leave the name out?", "Be kind", "We read along", "a moderator agreed"):
        assert said in page.text, said
    for hidden in ("Words of Judy.", "Third time.", "A private reason.", "Secretname"):
        assert hidden not in page.text, hidden


def test_nobody_reads_in_their_record_or_their_export_that_they_need_no_reply(client, post, moderator):
    ann = factories.person("Ann")
    mine = factories.comment(post, "Words of Ann.", author=ann)
    for what in replies.MARKS:
        replies.mark(mine.pk, what, moderator)
    moderation.flag(mine.pk, factories.guest(), reporter_key="somebody", reason="other")
    moderation.decide(mine.pk, "keep", moderator)
    client.force_login(ann)
    page = client.get("/accounts/record/").text
    assert "Written" in page
    assert not [
        words
        for words in ("reply", "answered elsewhere", "Kept")
        if words in page.partition("</h2>")[2].partition("</section>")[0]
    ]
    [told] = next(part for part in export.sections(Belongings.of_account(ann)) if part.name == "comments").records
    assert [entry["what"] for entry in told["decisions"]] == ["submit"]


def test_a_record_costs_the_same_for_few_and_many(client, post):
    def queries(number):
        member = factories.person()
        for _ in range(number):
            factories.comment(post, author=member)
        client.force_login(member)
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/accounts/record/").status_code == 200
        return len(asked)

    queries(1)
    assert queries(2) == queries(30)


def test_waits_are_of_moderators_decisions_alone(post, moderator):
    decided(post, moderator, 1, "approve")
    by_author = factories.comment(post, status="pending")
    ModerationLogEntry.objects.create(
        comment=by_author, action="withdraw", old="pending", new="withdrawn", by_author=True
    )
    waits = openness.ended_waits(MONDAY - timedelta(days=30), timezone.now() + timedelta(days=400))
    assert [seconds for _at, seconds in waits] == [3600.0]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "less than a minute"), (60, "1 minute"), (5_000, "83 minutes"), (7_200, "2 hours"), (200_000, "2 days")],
)
def test_spans_in_words(seconds, words):
    assert openness.in_words(seconds) == words
