"""How long one waits is said in the owner's words, or as it was, or not at all."""

from datetime import timedelta

import pytest

from comments import log, moderation
from comments.conf import Rules
from comments.models import ModerationLogEntry
from comments.moderation.waits import last_waits, usual_wait
from tests import factories

pytestmark = pytest.mark.django_db


def waited(moderator, *minutes, days_ago=0):
    post = factories.post()
    for length in minutes:
        comment = factories.comment(post, status="pending")
        moderation.decide(comment.pk, "approve", moderator)
        with log.corrected("a test needs the past"):
            for entry in ModerationLogEntry.objects.filter(comment=comment):
                earlier = timedelta(days=days_ago, minutes=length if entry.action == "submit" else 0)
                ModerationLogEntry.objects.filter(pk=entry.pk).update(at=entry.at - earlier)


def test_the_owners_own_words_come_first(moderator):
    waited(moderator, 60, 60, 60, 60, 60)
    assert usual_wait(Rules(usual_wait="usually by the evening")) == "usually by the evening"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        ((1, 1, 2, 3, 3), "5 minutes"),
        ((10, 20, 33, 40, 50), "35 minutes"),
        ((10, 20, 60, 70, 80), "an hour"),
        ((60, 120, 180, 240, 9_000), "3 hours"),
        ((60, 120, 4_300, 5_000, 9_000), "3 days"),
    ],
)
def test_half_of_the_last_ones_say_how_long(moderator, minutes, words):
    waited(moderator, *minutes)
    assert usual_wait(Rules()) == f"half of the last 5 were read within {words}"


def test_fewer_than_five_say_nothing_and_neither_does_what_is_long_ago(moderator):
    waited(moderator, 60, 60, 60, 60)
    waited(moderator, 60, 60, days_ago=31)
    assert len(last_waits()) == 4
    assert usual_wait(Rules()) == ""


def test_only_what_a_person_decided_counts(moderator):
    comment = factories.comment(factories.post(), status="pending")
    from comments import status

    status.change_status(comment.pk, "withdraw")
    assert last_waits() == []


def test_it_costs_two_queries(moderator, django_assert_num_queries):
    waited(moderator, *([60] * 12))
    with django_assert_num_queries(2):
        usual_wait(Rules())
