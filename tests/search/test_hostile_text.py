"""Nothing that a person types or stores makes a database complain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from storied import search
from storied.search.documents import Document
from tests.search.conftest import NEW_YEAR

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
TRICKY = [
    '"', "'", "''", "“", "*", "-", "--", "- ", " -", ":", "::", "^", "(", ")", "{", "}", "+", "<->", "&", "|", "!",
    "!!", "%", "%s", "%%", "%(a)s", "\\", "\\'", "NEAR", "NEAR(", "AND", "OR", "NOT", "frost", "the", "title:", "words",
    "\x00", "\ud800", "\udfff", "\ue000", "\ue001", "\ufeff", "\u0301", "\u200d", "İ", "ß", "日本", "हिन्दी", "é", "🙂",
    "\n", "\t", " ", "0", "1e5", "-1", "3.14", "a@b.example", "http://x.example/?q=1", "<b>", "&amp;", ";", "$1", "?",
]  # fmt: skip
LIKE_OPERATORS = st.lists(st.sampled_from(TRICKY), max_size=30).map("".join)


def a_document(body: str) -> Document:
    return Document("comment", 1, 1, body, body, f"{body} frost", NEW_YEAR)


@pytest.fixture
def frost(db):
    search.index([a_document("the")])


@pytest.mark.parametrize(
    "typed",
    [
        '"', "it's", "foo-bar", "a:b", "*", "frost*", '"frost*', "NEAR", "NEAR(frost the, 5)", "title:frost",
        "frost AND", "OR", "NOT frost", "(frost", "^frost", "frost + the", "{title body}: frost", "\x00", "fr\x00ost",
        "\ud800", "frost\udfff", "x" * 10_000, "frost " * 2_000, '"' * 10_000, "the", "the of and", "-frost",
        "-the", '-"the frost"', "%s", "%(x)s", "\\", "'; DROP TABLE search_searchdocument; --", "frost:*", "!frost",
        "frost <-> the", "frost & | the", "\u0301", "\u0301frost*", "-frost*", "the*", "'frost'*", "\\'frost*",
        "\U0001fae8", "\U00031350", "İ*", "ﬁ*", "１２*", "e\u0301*",
    ],
)  # fmt: skip
def test_no_text_raises(frost, typed):
    results = search.query(typed)
    assert results.total == len(results.hits) <= 1


def test_a_text_full_of_operators_still_finds_its_word(frost):
    for typed in (
        "frost)",
        '"frost',
        "(frost",
        "^frost",
        "frost:",
        "frost;--",
        "{frost}",
        "'frost'",
        "+frost",
        "frost*",
    ):
        assert search.query(typed).total == 1, typed


class TestAnyText(TestCase):
    """In a class, because each example then runs in a transaction of its own."""

    @settings(deadline=None, max_examples=200)
    @given(ANY_TEXT | LIKE_OPERATORS)
    def test_no_text_raises_when_typed(self, text):
        search.index([a_document("the")])
        results = search.query(text)
        assert results.total == len(results.hits) <= 1

    @settings(deadline=None, max_examples=200)
    @given(ANY_TEXT | LIKE_OPERATORS, ANY_TEXT | LIKE_OPERATORS)
    def test_no_text_raises_when_stored(self, body, typed):
        search.index([a_document(body)])
        (hit,) = search.query("frost").hits
        assert any(is_match for _, is_match in hit.snippet)
        search.query(typed)
        search.remove("comment", [1])
        assert search.query("frost").hits == []
