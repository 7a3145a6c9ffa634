"""Which top-level comments look like replies, and to whom."""

from datetime import UTC, datetime, timedelta

import pytest

from comments import moderation
from comments.moderation.suggestions import Earlier, greeted_names, parent_for, suggested
from comments.viewers import Viewer
from tests import factories

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
HOST = "John Folk-Williams"


def earlier(*names):
    """Comments by these, an hour apart, the last one an hour ago."""
    start = NOON - timedelta(hours=len(names))
    return [Earlier(n, name, None, start + timedelta(hours=n)) for n, name in enumerate(names)]


def under(text, *names, by_name="Somebody", host=HOST):
    found = parent_for(text, NOON, earlier(*names), by_name=by_name, host=host)
    return None if found is None else found[0].pk


@pytest.mark.parametrize(
    "text",
    [
        "Hi, Ann –\n\nYou are very welcome.", "Hi Ann,", "hi ann!", "Hello Ann. I read this twice.", "@Ann",
        "@Ann: yes",
        "@ann you are right", "Ann, thank you for this.", "ANN: thank you", "Ann – I know that.", "Dear Ann,\nyes",
        "Thank you, Ann.", "Thanks Ann for your words", "Thank you so much, Ann!", "Liebe Ann, danke",
        "Hey Ann! Me too",
    ],
)  # fmt: skip
def test_who_is_greeted_by_name_is_answered(text):
    assert under(text, "Judy", "Ann", "Michelle") == 1


@pytest.mark.parametrize(
    "text",
    [
        "Hi all, I am new here.", "Hello everyone!", "Hi there – a question", "Dear friends,", "Hi.", "Hi", "",
        "Thank you for what you do.", "Thanks so much for writing.", "I think Ann is right.", "And Ann, who said so,",
        "Annoying, is it not?", "Anna, thank you.", "Well, Ann", "Some words of mine, said quietly.",
        "Hi Ann and Judy,", "Dear Ann, Judy and Michelle, thank you.", "Thanks Ann & anybody else",
        "Hi Ann, Judy and all,",
        "Hi John, thank you for this article.", "John – this is a great text.", "Dear John Folk-Williams, thank you.",
    ],
)  # fmt: skip
def test_who_speaks_to_nobody_to_several_or_to_the_host_is_left_alone(text):
    assert under(text, "Ann", "Judy", "Michelle", HOST) is None


def test_the_latest_of_a_name_before_it_is_meant():
    assert under("Hi Ann,", "Ann", "Judy", "ann") == 2
    later = [*earlier("Ann"), Earlier(9, "Ann", None, NOON + timedelta(minutes=1))]
    assert parent_for("Hi Ann,", NOON, later)[0].pk == 0


def test_a_first_name_stands_for_a_whole_one_unless_two_have_it():
    assert under("Hi Ann,", "Ann Miller", "Judy") == 0
    assert under("Hi Ann Miller,", "Ann Miller", "Ann Smith") == 0
    assert under("Hi Ann,", "Ann Miller", "Ann Smith") is None
    assert under("Hi Ann,", "Ann Miller", "Ann") == 1
    assert under("Hi Donna-1,", "Donna-1", "Donna") == 0
    assert under("Mary Ann, thank you", "Mary", "Mary  Ann") == 1
    assert under("Hi Mary Ann,", "Mary") is None


def test_nobody_answers_themselves():
    assert under("Ann, that is my name.", "Ann", by_name="ann") is None
    mine = [Earlier(1, "Ann", 7, NOON - timedelta(hours=1))]
    assert parent_for("Hi Ann,", NOON, mine, by=7) is None
    assert parent_for("Hi Ann,", NOON, mine, by=8) is not None


def test_the_host_who_answers_a_commenter_of_the_hosts_own_first_name_means_the_commenter():
    assert under("Hi John,", "John", host="") == 0


def test_what_is_greeted_is_named_as_it_was_written():
    assert greeted_names("Hi, Ann –") == ["Ann"]
    assert parent_for("@ann you are right", NOON, earlier("Ann"))[1] == "ann"


@pytest.mark.django_db
class TestOfACard:
    @pytest.fixture
    def post(self):
        return factories.post(factories.person(HOST, "owner"))

    @pytest.fixture
    def ann(self, post):
        return factories.comment(post, author_name="Ann", created_at=NOON)

    def test_the_answer_beside_anns_comment_is_suggested_under_it_and_moves_there(self, post, ann):
        factories.comment(post, author_name="Edwin", created_at=NOON + timedelta(hours=1))
        answer = factories.comment(
            post, "Hi, Ann –\n\nThank you for writing.", author=post.author, created_at=NOON + timedelta(hours=2)
        )
        suggestion = suggested([answer])[answer.pk]
        assert (suggestion.under_id, suggestion.greeted, suggestion.under_name) == (ann.pk, "Ann", "Ann")
        moderation.move(answer.pk, suggestion.under_id, Viewer(post.author))
        answer.refresh_from_db()
        assert answer.parent_id == ann.pk
        assert suggested([answer]) == {}

    def test_html_of_an_import_is_read_too(self, post, ann):
        answer = factories.comment(
            post, "<p>Hi Ann<br>You&#8217;re right.</p>", body_format="html", created_at=NOON + timedelta(hours=1)
        )
        assert suggested([answer])[answer.pk].under_id == ann.pk

    def test_only_what_everybody_can_read_below_the_same_article_and_not_long_ago_counts(self, post, ann):
        other = factories.post()
        late = NOON + timedelta(days=100)
        assert suggested([factories.comment(other, "Hi Ann,", created_at=NOON + timedelta(hours=1))]) == {}
        assert suggested([factories.comment(post, "Hi Ann,", created_at=late)]) == {}
        factories.comment(post, author_name="Judy", status="pending", created_at=NOON)
        assert suggested([factories.comment(post, "Hi Judy,", created_at=NOON + timedelta(hours=1))]) == {}

    def test_a_page_of_cards_asks_twice_and_without_a_greeting_not_at_all(self, post, ann, django_assert_num_queries):
        plain = [factories.comment(post, "Something else.") for _ in range(3)]
        greeting = [factories.comment(post, "Hi Ann,", created_at=NOON + timedelta(hours=n)) for n in range(1, 21)]
        with django_assert_num_queries(0):
            suggested(plain)
        with django_assert_num_queries(2):
            assert len(suggested(greeting)) == 20
