"""A few lines around the matches, as plain text in parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storied.search.snippets import WIDTH, matches, snippet

pytestmark = pytest.mark.once


def test_marks_are_told_from_the_text():
    assert matches("late \ue000frost\ue001 and \ue000frost\ue001") == ("late frost and frost", [(5, 10), (15, 20)])


def test_a_vowel_sign_after_a_match_belongs_to_it():
    text, spans = matches("\ue000हिन्द\ue001ी भाषा")
    assert [text[a:b] for a, b in spans] == ["हिन्दी"]


def test_a_short_text_is_shown_whole():
    assert snippet("late frost again", [(5, 10)]) == (("late ", False), ("frost", True), (" again", False))


def test_without_a_match_the_beginning_is_shown():
    (words, is_match), *others = snippet("word " * 200, [])
    assert not others
    assert not is_match
    assert words.startswith("word word")
    assert words.endswith("word …")


def test_markup_in_a_text_stays_text():
    assert snippet("<b>frost</b>", [(3, 8)]) == (("<b>", False), ("frost", True), ("</b>", False))


def test_a_match_far_into_the_text_is_shown_with_words_around_it():
    before, after = "early " * 100, " later" * 100
    text = f"{before}frost{after}"
    parts = snippet(text, [(len(before), len(before) + 5)])
    assert ("frost", True) in parts
    assert parts[0][0].startswith("… early ")
    assert parts[-1][0].endswith(" later …")


def test_the_place_with_most_matches_is_chosen():
    gap = "word " * 100
    text = f"frost {gap}frost frost frost"
    spans = [(start, start + 5) for start in range(len(text)) if text.startswith("frost", start)]
    assert sum(is_match for _, is_match in snippet(text, spans)) == 3


def test_an_empty_text_has_no_parts():
    assert snippet("", []) == ()


@given(st.text("ab \u0301日", max_size=900), st.lists(st.tuples(st.integers(0, 900), st.integers(1, 300))))
def test_parts_are_a_short_piece_of_the_text_and_marks_keep_their_places(text, wishes):
    spans, reached = [], -1
    for start, length in sorted(wishes):
        if start > reached and start + length <= len(text):
            spans.append((start, start + length))
            reached = start + length
    parts = snippet(text, spans)
    shown = "".join(words for words, _ in parts).removeprefix("… ").removesuffix(" …")
    assert shown in text
    assert len(shown) <= WIDTH
    assert {words for words, is_match in parts if is_match} <= {text[a:b] for a, b in spans}
