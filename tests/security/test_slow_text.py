"""The slowest texts known, at the longest length that may be sent: not much slower than a letter of that length."""

import time
from collections.abc import Callable

import pytest

from comments import rendering
from comments.conf import Rules
from comments.exceptions import CommentsError
from comments.models import Comment
from comments.submission import submit
from posts.rendering import plain_text
from storied.accounts import names
from storied.text import clean_line, clean_text, is_blank
from tests import factories

LONGEST = Rules().max_characters
# Wide on purpose: this finds what is quadratic, which is thousands of times slower, not what is a little slow.
TIMES_SLOWER = 60

PATTERNS = [
    *("<b>", "</b>", "<", ">", "<!--", "<![CDATA[", "<a ", "<a href='", "&", "&amp", "&#", "&#x41;", "<script",
        "</script"),
    *("<script>", "<pre>", "<p><b>", "<table><td>", "<a href=//x>", "<x y=", "<svg><style>", "\n\n", "\n \n", " \n",
        "\t"),
    *("[", "]", "](", "![", "[a](", "[a](b", "[](", "[[", "]]", "[a][", "[a]: b\n", "<a@b", "<http://", "http://",
        "www."),
    *("(", ")", "http://a.b)", "http://a.b(", "www.a.b/", "http://a.b ", "a@b.c ", "*", "**", "*a ", "*a **b ",
        "**a*", "_", "_a ", "~~"),
    *("`", "`a", "``", "``a`", "```\n", "> ", ">\n", "> - ", "- ", "1. ", "  - ", "#", "# ", "=\n", "-\n", "\\",
        "\\[", "|", "|-"),
    *(":-)", ":", "<3", "\u0301", "\ufb03", "\ufdfa", "\u202e", "\x00", "👩‍", "é", "ſ", "\u3164", "a.", "a,", "rn",
    "vv"),
]  # fmt: skip
BEFORE_AND_AFTER = [("", ""), ("http://a.b", ""), ("<a href='", ""), ("[", "](http://a.b)"), ("<p ", ">"), ("`", "")]

INSIDE_OTHERS = ("<", "&", "[", "]", "(", ")", "*", "_", "`", "\\", "a.", "&#x41;", "\u0301", "http://a.b ")


def seconds(work: Callable[[], object]) -> float:
    """CPU time of this thread, the best of up to three."""
    best = float("inf")
    for _ in range(3):
        start = time.thread_time()
        work()
        best = min(best, time.thread_time() - start)
        if best < 0.2:
            break
    return best


def letter(length: int) -> str:
    words = "Some of **us** walked down to the [river](https://example.org/river) & back again, slowly.\n\n"
    return (words * (length // len(words) + 1))[:length]


@pytest.mark.once
@pytest.mark.parametrize("body_format", ["markdown", "html"])
def test_no_text_of_the_longest_length_renders_much_slower_than_a_letter(body_format):
    usual = max(seconds(lambda: rendering.body_html(letter(LONGEST), body_format)), 0.005)
    slow = {}
    for pattern in PATTERNS:
        for before, after in BEFORE_AND_AFTER[: None if pattern in INSIDE_OTHERS else 1]:
            text = before + (pattern * (LONGEST // len(pattern)))[: LONGEST - len(before) - len(after)] + after
            spent = seconds(lambda text=text: plain_text(rendering.body_html(text, body_format)))
            if spent > usual * TIMES_SLOWER:
                slow[before + pattern] = round(spent / usual)
    assert slow == {}


@pytest.mark.once
@pytest.mark.parametrize("clean", [clean_text, clean_line, is_blank, lambda text: names.key(text[:100])])
def test_no_text_as_long_as_a_request_is_cleaned_much_slower_than_a_letter(clean):
    length = 200_000
    usual = max(seconds(lambda: clean("é" + letter(length))), 0.005)
    for pattern in PATTERNS:
        text = pattern * (length // len(pattern))
        assert seconds(lambda text=text: clean(text)) < usual * TIMES_SLOWER, pattern


@pytest.mark.parametrize(
    "pattern",
    ["http://a.b" + ")" * 400_000, "**a** " * 60_000, "`a" * 200_000, "> " * 200_000],
    ids=["brackets", "stars", "ticks", "quotes"],
)
def test_a_text_that_is_too_long_is_refused_before_any_work_is_spent_on_it(db, monkeypatch, pattern):
    seen = []
    render = rendering.body_html
    monkeypatch.setattr(
        rendering, "body_html", lambda source, how: seen.append(len(source)) or render(source[:100], how)
    )
    post = factories.post()
    with pytest.raises(CommentsError) as refusal:
        submit(factories.draft(post, pattern))
    assert refusal.value.code == "too_long"
    assert Comment.objects.count() == 0
    assert max(seen, default=0) <= LONGEST


def test_an_edit_that_is_too_long_is_refused_before_any_work_is_spent_on_it(db, monkeypatch):
    from comments.submission import edit

    post = factories.post()
    viewer = factories.guest()
    comment = factories.comment(post, guest_key=viewer.guest_key, status="pending")
    seen = []
    monkeypatch.setattr(rendering, "body_html", lambda source, how: seen.append(len(source)) or "")
    with pytest.raises(CommentsError) as refusal:
        edit(comment, factories.draft(post, "x" * 300_000, viewer=viewer), seen_revision=1)
    assert refusal.value.code == "too_long"
    assert max(seen, default=0) <= LONGEST
