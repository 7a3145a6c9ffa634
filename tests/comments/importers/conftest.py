"""Small WordPress exports, written by the tests that need them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comments import tree
from comments.importers.ledger import Ledger
from comments.importers.load import load
from comments.importers.wordpress import Export

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- made by a test -->
<rss version="2.0" xmlns:excerpt="{ns}excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="{ns}"><channel>
<title>An old blog</title><link>https://old.example.org</link>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://old.example.org</wp:base_blog_url>
"""
FOOT = "\n</channel></rss>\n"


def author(number: int | str, login: str, email: str = "", name: str = "") -> str:
    return (
        f"<wp:author><wp:author_id>{number}</wp:author_id><wp:author_login><![CDATA[{login}]]></wp:author_login>"
        f"<wp:author_email>{email}</wp:author_email>"
        f"<wp:author_display_name><![CDATA[{name or login}]]></wp:author_display_name></wp:author>"
    )


def comment(number: int | str, content: str = "A comment.", **fields: Any) -> str:
    row = {
        "id": number, "author": "Ann", "author_email": "ann@example.com", "author_url": "",
        "author_IP": "192.0.2.7", "date": "2012-03-04 11:00:00",
        "date_gmt": f"2012-03-04 10:00:{_second(number):02}",
        "content": content, "approved": "1", "type": "", "parent": 0, "user_id": 0,
    } | fields  # fmt: skip
    cells = "".join(f"<wp:comment_{name}><![CDATA[{value}]]></wp:comment_{name}>" for name, value in row.items())
    meta = "<wp:meta_key>k</wp:meta_key><wp:meta_value><![CDATA[a:0:{}]]></wp:meta_value>"
    return f"<wp:comment>{cells}<wp:commentmeta>{meta}</wp:commentmeta></wp:comment>\n"


def _second(number: int | str) -> int:
    return int(number) % 60 if str(number).isdecimal() else 0


def item(number: int | str, *comments: str, categories: str = "", **fields: Any) -> str:
    row = {
        "title": f"Post {number}", "link": f"https://old.example.org/2012/03/post-{number}/",
        "dc:creator": "jane",
        "content:encoded": "First.\n\nSecond.", "excerpt:encoded": "", "wp:post_id": number,
        "wp:post_date": "2012-03-04 09:00:00", "wp:post_date_gmt": "2012-03-04 08:00:00",
        "wp:comment_status": "open",
        "wp:post_name": f"post-{number}", "wp:status": "publish", "wp:post_parent": 0, "wp:post_type": "post",
        "wp:post_password": "", "wp:is_sticky": 0,
    } | {name.replace("__", ":"): value for name, value in fields.items()}  # fmt: skip
    cells = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in row.items())
    return f"<item>{cells}{categories}{''.join(comments)}</item>\n"


def export(*rows: str, ns: str = "http://wordpress.org/export/1.2/") -> str:
    return HEAD.format(ns=ns) + "".join(rows) + FOOT


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes text or bytes to a file and gives its path."""

    def write(content: str | bytes, name: str = "export.xml") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


class Wxr:
    """The builders above under one name."""

    author = staticmethod(author)
    comment = staticmethod(comment)
    item = staticmethod(item)
    export = staticmethod(export)


@pytest.fixture
def wxr() -> type[Wxr]:
    return Wxr


@pytest.fixture
def theme_unit_test() -> Path:
    """The official theme test export of WordPress: 180 items, 32 comments nested to depth 9."""
    return Path(__file__).parents[2] / "data" / "theme-unit-test.wordpress.xml"


@pytest.fixture
def imported(written: Callable[..., Path], wxr: Any) -> Callable[..., Ledger]:
    """Writes an export of these rows, imports it, and sees to it that the trees and the sum are right."""

    def run(*rows: str, **options: Any) -> Ledger:
        ledger = load(Export(written(wxr.export(*rows))), format_name="wordpress", **options)
        assert ledger.discrepancies() == []
        assert list(tree.check()) == []
        return ledger

    return run
