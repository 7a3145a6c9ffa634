"""A few plain words of an article or comment, as they would be read aloud."""

from importlib import import_module

import pytest
from django.apps import apps

from comments import rendering as comments_rendering
from posts.models import Post
from posts.rendering import beginning, body_html, plain_text
from tests import factories


@pytest.mark.once
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("A *word*.", "A word."),
        ("See [this page](https://example.org/), or `that`; **please**!", "See this page, or that; please!"),
        ("(*so*) it's *un*believable", "(so) it's unbelievable"),
        ("One.\n\nTwo\n\n- three\n- four", "One. Two three four"),
        ("A line\\\nanother", "A line another"),
        ("A *word* and *another*", "A word and another"),
        ("> Quoted.\n\nAnswered *at once*…", "Quoted. Answered at once…"),
        ("1 < 2 & *3*.", "1 < 2 & 3."),
    ],
)  # fmt: skip
def test_marks_within_a_line_leave_no_space(source, words):
    assert beginning(body_html(source, "markdown")) == words
    assert beginning(comments_rendering.body_html(source, "markdown")) == words


@pytest.mark.once
@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>H<sub>2</sub>O, <abbr title=\"x\">e.g.</abbr> <mark>m</mark>.</p>", "H2O, e.g. m."),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("one<br>two<img src=\"/x.jpg\" alt=\"\">three<hr>four", "one two three four"),
        # Not every tag that begins with such a letter is such a tag.
        ("<blockquote>a</blockquote><ul><li>b</li></ul><div>c</div><h2>d</h2><pre>e</pre>", "a b c d e"),
        # Cut in the middle of a tag.
        ("word<a href=\"https://exam", "word"),
        ("word<blockq", "word"),
    ],
)  # fmt: skip
def test_what_ends_a_line_ends_a_word(html, words):
    assert " ".join(plain_text(html).split()) == words


@pytest.mark.once
def test_a_long_one_ends_with_a_whole_word():
    html = body_html("*word*, " * 100, "markdown")
    assert beginning(html, 20) == "word, word, word…"


@pytest.mark.django_db
def test_what_was_stored_before_is_mended_and_an_excerpt_is_left_alone():
    old, own = factories.post(body="A *word*."), factories.post(body="A *word*.", excerpt="In my own words .")
    Post.objects.filter(pk=old.pk).update(summary="A word .")
    import_module("posts.migrations.0003_summaries_have_no_space_before_a_full_stop").made_anew(apps, None)
    assert Post.objects.get(pk=old.pk).summary == "A word."
    assert Post.objects.get(pk=own.pk).summary == "In my own words ."
