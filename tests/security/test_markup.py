"""Hostile texts through every way by which text becomes HTML, judged by parsers that know nothing of the sanitiser."""

import random
from concurrent.futures import ThreadPoolExecutor

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments import rendering, typesetting
from posts import rendering as articles
from storied import markup

from . import corpus, judge

pytestmark = pytest.mark.once

WAYS = {
    "a comment in Markdown": lambda text: rendering.body_html(text, "markdown"),
    "an imported comment": lambda text: rendering.body_html(text, "html"),
    "a preview": typesetting.preview_html,
    "an article in Markdown": lambda text: articles.body_html(text, "markdown"),
    "an article in HTML": lambda text: articles.body_html(text, "html"),
    "the sanitiser alone": lambda text: markup.clean(text, markup.COMMENT),
}


def faults(way: str, html: str) -> list[str]:
    if "article" in way:
        return judge.faults(html, judge.ARTICLE, relative_links=True)
    return judge.faults(html, judge.COMMENT, relative_links=False)


def test_there_are_many_hostile_texts():
    assert len(set(corpus.ALL)) > 2_000


@pytest.mark.parametrize("way", WAYS)
def test_no_hostile_text_leaves_anything_but_what_is_allowed(way):
    wrong = {text: found for text in corpus.ALL if (found := faults(way, WAYS[way](text)))}
    assert wrong == {}


@pytest.mark.parametrize("way", WAYS)
def test_hostile_texts_one_after_the_other_in_one_comment_are_no_more_dangerous(way):
    chance = random.Random(7)
    for _ in range(60):
        text = "\n\n".join(chance.sample(corpus.ALL, 12))
        assert faults(way, WAYS[way](text)) == []


@pytest.mark.parametrize("way", WAYS)
def test_hostile_texts_cut_anywhere_are_no_more_dangerous(way):
    chance = random.Random(11)
    for _ in range(400):
        text = chance.choice(corpus.ALL)
        cut = text[: chance.randrange(len(text) + 1)] + chance.choice(corpus.ALL)[chance.randrange(20) :]
        assert faults(way, WAYS[way](cut)) == []


@pytest.mark.parametrize("body_format", ["markdown", "html"])
def test_the_output_read_by_a_parser_and_written_again_is_still_safe(body_format):
    """What a browser's innerHTML would make of it: mutation."""
    from bleach._vendor import html5lib

    for text in corpus.ALL:
        once = rendering.body_html(text, body_format)
        tree = html5lib.parseFragment(once, treebuilder="etree", namespaceHTMLElements=False)
        again = html5lib.serialize(tree, tree="etree", quote_attr_values="always", omit_optional_tags=False)
        assert judge.faults(again, judge.COMMENT, relative_links=False) == []


FRAGMENTS = st.sampled_from(
    [
        *"<>/='\"`&;:!-[]()*_~#\\|{} \t\n\r\x00\x0c",
        *("<a", "<b>", "</b>", "<!--", "-->", "<![CDATA[", "]]>", "<script", "</script>", "<style>", "</style>"),
        *("<svg>", "<math>", "<table>", "<td>", "<p>", "</p>", "<pre>", "</pre>", "<code>", "<img", "<br/>"),
        *(" href=", " src=", " onerror=", " title=", " style=", "javascript:", "https://", "www.a.b", "data:"),
        *("&lt;", "&#60;", "&#x3c", "&quot;", "&colon;", "&Tab;", "&amp;", "![", "](", "```", "> ", "1. ", "- "),
        *("\u200b", "\u202e", "\ufeff", "\u2028", "é", "😀", "＜", "mailto:a@b.c", ":-)", "<3", "//a.b", "/\\"),
    ]
)
SOUP = st.lists(FRAGMENTS | st.text(max_size=6), max_size=40).map("".join)


@settings(max_examples=1_200, deadline=None, database=None)
@given(SOUP)
def test_no_soup_of_marks_becomes_anything_but_allowed_html(text):
    for way in ("a comment in Markdown", "an imported comment", "an article in HTML", "an article in Markdown"):
        assert faults(way, WAYS[way](text)) == [], way


@settings(max_examples=800, deadline=None, database=None)
@given(st.text(max_size=300))
def test_no_text_at_all_becomes_anything_but_allowed_html(text):
    for way in ("a comment in Markdown", "an imported comment", "an article in HTML"):
        assert faults(way, WAYS[way](text)) == [], way


def test_another_sanitiser_finds_nothing_more_to_take_away():
    """nh3, with the same lists, sees the same elements in our output before and after it has cleaned it."""
    attributes = {tag: set(names) - {"rel"} for tag, names in judge.ATTRIBUTES.items() if tag in judge.COMMENT}
    for text in corpus.ALL:
        ours = rendering.body_html(text, "html")
        theirs = nh3.clean(
            ours, tags=judge.COMMENT, attributes=attributes, url_schemes={"http", "https", "mailto"},
            link_rel="nofollow ugc noopener",
        )  # fmt: skip
        assert outline(theirs) == outline(ours), text


def outline(html: str) -> list[tuple[str, list[str]]]:
    return [(name, sorted(attributes)) for name, attributes in judge._everything_in(html)]


def test_eight_threads_at_once_each_get_their_own_text_back():
    def in_a_thread(number: int) -> list[str]:
        return [
            markup.clean(f"<b>thread {number}, text {turn}</b> <i>{number}</i>" * 20, markup.COMMENT)
            for turn in range(60)
        ]

    with ThreadPoolExecutor(8) as threads:
        for number, texts in enumerate(threads.map(in_a_thread, range(8))):
            for turn, text in enumerate(texts):
                assert text == f"<b>thread {number}, text {turn}</b> <i>{number}</i>" * 20


def test_markup_in_a_comment_cannot_close_the_elements_around_it():
    for text in ("</div></article></li></ol>", "</p></div><div>", "<li>x", "</blockquote>", "<td>x</table>"):
        for body_format in ("markdown", "html"):
            html = f"<div><article>{rendering.body_html(text, body_format)}<i></i></article></div>"
            path = judge._everything_in(html)
            assert [name for name, _ in path][:2] == ["div", "article"]
            import lxml.html

            tree = lxml.html.fragment_fromstring(html)
            assert tree.find("article/i") is not None or tree.find("article//i") is not None


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "//outside.example", "https:/outside", "https://", "http://a b.c", "https://a.b\\c",
        "https://\u200ba.b", "ftp://a.b", "data:,x", " https://a.b", "https://a.b\n", "https://[::1", "https://a.b:0",
        "https://a.b:99999", "mailto:a@b.c", "https://a.b/\x00", "https://a.b/\u202e", "HTTPS//a.b", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_web_address_is_none(address):
    assert not markup.is_web_address(address)
