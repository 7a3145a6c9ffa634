"""How two versions differ: clause by clause, and inside a clause word by word."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments import guidelines
from comments.guidelines import Clause, source
from comments.guidelines.differences import word_by_word


def marked(old, new):
    signs = {"same": "{}", "old": "[-{}-]", "new": "[+{}+]"}
    return "".join(signs[piece.kind].format(piece.text) for piece in word_by_word(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Be kind.", "Be kind.", "Be kind."),
        ("Be kind.", "Be kind, always.", "Be [-kind.-][+kind, always.+]"),
        ("A sentence. The end.", "A sentence. One more. The end.", "A sentence. [+One more. +]The end."),
        ("A sentence. One more. The end.", "A sentence. The end.", "A sentence. [-One more. -]The end."),
        ("The end.", "The end. And more.", "The end. [+And more.+]"),
        ("", "All of it.", "[+All of it.+]"),
        ("All of it.", "", "[-All of it.-]"),
        ("", "", ""),
        # A word that stays between two changes is read as part of them, not as confetti.
        ("We ask you to be brief.", "They ask you to be so.", "[-We -][+They +]ask you to be [-brief.-][+so.+]"),
        ("one two three", "four two five", "[-one two three-][+four two five+]"),
        ("A line.\n\nAnother.", "A line.\n\nOne more.\n\nAnother.", "A line.\n\n[+One more.\n\n+]Another."),
        ("עברית בטקסט", "עברית חדשה בטקסט", "עברית [+חדשה +]בטקסט"),
    ],
)  # fmt: skip
def test_words_are_marked(old, new, said):
    assert marked(old, new) == said


WORDS = st.lists(st.sampled_from(["a", "b", "c", "die", "das", "<b>", "&amp;", "שלום"]), max_size=40).map(" ".join)


@given(WORDS, WORDS)
def test_without_the_marks_both_texts_are_there(old, new):
    pieces = word_by_word(old, new)
    assert " ".join(p.text for p in pieces if p.kind != "new").split() == old.split()
    assert " ".join(p.text for p in pieces if p.kind != "old").split() == new.split()
    assert all(one.kind != other.kind for one, other in pairwise(pieces))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b " * 2_500, "b a c " * 1_600),
        (" ".join(map(str, range(2_000))), " ".join(map(str, range(1_999, -1, -1)))),
        ("x " * 5_000, "x " * 4_000 + "y"),
        ("a" * 10_000, "b" * 10_000),
    ],
)
def test_texts_made_to_be_slow_are_compared_in_good_time(old, new):
    before = time.process_time()
    pieces = word_by_word(old, new)
    assert time.process_time() - before < 2
    assert " ".join(p.text for p in pieces if p.kind != "new").split() == old.split()


@pytest.mark.django_db
class TestClauses:
    def test_each_says_what_became_of_it(self):
        old = guidelines.publish(
            [
                Clause("kind", "Be kind", "Be kind."), Clause("links", "Links", "Few links."),
                Clause("old", "Old", "Gone soon."), Clause("last", "The last", "Stays."),
            ],
            introduction="Welcome.",
        )  # fmt: skip
        new = guidelines.publish(
            [
                Clause("kind", "Be very kind", "Be kind."), Clause("fresh", "Fresh", "New here."),
                Clause("last", "The last", "Stays."), Clause("links", "Links", "Few\nlinks."),
            ],
            introduction="Be welcome.",
        )  # fmt: skip
        difference = guidelines.between(old, new)
        assert [(change.clause.key, change.kind, change.is_renumbered) for change in difference.changes] == [
            ("kind", "changed", False), ("fresh", "new", False), ("last", "unchanged", True),
            ("links", "unchanged", True), ("old", "removed", False),
        ]  # fmt: skip
        assert difference.counts == [("new", 1), ("changed", 1), ("removed", 1), ("unchanged", 2)]
        assert [change.clause.key for change in difference.told] == ["kind", "fresh", "old"]
        assert [(piece.kind, piece.text) for piece in difference.introduction] == [
            ("old", "Welcome."), ("new", "Be welcome."),
        ]  # fmt: skip
        assert not difference.is_empty

    def test_the_same_words_in_the_same_order_are_no_difference(self):
        clauses = [Clause("kind", "Be kind", "Be kind."), Clause("links", "Links", "Few links.")]
        old, same = guidelines.publish(clauses), guidelines.publish(clauses)
        turned = guidelines.publish(clauses[::-1])
        assert guidelines.between(old, same).is_empty
        assert not guidelines.between(old, turned).is_empty
        assert guidelines.between(old, turned).told == []

    def test_against_nothing_all_is_new(self):
        version = guidelines.publish([Clause("kind", "Be kind", "Be kind.")], introduction="Welcome.")
        assert guidelines.between(None, version).counts == [("new", 1)]


# --- As one text ---------------------------------------------------------------------------------------------

LINE = st.from_regex(r"[A-Za-zÀ-ÿא-ת0-9{}#*._-][A-Za-zÀ-ÿא-ת0-9 {}#*._-]{0,20}", fullmatch=True).map(
    lambda line: " ".join(line.split())
)
TITLE = LINE.filter(lambda line: not line.endswith("}"))
POINT = LINE.filter(lambda line: not source.looks_like_a_heading(line))
BODY = st.lists(POINT, max_size=4).map("\n\n".join)
CLAUSES = st.lists(
    st.builds(Clause, st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True), TITLE, POINT, BODY), max_size=4
)


@given(BODY, CLAUSES)
def test_what_is_written_as_one_text_is_read_as_the_same(introduction, clauses):
    assert source.read(source.write(introduction, clauses)) == (introduction, clauses)


def test_a_text_as_people_type_it_is_read():
    text = "Welcome.\n\n##  Be kind  {#kind}\nWrite to\nthe person.\n \nMore.\n\n### Inside\n\n## Links\nFew."
    text = text.replace("\n", "\r\n")
    assert source.read(text) == (
        "Welcome.",
        [
            Clause("kind", "Be kind", "Write to the person.", "More.\n\n### Inside"),
            Clause("", "Links", "Few."),
        ],
    )
    assert source.read("") == ("", [])
    assert source.read("## {#kind}")[1] == [Clause("kind", "", "")]
    assert source.read(source.write("", [Clause("kind", "Be kind", "", "")]))[1] == [Clause("kind", "Be kind", "")]
