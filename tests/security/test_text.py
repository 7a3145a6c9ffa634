"""What cannot be seen, printed or stored, in names and texts; and what has to survive byte for byte."""

import unicodedata

import pytest

from comments import rendering
from comments.conf import Rules
from comments.forms import CommentForm
from posts.rendering import beginning, plain_text
from storied.accounts import names
from storied.text import clean_line, clean_text, is_blank, whole_number

pytestmark = pytest.mark.once

INVISIBLE = [
    *("\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180e", "\u180f", "\u200b", "\u200c"),
    *("\u200d", "\u200e", "\u200f", "\u2028", "\u2029", "\u202f", "\u205f", "\u2060", "\u2061", "\u2065", "\u206a"),
    *("\u2800", "\u3000", "\u3164", "\ufe00", "\ufe0f", "\ufeff", "\uffa0", "\ufff0", "\ufffc", "\u00a0", "\u0085"),
    *("\u1680", "\u2003", "\U000e0001", "\U000e0041", "\U000e0100", "\U0001bca0", "\U0001d159", "\U0001d173"),
    *("\x00", "\x07", "\x1b", "\x7f", "\u202e", "\u2066", "\ufffe", "\U0001ffff", "\ud800"),
]
DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("character", INVISIBLE, ids=lambda c: f"U+{ord(c):04X}")
def test_a_name_or_text_of_invisible_characters_is_blank(character):
    assert names.is_empty(character * 5)
    assert names.is_empty(f" {character}\t{character} ")
    assert is_blank(clean_text(character * 5)), "as a text"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("7", 7), ("007", 7), ("9" * 18, 10**18 - 1), ("9" * 19, None), ("1" * 5_000, None), ("", None),
        (None, None), ("-1", None), ("+1", None), ("1e3", None), (" 1", None), ("1_0", None), ("²", None), ("٣", None),
    ],
)  # fmt: skip
def test_a_number_in_a_request_is_one_of_ascii_digits_that_a_column_can_hold(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize("mark", ["\u0301", "\u20dd", "\u0e47"], ids=lambda c: f"U+{ord(c):04X}")
def test_marks_upon_nothing_are_no_name(mark):
    assert names.is_empty(mark * 3)


@pytest.mark.parametrize(
    "character", [*DIRECTION, "\x00", "\x08", "\x1b", "\x7f", "\x85", "\ufeff", "\ud800", "\ufdd0"]
)
def test_controls_and_overrides_of_direction_are_cut_from_texts_and_names(character):
    assert clean_text(f"a{character}b") in {"ab", "a b"}
    assert clean_line(f"a{character}b") in {"ab", "a b"}


@pytest.mark.parametrize("character", DIRECTION, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.parametrize("body_format", ["markdown", "html"])
def test_overrides_of_direction_do_not_come_back_as_entities(character, body_format):
    from bleach._vendor import html5lib

    for spelling in (f"&#{ord(character)};", f"&#x{ord(character):x};", f"&#X0{ord(character):X};"):
        html = rendering.body_html(clean_text(f"Pay {spelling}evil"), body_format)
        read = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
        assert character not in "".join(read.itertext())


@pytest.mark.parametrize("body_format", ["markdown", "html"])
def test_no_entity_becomes_a_character_that_xml_or_a_database_refuses(body_format):
    for number in [*range(32), *range(127, 160), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x10FFFF, 0x110000]:
        for spelling in (f"&#{number};", f"&#x{number:x};", f"&#{number} "):
            html = rendering.body_html(clean_text(f"a{spelling}b"), body_format)
            for text in (html, plain_text(html), beginning(html)):
                text.encode()
                assert "\x00" not in text


def test_a_tower_of_marks_is_cut_to_eight():
    tower = "a" + "\u0300\u0489\u20d2" * 500 + "b"
    cut = clean_text(tower)
    assert sum(unicodedata.combining(c) > 0 or unicodedata.category(c) == "Me" for c in cut) == 8
    assert cut.endswith("b")


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇺🇦",
        "e\u0301 nfd and é nfc",
        "עברית עם ניקוד שָׁלוֹם",
        "العربية مع تشكيل مُحَمَّد",
        "हिन्दी क्षत्रिय த‌மிழ் ไทยก้",
        "日本語 한국어 中文 𠜎𠜱",
        "می‌خواهم",
        "Tiếng Việt ờ ễ ậ",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ‹quotes› — dashes…",
        "a\tb\nc",
    ],
)
def test_real_text_survives_byte_for_byte(text):
    assert clean_text(text) == text


def guest_form(**fields):
    data = {"name": "Judith", "email": "judith@example.org", "url": "", "body": "Some words.", **fields}
    return CommentForm(data, rules=Rules(), is_member=False)


@pytest.mark.parametrize(
    "name", ["", " ", "\u3164", "\u200b\u200d", "\u2800 \u2800", "\u0301", "\u202e", "\x00", "\ud800", "a" * 101, "\n"]
)
def test_the_form_refuses_names_that_show_nothing_or_too_much(name):
    assert "name" in guest_form(name=name).errors


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JAVASCRIPT://example.org", "data:text/html,x", "vbscript:x.y", "//outside.example",
        "https://", "https://a b.example", "ftp://example.org", "file:///etc/passwd", "https://example.org\\@outside",
        "https://[::1", "https://exa\u202emple.org", "https://exa\u200bmple.org", "\u200bjavascript:alert.call(1)",
        "java\tscript:alert.call(1)", "a" * 201 + ".org", "https://example.org:0/",
    ],
)  # fmt: skip
def test_the_form_keeps_no_address_but_of_the_web(address):
    form = guest_form(url=address)
    if form.is_valid():
        kept = form.cleaned_data["url"]
        assert kept.startswith(("https://", "http://"))
        assert kept.isprintable()
        assert " " not in kept
        assert "\u200b" not in kept


@pytest.mark.parametrize("field", ["name", "email", "url"])
def test_no_line_end_gets_into_what_may_become_a_header_of_a_mail(field):
    for end in ("\r\n", "\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85", "%0a"):
        value = {"name": f"Judith{end}Bcc: a@b.c", "email": f"judith@example.org{end}Bcc: a@b.c",
                 "url": f"https://example.org/{end}Bcc: a@b.c"}[field]  # fmt: skip
        form = guest_form(**{field: value})
        if form.is_valid():
            kept = form.cleaned_data[field]
            assert kept.splitlines() in ([], [kept])
            assert "\r" not in kept


def test_an_unclosed_tag_of_a_thousand_letters_has_a_beginning_all_the_same():
    for text in ("<a " * 334, "<" * 1000, "<!--" * 250, "&#" * 500, "</" * 500, "<a href='" + "x" * 1000):
        for body_format in ("markdown", "html"):
            html = rendering.body_html(text, body_format)
            assert isinstance(beginning(html), str)
            assert len(beginning(html)) <= 281
