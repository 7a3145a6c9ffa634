"""What is found in texts, what is left out, how often that is wrong, and what it costs."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.care.grammar import shipped
from comments.care.matching import explain, look
from comments.care.phrasebook import book

from . import evaluation

pytestmark = pytest.mark.once

EN, DE = (("en", book(shipped("en"))),), (("de", book(shipped("de"))),)
BOTH = EN + DE


def found(text, books=BOTH):
    return [one.words for one in look(text, books)]


def left_out(text, books=EN):
    return {one.left_out for one in explain(text, books)} - {""}


# --- Measured -------------------------------------------------------------------------------------------------

# Most misses and false alarms of each part, as comments/care/README.md reports them.
BARS = {
    "en": {"tuned": (5, 0), "held out": (9, 1), "second": (13, 0), "third": (15, 1)},
    "de": {"tuned": (2, 0), "held out": (3, 1), "second": (2, 0), "third": (6, 1)},
}


@pytest.mark.parametrize("language", BARS)
def test_the_shipped_phrases_are_no_oftener_wrong_than_is_reported(language):
    for part, count in evaluation.counts(language).items():
        missed, false_alarms = BARS[language][part]
        assert (count.missed, count.false_alarms) <= (missed, false_alarms), part
        assert count.missed <= missed, part
        assert count.false_alarms <= false_alarms, part


@pytest.mark.parametrize(("language", "most"), [("en", 200), ("de", 150)])
def test_enough_sentences_were_labelled_each_once(language, most):
    texts = [sentence.text for sentence in evaluation.sentences(language)]
    assert len(texts) >= most
    assert len(texts) == len(set(texts))


def test_the_report_has_the_counts_of_today():
    from pathlib import Path

    from comments import care

    report = (Path(care.__file__).parent / "README.md").read_text("utf-8")
    for language, name in evaluation.LANGUAGES.items():
        for part, count in evaluation.counts(language).items():
            row = next(line for line in report.splitlines() if line.startswith(f"| {name} | {part} |"))
            numbers = [int(cell.split()[0]) for cell in row.split("|")[3:7]]
            assert numbers == [count.concern, count.missed, count.harmless, count.false_alarms], row


# --- Words, their spelling and what stands around them ----------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "She is a skilled gardener.",
        "The skills I learned myself.",
        "I killed the weeds myself.",
        "I want to diet.",
        "We were overkilled myself included",
    ],
)
def test_whole_words_count(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "I WANT TO DIE",
        "i want to die",
        "I  want\nto   die",
        "I wànt tö díe",
        "I want to d\u200bie",
        "I w\u00adant to die",
        "Ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "𝐈 𝐰𝐚𝐧𝐭 𝐭𝐨 𝐝𝐢𝐞",
        "I wаnt tо diе",  # Cyrillic а, о, е
        "I *want* to **die**",
        "I want to d1e",
        "I w@nt to die",
        "I want to diiiiie",
        "I want to d.i.e",
        "I want to d i e",
        "I’m okay. I want to die",
        "I really, really just want to die",
    ],
)
def test_disguises_and_typography_make_no_difference(text):
    assert len(found(text)) == 1


def test_umlauts_may_be_written_in_every_way():
    for text in ("Ich möchte sterben", "Ich moechte sterben", "Ich mo\u0308chte sterben", "ICH MÖCHTE STERBEN"):
        assert found(text, DE), text


@pytest.mark.parametrize(
    "text",
    [
        "I am not going to kill myself",
        "I’m not gonna kill myself",
        "I would never, ever kill myself",
        "I have no plans to kill myself",
        "I don't think I will kill myself",
        "Nobody here wants to kill themselves",
    ],
)
def test_what_is_denied_is_left_out(text):
    assert found(text, EN) == []


@pytest.mark.parametrize(
    "text",
    [
        "I can't stop thinking about killing myself",
        "Not gonna lie, I want to die",
        "I'm not okay and I want to kill myself",
        "I am not. I want to kill myself",
        "I don't know if I can keep from killing myself",
        "No, I want to kill myself",
        "I’m not happy, I want to die",
    ],
)
def test_a_denial_of_something_else_leaves_nothing_out(text):
    assert found(text, EN)


def test_others_words_are_left_out_and_ones_own_thoughts_are_not():
    assert left_out("He said 'I want to die'") == {"somebody else’s words"}
    assert left_out("She wrote: “I want to die”, and left.") == {"somebody else’s words"}
    assert left_out("My friend said I want to die") == {"somebody else’s words"}
    assert found("> I want to die\n\nHow are you today?") == []
    assert found('I keep telling myself "I want to die"')
    assert found('"I want to die"')
    # An apostrophe opens no quotation.
    assert found("My parents' house is empty and 'cause of that I want to die, the neighbours' too")


def test_names_of_works_and_stories_are_left_out():
    assert left_out("I listened to I Want To Die in New Orleans") & {"the name of a work", "a phrase that is not meant"}
    assert left_out("On page nine of this novel, after the ball, she wants to kill herself") == {"a story"}
    assert found("She wants to kill herself", EN)
    assert found("I Want To Die And I Write Like This")


def test_a_longer_phrase_counts_although_a_part_of_it_is_not_meant():
    assert found("I tried to kill myself in 1999", EN) == []
    assert found("I tried to kill myself last night", EN)
    assert found("I almost died: I was killing myself laughing", EN) == []


def test_a_find_says_what_was_written_and_which_line_found_it():
    [one] = look("Well. I want,  to\ndie!", EN)
    assert (one.words, one.language, one.left_out) == ("I want, to die", "en", "")
    assert shipped("en").splitlines()[one.line - 1] == one.phrase


def test_a_text_in_two_languages_is_read_with_both():
    assert {one.language for one in look("I want to die. Ich will sterben.", BOTH)} == {"en", "de"}


# --- What it costs ----------------------------------------------------------------------------------------------

LONGEST = 10_000
MOST_SECONDS = 0.020
VOCABULARY = [word for _language, made in BOTH for word in made.codes]

PATTERNS = [
    *("i want to die ", "kill myself ", "kill myself laughing ", "not going to kill myself ", "he wants to die "),
    *("I Want To Die ", '"i want to die" ', "'kill myself' ", "'a ", '"a ', "a ", "d i e ", "k*ll ", "su1c1d3 ", "a1 "),
    *("\u200b", "é", "ﷺ", "kiiiill ", "i want, ", ">\n", "\n\n", "ich will mich nicht ", "mich ich will umbringen "),
    *("want ", "myslef ", "he wants to kill himself in a film ", "i hope i dont ", "pills a b c ", "👩‍"),
    *("*", "'", '"', ".", "a*", "aа", "aа "),  # with a Cyrillic а
]  # fmt: skip


def hostile_texts():
    chance = random.Random(1)
    yield from ((pattern * LONGEST)[:LONGEST] for pattern in PATTERNS)
    yield "a" * LONGEST
    yield " ".join(chance.choice(VOCABULARY) for _ in range(LONGEST // 3))[:LONGEST]
    for middle in ("", "*", "1"):
        yield " ".join(f"{chr(97 + n % 26)}{middle}{n:x}" for n in range(LONGEST // 3))[:LONGEST]


def seconds(text):
    """CPU time of this thread, the best of a few."""
    best = float("inf")
    for _ in range(5):
        start = time.thread_time()
        look(text, BOTH)
        best = min(best, time.thread_time() - start)
        if best < MOST_SECONDS / 2:
            break
    return best


def test_no_hostile_text_of_the_longest_length_takes_long():
    slow = {text[:30]: spent for text in hostile_texts() if (spent := seconds(text)) > MOST_SECONDS}
    assert slow == {}


@given(st.lists(st.sampled_from([*VOCABULARY, ",", ".", '"', "'", "\n\n", "xq", "I", "“", "*", ">"]), max_size=60))
def test_no_text_of_known_words_is_a_fault(words):
    for one in explain(" ".join(words), BOTH):
        assert one.words


@given(st.text(max_size=400))
def test_no_text_at_all_is_a_fault(text):
    look(text, BOTH)
