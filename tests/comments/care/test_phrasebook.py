"""How phrase sets are written, and what is refused."""

import pytest

from comments.care.grammar import LANGUAGES, PhraseError, digest, read, shipped
from comments.care.matching import look
from comments.care.phrasebook import book

pytestmark = pytest.mark.once


def found(phrases, text):
    return [one.words for one in look(text, [("xx", book(phrases))])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_sets_can_be_read(language):
    assert len(read(shipped(language)).phrases) > 100
    assert found(shipped(language), "Words about the weather and a walk along the river.") == []


def test_a_language_without_a_set_has_an_empty_one():
    assert shipped("xx") == ""
    assert found("", "I want to die") == []


@pytest.mark.parametrize(
    ("phrases", "text", "words"),
    [
        ("kill|hang myself", "to hang myself", ["hang myself"]),
        ("want (to) die", "want die. want to die", ["want die", "want to die"]),
        ("suicid*", "suicidally", ["suicidally"]),
        ("pills ... table", "the pills are on the table", ["pills are on the table"]),
        ("pills ... table", "the pills. The table", []),
        ("pills ... table", "the pills you see on the old table", []),
        ("not: not\npills ... table", "pills are not table", []),
        ("^ want to die", "I want to die. Want to die", ["Want to die"]),
        ("die\n- die laughing", "die laughing, die", ["die"]),
        ("not: not\nbetween: going, to\ndie", "not going to die. to die", ["die"]),
        ("not: not\nnot really: not only\ndie", "not only die", ["die"]),
        ("filler: just\nwant die", "want just die", ["want just die"]),
        ("same: ae=a\nbär", "Baer", ["Baer"]),
        ("misspelt: suicide\nsuicide", "sucide siucide suicides uicide", ["sucide", "siucide", "suicides"]),
        ("self-harm", "self harm, self-harm", ["self harm", "self-harm"]),
        ("don't go", "dont go. Don’t go", ["dont go", "Don't go"]),
        ("умереть", "Хочу УМЕРЕТЬ", ["УМЕРЕТЬ"]),
        ("die", "I want to dіе", ["die"]),  # with Cyrillic і and е
    ],
)
def test_the_grammar(phrases, text, words):
    assert found(phrases, text) == words


@pytest.mark.parametrize(
    ("phrases", "why"),
    [
        ("(to) die", "begins with a word"),
        ("... die", "begins with a word"),
        ("die ...", "ends with a word"),
        ("a ... b ... c ... d", "at most 2 gaps"),
        ("a (b) (c) (d) (e) f", "at most 3 words"),
        ("a b c d e f g h i j k l m", "at most 12"),
        ("|".join(f"w{n}" for n in range(61)), "at most 60"),
        ("kill||myself", "empty choice"),
        ("ab*", "three letters"),
        ("die (", "is no word"),
        (".*", "is no word"),
        ("-", "it has no word"),
        ("nothing: here", "there is no list"),
        ("same: a", "are written like"),
        ("same: a=ae", "are written like"),
        ("filler: so\nso sad", "read over"),
        ("filler: so\nnot: not so", "read over"),
        ("x\n" * 3_001, "at most 3,000 lines"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(phrases, why):
    with pytest.raises(PhraseError, match=why):
        read(phrases)


def test_a_refusal_names_the_line():
    with pytest.raises(PhraseError, match=r"Line 3, “\(to\) die”"):
        read("# a remark\nfine\n(to) die")


def test_line_ends_make_no_other_set():
    assert digest("a\r\nb \n") == digest("a\nb")
    assert digest("a") != digest("b")
