"""The WXR reader: what every real export taught, and what a hostile one tries."""

import codecs
import contextlib
import gzip
import resource
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.importers.mending import Mender
from comments.importers.records import (
    SourceAuthor,
    SourceCategory,
    SourceComment,
    SourcePost,
    SourceTerm,
    UnreadableFile,
)
from comments.importers.wordpress import Export, site_key

pytestmark = pytest.mark.once

Written = Callable[..., Path]


def posts_in(path: Path) -> list[SourcePost]:
    return [record for record in Export(path).records() if isinstance(record, SourcePost)]


def only_comment_in(path: Path) -> SourceComment:
    [post] = posts_in(path)
    [comment] = post.comments
    return comment


def refusal_of(path: Path) -> str:
    with pytest.raises(UnreadableFile) as refusal:
        list(Export(path).records())
    return str(refusal.value)


# --- A real file ----------------------------------------------------------------------------------


def test_the_theme_unit_test_file_is_read_row_by_row(theme_unit_test: Path) -> None:
    export = Export(theme_unit_test)
    records = list(export.records())
    kinds = Counter(type(record) for record in records)
    assert kinds == {SourcePost: 180, SourceTerm: 116, SourceCategory: 67, SourceAuthor: 2}
    assert export.found == {"items": 180, "comments": 32}
    assert export.site == "wpthemetestdata.wordpress.com"
    assert export.read_bytes == export.size


def test_the_theme_unit_test_files_deepest_comment_has_nine_ancestors(theme_unit_test: Path) -> None:
    comments = {comment.source_id: comment for post in posts_in(theme_unit_test) for comment in post.comments}
    deepest, chain = comments["915"], []
    while deepest.parent_id:
        deepest = comments[deepest.parent_id]
        chain.append(deepest.source_id)
    assert chain == ["914", "913", "912", "911", "910", "907", "906", "905", "904"]


def test_a_stray_bracket_beside_the_creator_is_no_part_of_the_name(theme_unit_test: Path) -> None:
    assert {post.author_login for post in posts_in(theme_unit_test)} == {"themedemos", "themereviewteam"}


def test_an_export_can_be_read_twice(theme_unit_test: Path) -> None:
    export = Export(theme_unit_test)
    assert list(export.records()) == list(export.records())


# --- What old and odd exporters write -------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_version_of_the_namespace_is_understood(written: Written, wxr: Any, version: str, scheme: str) -> None:
    path = written(
        wxr.export(
            wxr.item(1, wxr.comment(7, "Hello"), excerpt__encoded="In short"),
            ns=f"{scheme}://wordpress.org/export/{version}/",
        )
    )
    [post] = posts_in(path)
    assert (post.content, post.excerpt) == ("First.\n\nSecond.", "In short")
    assert post.comments[0].content == "Hello"


def test_a_prefix_that_is_not_declared_is_forgiven(written: Written, wxr: Any) -> None:
    text = wxr.export('<atom:link rel="search" href="x"/>', wxr.item(1, wxr.comment(7, "Hello")))
    assert only_comment_in(written(text)).content == "Hello"
    undeclared = text.replace(' xmlns:wp="http://wordpress.org/export/1.2/"', "")
    assert undeclared != text
    undeclared = undeclared.replace(' xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"', "")
    [post] = posts_in(written(undeclared))
    assert (post.content, post.excerpt, post.comments[0].content) == ("First.\n\nSecond.", "", "Hello")


def test_control_characters_are_cut_wherever_they_stand(written: Written, wxr: Any) -> None:
    path = written(
        wxr.export(wxr.item(1, wxr.comment(7, "One\x08 \x0btwo\x00 three\ufffe"))).replace("<title>An", "<title>\x03An")
    )
    assert only_comment_in(path).content == "One two three"


@pytest.mark.parametrize(
    "content",
    [
        "if (a[b[0]]>1) return; and more",
        "<script>//<![CDATA[\nf();\n//]]>\n</script> and more",
        "]]>",
        "two ]]> times ]]> and <b>bold</b>",
    ],
)
def test_the_end_mark_of_a_section_inside_it_is_text(written: Written, wxr: Any, content: str) -> None:
    [post] = posts_in(written(wxr.export(wxr.item(1, wxr.comment(7), wxr.comment(8, content), wxr.comment(9)))))
    assert [comment.content for comment in post.comments] == ["A comment.", content, "A comment."]


def test_a_section_split_in_two_as_wordpress_does_is_joined(written: Written, wxr: Any) -> None:
    path = written(wxr.export(wxr.item(1, wxr.comment(7, "a ]]]]><![CDATA[> b"))))
    assert only_comment_in(path).content == "a ]]> b"


def test_text_after_a_section_in_the_same_element_ends_the_section(written: Written, wxr: Any) -> None:
    row = wxr.item(1, wxr.comment(7)).replace(
        "<title><![CDATA[Post 1]]></title>", "<title><![CDATA[Post]]> one</title>"
    )
    [post] = posts_in(written(wxr.export(row, wxr.item(2))))[:1]
    assert post.title == "Post one"
    assert len(post.comments) == 1


def test_text_beside_a_section_outside_of_any_row_is_passed_over(written: Written, wxr: Any) -> None:
    path = written(wxr.export("<generator>x</generator> <![CDATA[stray]]> text", wxr.item(1, wxr.comment(7))))
    assert only_comment_in(path).source_id == "7"


def test_addresses_that_are_none_do_no_harm(written: Written, wxr: Any) -> None:
    [post] = posts_in(written(wxr.export(wxr.item(1, link="http://[::bad/x"))))
    assert post.path == ""
    assert site_key("http://[::bad/x") == ""


def test_bare_ampersands_and_html_entities_outside_of_sections_are_text(written: Written, wxr: Any) -> None:
    row = wxr.comment(7).replace(
        "<wp:comment_author_url><![CDATA[]]>", "<wp:comment_author_url>http://example.org/?a=1&b=2&copy=3"
    ).replace("<![CDATA[Ann]]>", "Zo&euml; &amp; Ann&nbsp;&#x1;&#8211; Jo")  # fmt: skip
    comment = only_comment_in(written(wxr.export(wxr.item(1, row))))
    assert comment.author_url == "http://example.org/?a=1&b=2&copy=3"
    assert comment.author_name == "Zoë & Ann\xa0– Jo"


def test_entities_in_names_and_titles_are_decoded_and_tags_dropped(written: Written, wxr: Any) -> None:
    row = wxr.item(
        1,
        wxr.comment(7, author="What&#8217;s a tellyworth? &laquo; Ping"),
        title="With <em>mark</em>up &amp; 1 < 2",
    )
    [post] = posts_in(written(wxr.export(row)))
    assert post.title == "With markup & 1 < 2"
    assert post.comments[0].author_name == "What’s a tellyworth? « Ping"


def test_the_text_of_a_comment_is_left_as_it_is(written: Written, wxr: Any) -> None:
    content = "\n One &amp; <b>two</b>\n\n\n&lt;three&gt; &#8211; \U0001f469\u200d\U0001f469 שלום \n"
    assert only_comment_in(written(wxr.export(wxr.item(1, wxr.comment(7, content))))).content == content


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16"])
def test_other_encodings_are_read(written: Written, wxr: Any, encoding: str) -> None:
    text = wxr.export(wxr.item(1, wxr.comment(7, "Çà et là"))).replace('"UTF-8"', f'"{encoding}"')
    assert only_comment_in(written(text.encode(encoding))).content == "Çà et là"


def test_bytes_that_are_not_in_the_claimed_encoding_spoil_only_themselves(written: Written, wxr: Any) -> None:
    text = wxr.export(wxr.item(1, wxr.comment(7, "caf\xe9 au lait"))).encode("iso-8859-1")
    assert only_comment_in(written(text)).content == "caf\ufffd au lait"


def test_a_byte_order_mark_and_blank_lines_before_the_file_are_forgiven(written: Written, wxr: Any) -> None:
    text = wxr.export(wxr.item(1, wxr.comment(7)))
    assert only_comment_in(written(codecs.BOM_UTF8 + text.encode())).source_id == "7"
    assert only_comment_in(written("\n\n" + text)).source_id == "7"


def test_dates_that_are_none_are_none(written: Written, wxr: Any) -> None:
    rows = [
        wxr.comment(1, date_gmt="0000-00-00 00:00:00", date="2012-03-04 11:00:00"),
        wxr.comment(2, date_gmt="2012-02-31 10:00:00", date="soon"),
        wxr.comment(3, date_gmt="2012-02-29 23:59:59"),
    ]
    [post] = posts_in(written(wxr.export(wxr.item(1, *rows))))
    assert [comment.written_at for comment in post.comments] == [
        None,
        None,
        datetime(2012, 2, 29, 23, 59, 59, tzinfo=UTC),
    ]
    assert [comment.written_local for comment in post.comments][:2] == [datetime(2012, 3, 4, 11), None]


def test_categories_of_the_oldest_exports_are_named_once(written: Written, wxr: Any) -> None:
    rows = (
        "<category><![CDATA[Sea &amp; shore]]></category>"
        '<category domain="category" nicename="sea-shore"><![CDATA[Sea &amp; shore]]></category>'
        '<category domain="post_tag" nicename="wind"><![CDATA[Wind]]></category>'
    )
    [post] = posts_in(written(wxr.export(wxr.item(1, categories=rows))))
    assert post.categories == (SourceCategory("sea-shore", "Sea & shore"),)


def test_the_comment_address_of_a_feed_is_no_comment(written: Written, wxr: Any) -> None:
    row = wxr.item(1, wxr.comment(7), categories="<wfw:comment>https://old.example.org/post-1/feed/</wfw:comment>")
    path = written(wxr.export(row).replace("<rss", '<rss xmlns:wfw="http://wellformedweb.org/CommentAPI/"', 1))
    assert only_comment_in(path).source_id == "7"


def test_slugs_of_other_alphabets_are_decoded(theme_unit_test: Path) -> None:
    assert "επίπεδο-3" in {post.slug for post in posts_in(theme_unit_test)}


def test_whether_an_article_has_a_password_is_told_but_not_the_password(theme_unit_test: Path) -> None:
    protected = [post for post in posts_in(theme_unit_test) if post.has_password]
    assert [post.source_id for post in protected] == ["1168"]
    assert "'enter'" not in repr(protected)


def test_a_site_has_one_key_through_a_change_to_https() -> None:
    assert (
        site_key("http://Blog.Example.org/notes/")
        == site_key("https://blog.example.org/notes")
        == "blog.example.org/notes"
    )


# --- What is refused, each in one sentence --------------------------------------------------------


def test_entity_declarations_are_refused_before_anything_is_expanded(written: Written, wxr: Any) -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise("abcdefghi")
    ) + "]>"  # fmt: skip
    text = wxr.export(wxr.item(1, wxr.comment(7, "x").replace("<![CDATA[x]]>", "&i;")))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "document type or entities" in refusal_of(written(text.replace("<rss", f"{bomb}<rss", 1)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
        "<!doctype html>",
    ],
)
def test_outside_entities_are_refused(written: Written, wxr: Any, declaration: str, encoding: str) -> None:
    text = wxr.export(wxr.item(1, wxr.comment(7, "x").replace("<![CDATA[x]]>", "&x;"))).replace(
        "<rss", f"{declaration}<rss", 1
    )
    assert "document type or entities" in refusal_of(written(text.replace('"UTF-8"', f'"{encoding}"').encode(encoding)))


def test_a_document_type_after_the_first_megabyte_is_refused_as_well(written: Written, wxr: Any) -> None:
    text = wxr.export(wxr.item(1)).replace("<rss", "<!--" + "x" * 1_000_000 + "--><!DOCTYPE rss []><rss", 1)
    assert "document type" in refusal_of(written(text))


def test_words_about_a_document_type_inside_a_comment_are_only_words(written: Written, wxr: Any) -> None:
    content = '<!DOCTYPE html [<!ENTITY x "y">]> is how it begins'
    assert only_comment_in(written(wxr.export(wxr.item(1, wxr.comment(7, content))))).content == content


def test_a_file_cut_anywhere_is_refused(written: Written, wxr: Any) -> None:
    text = wxr.export(wxr.item(1, wxr.comment(7), wxr.comment(8)), wxr.item(2, wxr.comment(9)))
    end = text.index("</rss")
    for length in range(200, end, 97):
        assert refusal_of(written(text[:length])), length
    assert "cut off" in refusal_of(written(text[:end]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\x00\x00\x00", "is empty"),
        (b"Dear reader,\nhello", "not an XML file"),
        (b'{"rss": 1}', "not an XML file"),
        (b"\x89PNG\r\n\x1a\n rest", "not an XML file"),
        (b"PK\x03\x04rest", "ZIP archive"),
        (gzip.compress(b"<rss/>", mtime=0), "gzip"),
        (b"<html><body>Log in</body></html>", "outermost element is <html>"),
        (b'<disqus xmlns="http://disqus.com"></disqus>', "outermost element is <disqus>"),
        (b"<?xml version='1.0'?><!-- nothing -->", "no XML element"),
        (b"<?xml version='1.0' encoding='windows-1259'?><rss></rss>", "convert it to UTF-8"),
        (b"<?xml version='1.0' encoding='ebcdic-cp-us'?><rss></rss>", "convert it to UTF-8"),
        (
            b"<rss version='2.0'><channel><title>A feed</title><item><title>x</title></item></channel></rss>",
            "feed",
        ),
    ],
)
def test_what_is_no_export_is_refused_in_words(written: Written, content: bytes, words: str) -> None:
    assert words in refusal_of(written(content))


def test_a_text_without_end_is_refused_before_it_fills_the_memory(
    written: Written, wxr: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comments.importers.mending._READ_BYTES", 1_000)
    monkeypatch.setattr("comments.importers.mending._LONGEST_TEXT", 20_000)
    assert "longer than 20,000 characters" in refusal_of(written(wxr.export(wxr.item(1, wxr.comment(7, "x" * 90_000)))))


def test_of_a_file_of_long_texts_little_is_held_at_a_time() -> None:
    row = "<item><content:encoded><![CDATA[" + "long " * 20_000 + "]]></content:encoded></item>"
    mender = Mender(BytesIO(f"<rss>{row * 60}</rss>".encode()))
    assert max(len(mender._buffer) for _piece in mender.text()) < 10 * len(row)
    assert mender.begun["item"] == 60


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    assert "cannot be read" in refusal_of(tmp_path / "nowhere.xml")
    assert "cannot be read" in refusal_of(tmp_path)


def test_rows_that_the_parser_cannot_make_out_are_not_passed_over(written: Written, wxr: Any) -> None:
    # The comment's start tag closes the item in the parser's eyes.
    broken = wxr.export(wxr.item(1, wxr.comment(7), "</item>", wxr.comment(8)))
    assert "damaged" in refusal_of(written(broken))


def test_comments_come_out_of_a_file_read_in_many_pieces(
    written: Written, wxr: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comments.importers.mending._READ_BYTES", 7)
    monkeypatch.setattr("comments.importers.wordpress._FEED_CHARACTERS", 5)
    rows = [wxr.comment(n, f"Nr. {n} ]]> é &amp; \U0001f600") for n in range(1, 30)]
    [post] = posts_in(written(wxr.export(wxr.item(1, *rows))))
    assert [comment.content for comment in post.comments] == [f"Nr. {n} ]]> é &amp; \U0001f600" for n in range(1, 30)]


@given(st.binary(max_size=12), st.integers(0, 3_000), st.integers(0, 60))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_refused_in_words(
    written: Written, wxr: Any, scratch: bytes, at: int, length: int
) -> None:
    whole = wxr.export(wxr.item(1, wxr.comment(7), wxr.comment(8)), wxr.item(2)).encode()
    path = written(whole[:at] + scratch + whole[at + length :])
    # Anything but these two ends is an error that reaches a person as a traceback.
    with contextlib.suppress(UnreadableFile):
        assert len(posts_in(path)) in {0, 1, 2, 3}
