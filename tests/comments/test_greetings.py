"""A greeting without a name reads on; what greets nobody of that name is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.greetings import without_name

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Hi Judy, how are you?", "Hi, how are you?"),
        ("Hi, Judy! How are you?", "Hi! How are you?"),
        ("hello judy\nI read this twice.", "hello\nI read this twice."),
        ("Dear Judy,\n\nthank you.", "Dear reader,\n\nthank you."),
        ("Thank you so much Judy, for this.", "Thank you so much, for this."),
        ("@Judy that is what I meant", "That is what I meant"),
        ("Judy, you are not alone.", "You are not alone."),
        ("Judy – yes.", "Yes."),
        ("**Judy**, yes.", None),
        ("Welcome, Judy! Stay as long as you like.", "Welcome! Stay as long as you like."),
        ("Welcome back Judy, how was it?", "Welcome back, how was it?"),
        ("Herzlich willkommen, Judy.", "Herzlich willkommen."),
        ("Oh Judy, I know.", "Oh, I know."),
        ("Hallo Judy, schön.", "Hallo, schön."),
    ],
)
def test_the_name_goes_from_the_greeting(text, without):
    assert without_name(text, "Judy") == without


@pytest.mark.parametrize(
    "text",
    [
        "I told my friend Judy about it.",
        "Hi all, hello.",
        "Hi Judy and Michelle, hello.",
        "Hi Judith, hello.",
        "Welcome to all, Judy too.",
        "Oh, and Judy said so.",
        "Judy",
        "",
        "I know what you mean, Judy.",
    ],
)
def test_what_does_not_greet_her_alone_is_left(text):
    assert without_name(text, "Judy") is None


def test_a_first_name_is_enough_to_be_greeted_by():
    assert without_name("Hi Ann, hello.", "Ann Miller") == "Hi, hello."
    assert without_name("Hi Anna, hello.", "Ann Miller") is None


@given(st.text(max_size=200), st.text(min_size=1, max_size=30))
def test_any_text_ends_as_it_did_but_for_the_name(text, name):
    changed = without_name(text, name)
    assert changed is None or (changed and changed[-1].casefold() == text[-1].casefold())
