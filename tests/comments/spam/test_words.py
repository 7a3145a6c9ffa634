"""Watched words: whole words in any script, phrases, endings; and no list or text that makes them slow."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.spam import words
from comments.spam.words import UnfitWords, checked_lines, found

pytestmark = pytest.mark.once


def said(text, lines, language=""):
    return [match.words for match in found(text, ((language, "hold", lines),))]


@pytest.mark.parametrize(
    ("lines", "text", "matches"),
    [
        ("killed", "She is skilled.", []),
        ("killed", "KILLED's", ["killed"]),
        ("killed", "_killed_, he wrote", ["killed"]),
        ("killed", "ki\u200blled and ki\u00adlled", ["killed"]),
        ("killed", "ｋｉｌｌｅｄ", ["killed"]),
        ("miracle cure", "A Miracle\n  cure!", ["miracle cure"]),
        ("miracle cure", "cure the miracle", []),
        ("self harm", "self-harm", ["self harm"]),
        ("casino*", "Casinos and casino-hotels", ["casinos"]),
        ("casino*", "occasional", []),
        ("payday loan*", "Payday loans!", ["payday loans"]),
        ("straße", "STRASSE", ["strasse"]),
        ("café", "cafe", []),
        ("café", "cafe\u0301", ["café"]),
        ("自殺", "彼は自殺した", ["自殺"]),
        ("อยากตาย", "ฉันอยากตายแล้ว", ["อยากตาย"]),
        ("आत्महत्या", "वह आत्महत्या करे", ["आत्महत्या"]),
        ("आत्महत्या", "आत्महत्याओं", []),
        ("קזינו", "הקזינו", []),
        ("🎰", "win 🎰 now", ["🎰"]),
        ("c++", "I like C++", ["c++"]),
        ("a.b", "a.b", ["a b"]),
        (".*", "anything", []),
    ],
)
def test_what_is_found(lines, text, matches):
    assert said(text, lines) == matches


def test_turkish_letters_are_folded_as_in_turkish():
    assert said("ISIRIK", "ısırık", "tr") == ["ısırık"]
    assert said("ISIRIK", "ısırık", "en") == []


def test_each_line_is_named_once_with_what_is_done_about_it():
    lists = (("en", "hold", "cure*\ncures"), ("de", "spam", "kasino"))
    matches = found("Cures, cures, and the Kasino", lists)
    assert [(m.action, m.line, m.words) for m in matches] == [
        ("hold", "cure*", "cures"), ("hold", "cures", "cures"), ("spam", "kasino", "kasino"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("*", "no letters"), ("...", "no letters"), ("ab*", "fewer than 3"), ("x*y", "not at the end"),
        ("*cure", "not at the end"), ("a " * 11, "more than 10 words"), ("x" * 101, "longer than"),
    ],
)  # fmt: skip
def test_lines_that_cannot_be_watched_for_are_refused_in_words(line, problem):
    with pytest.raises(UnfitWords, match=problem):
        checked_lines(f"fine\n{line}")


def test_a_list_is_stored_without_doubles_and_blanks():
    assert checked_lines("  miracle   cure \n\ncasino\ncasino\r\n") == "miracle cure\ncasino"
    with pytest.raises(UnfitWords, match="2,001 lines"):
        checked_lines("\n".join(f"word{number}" for number in range(words.MOST_LINES + 1)))


@pytest.mark.parametrize(
    "text",
    [
        "a " * 5_000,
        "a" * 10_000,
        "aaaaaaa* " * 1_200,
        "word1 thin " * 900,
        "\u0301" * 10_000,
        "自" * 10_000,
        "(((" * 3_000,
    ],
)
def test_no_text_of_ten_thousand_characters_takes_long(text):
    lines = "\n".join(["aaa*", "a a a a a a a a a b", *(f"word{number} thing*" for number in range(1_900))])
    lists = (("", "hold", lines), ("ja", "spam", "自自自自自自自自自殺"))
    found("", lists)
    started = time.process_time()
    found(text, lists)
    assert time.process_time() - started < 0.25  # measured: 20 ms


@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_and_any_line_are_either_refused_or_looked_for(text, line):
    try:
        lines = checked_lines(line)
    except UnfitWords:
        return
    found(text, (("", "hold", lines),))
    if lines and "*" not in lines:
        assert [m.line for m in found(f"before {lines} after", (("", "hold", lines),))] == sorted(lines.splitlines())
