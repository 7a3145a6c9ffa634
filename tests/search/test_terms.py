"""What a person typed is taken apart, and nothing of it is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storied.search.terms import LONGEST_QUERY, MOST_TERMS, Term, parse

pytestmark = pytest.mark.once


def words(*texts: str) -> tuple[Term, ...]:
    return tuple(Term(tuple(text.split())) for text in texts)


def test_every_word_is_wanted():
    assert parse("frost  lavender").wanted == words("frost", "lavender")


def test_a_phrase_stays_together():
    assert parse('"late frost" lavender').wanted == words("late frost", "lavender")


def test_a_phrase_may_stand_in_typographic_quotes():
    assert parse("“late frost” lavender") == parse('"late frost" lavender')


def test_a_phrase_that_is_never_closed_ends_with_the_text():
    assert parse('lavender "late frost').wanted == words("lavender", "late frost")


@pytest.mark.parametrize("typed", ["lavender -frost", "-frost lavender"])
def test_a_word_after_a_minus_is_unwanted(typed: str):
    terms = parse(typed)
    assert terms.wanted == words("lavender")
    assert terms.unwanted == words("frost")


def test_a_phrase_after_a_minus_is_unwanted():
    assert parse('lavender -"late frost"').unwanted == words("late frost")


def test_a_hyphen_inside_a_word_is_no_minus():
    assert parse("foo-bar").wanted == words("foo bar")
    assert parse("lavender - frost").unwanted == ()


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("it's", "it s"), ("a:b", "a b"), ("example.com", "example com"), ("foo_bar", "foo bar"), ("3.14", "3 14")],
)
def test_signs_inside_a_word_part_it_into_a_phrase(typed: str, wanted: str):
    assert parse(typed).wanted == words(wanted)


@pytest.mark.parametrize(
    "typed", ["", "   ", '"', '""', "*", "-", "--", "()", "^:!", "\x00", "\ud800", "\u0301", "-frost"]
)
def test_text_that_asks_for_nothing_is_empty(typed: str):
    assert not parse(typed)


def test_operators_of_the_databases_are_words():
    assert parse("frost OR NEAR").wanted == words("frost", "OR", "NEAR")
    assert parse("a AND b").wanted == words("a", "AND", "b")


def test_an_asterisk_after_the_last_word_asks_for_its_beginning():
    assert parse("frost laven*").wanted == (Term(("frost",)), Term(("laven",), is_beginning=True))


@pytest.mark.parametrize("typed", ["laven* frost", "l*", '"laven*"'])
def test_an_asterisk_elsewhere_or_after_one_letter_means_nothing(typed: str):
    assert not any(term.is_beginning for term in parse(typed).wanted)


def test_stop_words_are_left_out_beside_others():
    assert parse("what is the frost", "english").wanted == words("frost")
    assert parse("frost -the", "english").unwanted == ()


def test_stop_words_alone_are_asked_for():
    assert parse("to be", "english").wanted == words("to", "be")


def test_stop_words_of_english_are_words_in_other_languages():
    assert parse("die frost", "german").wanted == words("die", "frost")
    assert parse("was frost", "german").wanted == words("was", "frost")


@pytest.mark.parametrize("typed", ["garden's", "garden’s"])
def test_an_english_possessive_asks_for_the_word(typed: str):
    assert parse(typed, "english").wanted == words("garden")


def test_accents_typed_in_two_characters_are_composed():
    assert parse("cafe\u0301").wanted == words("café")


def test_a_word_twice_is_asked_for_once():
    assert parse("frost frost").wanted == words("frost")


def test_a_long_text_is_cut_between_words():
    text = "frost " + "lavender" * 30
    assert parse(text).wanted == words("frost")


def test_a_single_endless_word_is_cut():
    assert parse("x" * 10_000).wanted == words("x" * LONGEST_QUERY)


def test_only_the_first_terms_count():
    assert len(parse(" ".join(f"w{number}" for number in range(30))).wanted) == MOST_TERMS


@given(st.text(st.characters(exclude_categories=())))
def test_terms_hold_letters_digits_and_marks_alone(text: str):
    terms = parse(text, "english")
    for term in terms.wanted + terms.unwanted:
        assert term.words
        assert not set("".join(term.words)) & set(" \"'*-:^(){}\\\x00\ud800")
