"""Comments as plain text: quotes and lists keep their marks, and nothing is said by somebody who quoted it."""

import time

import pytest

from comments import rendering
from comments.notifications import plain

pytestmark = pytest.mark.once


def paragraphs(source):
    return plain.paragraphs(rendering.body_html(source, "markdown"))


def test_quotes_and_lists_keep_their_marks():
    quoted = "> It was empty\n>\n> > deep"
    source = f"Dear (*Michelle*), I **know**.\n\n{quoted}\n\n- one\n- two\n\n3. three\n4. four\n\nA\nB & <C>"
    assert paragraphs(source) == [
        "Dear (Michelle), I know.", "> It was empty", "> > deep", "- one", "- two", "1. three", "2. four", "A",
        "B & <C>",
    ]  # fmt: skip


def test_lines_are_no_longer_than_72_letters_and_keep_the_marks_too():
    assert plain.wrapped("> " + "word " * 20).split("\n") == ["> " + "word " * 13 + "word", "> " + "word " * 5 + "word"]
    assert plain.wrapped("- " + "word " * 15).split("\n")[1].startswith("  word")
    assert plain.wrapped("x" * 200) == "x" * 200
    assert plain.wrapped("") == ""


@pytest.mark.parametrize(
    "html", ["<blockquote>" * 3_000, "</ol></ul></blockquote><li>x", "<p" * 20_000, "<ol>" * 9_000]
)
def test_odd_html_is_no_error_and_takes_no_time(html):
    before = time.process_time()
    plain.paragraphs(html)
    assert time.process_time() - before < 1
