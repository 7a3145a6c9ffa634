"""Reads a WordPress export (WXR 1.0 to 1.2) as a stream of records; writes nothing and trusts nothing.

Elements are known by their local names, since the namespace differs between versions and writers. Comment
meta is never unserialised.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from lxml import etree

from .mending import Mender
from .records import (
    SourceAuthor,
    SourceCategory,
    SourceComment,
    SourcePost,
    SourceRecord,
    SourceTerm,
    UnreadableFile,
)

_FEED_CHARACTERS = 128 * 1024
_CHANNEL_ROWS = frozenset({"item", "author", "category", "tag", "term"})
_SITE_FIELDS = frozenset({"link", "base_blog_url", "base_site_url", "wxr_version"})
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


class Export:
    """One export file. `records()` may be called again: each call reads the file from its beginning."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.site = ""
        self.found = {"items": 0, "comments": 0}
        self.read_bytes = 0

    @property
    def size(self) -> int:
        """In bytes."""
        return self._path.stat().st_size

    def records(self) -> Iterator[SourceRecord]:
        """Every row of the file in its order, comments inside their posts.

        Raises UnreadableFile when the file is no export, is cut off, or holds rows that cannot be made out;
        what came before must then be taken back. `site` is known from the first record on, `found` after
        the last.
        """
        try:
            with self._path.open("rb") as file:
                yield from self._read(file)
        except OSError as error:
            raise UnreadableFile(f"{self._path} cannot be read: {error.strerror or error}.") from error

    def _read(self, file: BinaryIO) -> Iterator[SourceRecord]:
        self.site, self.read_bytes = "", 0
        mender = Mender(file)
        reader = _Reader()
        pending: list[str] = []
        length = 0
        for piece in mender.text():
            pending.append(piece)
            length += len(piece)
            if length > _FEED_CHARACTERS:
                yield from self._parsed(reader, "".join(pending))
                pending, length = [], 0
                self.read_bytes = file.tell()
        if not mender.root:
            raise UnreadableFile("The file holds no XML element at all.")
        yield from self._parsed(reader, "".join(pending))
        if not mender.is_complete:
            raise UnreadableFile(
                "The file is cut off: its last line, </rss>, is missing. Nothing was imported; please export it again."
            )
        if not reader.is_export:
            raise UnreadableFile(
                "This is a feed, not a WordPress export: it has no wxr_version. Make one under Tools, Export."
            )
        self.found = {"items": mender.begun["item"], "comments": mender.begun["comment"]}
        if self.found != reader.made:
            raise UnreadableFile(
                f"The file's markup is damaged: of {self.found['items']} items "
                f"and {self.found['comments']} comments "
                f"that begin in it, {reader.made['items']} and {reader.made['comments']} can be read."
            )
        self.read_bytes = file.tell()

    def _parsed(self, reader: "_Reader", text: str) -> Iterator[SourceRecord]:
        for record in reader.feed(text):
            self.site = reader.site
            yield record


class _Reader:
    """Feeds the parser and turns each finished element into a record, then forgets the element."""

    def __init__(self) -> None:
        self._parser = etree.XMLPullParser(
            events=("end",),
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            # Without it a text over 10 MB ends the parse; there are no entities left that could grow.
            huge_tree=True,
        )
        self._comments: list[SourceComment] = []
        self._site: dict[str, str] = {}
        self.is_export = False
        self.made = {"items": 0, "comments": 0}

    @property
    def site(self) -> str:
        address = self._site.get("base_blog_url") or self._site.get("link") or self._site.get("base_site_url", "")
        return site_key(address)

    def feed(self, text: str) -> Iterator[SourceRecord]:
        try:
            self._parser.feed(text.encode())
            for _event, element in self._parser.read_events():
                yield from self._finished(element)
        except etree.LxmlError as error:
            raise UnreadableFile(f"The file is not XML that can be read: {error}.") from error

    def _finished(self, element: etree._Element) -> Iterator[SourceRecord]:
        parent = element.getparent()
        if parent is None:
            return
        name, inside = _local(element), _local(parent)
        if name == "comment" and inside == "item" and len(element):
            self._comments.append(_comment(_fields(element)))
            self.made["comments"] += 1
        elif inside != "channel":
            return
        elif name in _CHANNEL_ROWS:
            row = self._row(name, element)
            if isinstance(row, SourcePost):
                self.made["items"] += 1
                self.is_export = self.is_export or bool(row.source_id)
            yield row
        elif name in _SITE_FIELDS:
            self._site[name] = _text(element).strip()
            self.is_export = self.is_export or name == "wxr_version"
        element.clear()
        while element.getprevious() is not None and inside == "channel":
            del parent[0]

    def _row(self, name: str, element: etree._Element) -> SourceRecord:
        fields = _fields(element)
        match name:
            case "author":
                return SourceAuthor(
                    source_id=_id(fields.get("author_id", "")),
                    login=fields.get("author_login", ""),
                    email=fields.get("author_email", ""),
                    name=_plain(fields.get("author_display_name", "")),
                )
            case "category":
                return SourceCategory(
                    slug=_slug(fields.get("category_nicename", "")),
                    name=_plain(fields.get("cat_name", "")),
                    parent_slug=_slug(fields.get("category_parent", "")),
                )
            case "tag":
                return SourceTerm("tag", _plain(fields.get("tag_name", "")))
            case "term":
                return SourceTerm(fields.get("term_taxonomy", "") or "term", _plain(fields.get("term_name", "")))
        comments, self._comments = tuple(self._comments), []
        return _post(element, fields, comments)


def site_key(address: str) -> str:
    """What a site is known by in every export of it: host and path, whether http or https at the time."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return f"{parts.netloc.rpartition('@')[2].lower()}{parts.path}".rstrip("/")


def _post(element: etree._Element, fields: dict[str, str], comments: tuple[SourceComment, ...]) -> SourcePost:
    meta = {
        pair.get("meta_key", ""): pair.get("meta_value", "")
        for pair in (_fields(child) for child in element if _local(child) == "postmeta")
    }
    return SourcePost(
        source_id=_id(fields.get("post_id", "")),
        kind=fields.get("post_type", "") or "post",
        status=fields.get("status", ""),
        title=_plain(fields.get("title", "")),
        slug=_slug(fields.get("post_name", "")),
        path=_path(fields.get("link", "")),
        # Some files carry a stray bracket beside the CDATA section.
        author_login=fields.get("creator", "").strip("<> \t\n"),
        published_at=_utc(fields.get("post_date_gmt", "")),
        published_local=_naive(fields.get("post_date", "")),
        content=fields.get("content", ""),
        excerpt=_plain(fields.get("excerpt", "")),
        has_password=bool(fields.get("post_password", "")),
        is_sticky=fields.get("is_sticky", "") == "1",
        comments_open=fields.get("comment_status", "") != "closed",
        picture_id=_id(meta.get("_thumbnail_id", "")),
        picture_alt=_plain(meta.get("_wp_attachment_image_alt", "")),
        categories=tuple(_categories(element)),
        comments=comments,
    )


def _categories(item: etree._Element) -> Iterator[SourceCategory]:
    """The item's categories; the oldest exports name each twice, once without its domain."""
    domains_are_told = any(_local(child) == "category" and child.get("domain") for child in item)
    seen = set()
    for child in item:
        if (
            _local(child) != "category"
            or (child.get("domain") or ("" if domains_are_told else "category")) != "category"
        ):
            continue
        name = _plain(_text(child))
        slug = _slug(child.get("nicename") or "")
        if name and (key := slug or name) not in seen:
            seen.add(key)
            yield SourceCategory(slug, name)


def _comment(fields: dict[str, str]) -> SourceComment:
    return SourceComment(
        source_id=_id(fields.get("comment_id", "")),
        parent_id=_id(fields.get("comment_parent", "")),
        author_id=_id(fields.get("comment_user_id", "")),
        author_name=_plain(fields.get("comment_author", "")),
        author_email=fields.get("comment_author_email", ""),
        # Not unescape(): "&copy=3" in an address is no copyright sign.
        author_url=fields.get("comment_author_url", "").replace("&#038;", "&").replace("&amp;", "&"),
        written_at=_utc(fields.get("comment_date_gmt", "")),
        written_local=_naive(fields.get("comment_date", "")),
        content=fields.get("comment_content", ""),
        status=fields.get("comment_approved", ""),
        kind=fields.get("comment_type", ""),
    )


def _fields(row: etree._Element) -> dict[str, str]:
    """The row's simple elements by local name, the two `encoded` ones by what they hold; the first counts."""
    fields: dict[str, str] = {}
    for child in row:
        name = _local(child)
        if name == "encoded":
            name = "excerpt" if "excerpt" in child.tag else "content"
        if name not in fields:
            text = _text(child)
            fields[name] = text if name in {"content", "comment_content"} else text.strip()
    return fields


def _local(element: etree._Element) -> str:
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    # A prefix that the file does not declare stays in the name.
    return tag.rpartition("}")[2].rpartition(":")[2]


def _text(element: etree._Element) -> str:
    return "".join(element.itertext()) if len(element) else element.text or ""


def _plain(text: str) -> str:
    """Names and titles, which hold entities and now and then a tag, as plain text."""
    return unescape(_TAG.sub("", text)).strip()


def _slug(text: str) -> str:
    return unquote(text).strip()


def _path(address: str) -> str:
    try:
        return unquote(urlsplit(address).path)
    except ValueError:
        return ""


def _id(text: str) -> str:
    """The number as it is written in every export, or "" for none."""
    text = text.strip()
    return (text.lstrip("0") if text.isdecimal() and text.isascii() else text)[:100]


def _naive(text: str) -> datetime | None:
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]
    except ValueError:
        return None


def _utc(text: str) -> datetime | None:
    at = _naive(text)
    return at.replace(tzinfo=UTC) if at else None
