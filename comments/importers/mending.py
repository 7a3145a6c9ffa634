"""Makes the almost-XML of old exports into XML that a parser can read, piece by piece and in constant memory.

What exporters get wrong and this puts right: control characters, `]]>` inside CDATA, ampersands and named
entities that XML does not know, bytes that are not in the encoding the file claims. What it refuses before
a parser has seen a byte: document types and entity declarations, files that are no XML, other encodings
than texts on the web have.
"""

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from html.entities import html5
from typing import BinaryIO

from .records import UnreadableFile

_READ_BYTES = 256 * 1024
# Longest single text between two tags, in characters; WordPress's longest comment has 65,525 bytes.
_LONGEST_TEXT = 32 * 1024 * 1024
_HEAD_BYTES = 1024
_LOOK_AHEAD = 256  # characters after `]]>` in which the end tag has to come

_ENCODINGS = re.compile(r"utf-?8|us-ascii|iso-?8859-?\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru]", re.IGNORECASE)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MAGIC = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "compressed with gzip",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"SQLite format 3": "a database",
}

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARK = re.compile(r"<!\[CDATA\[|<!--|<\?|<!")
_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,30};))?"
)
# `wfw:comment` is an address in feeds, no comment.
_TAG_OF_ROWS = re.compile(r"<(/?)(?!wfw:)(?:[\w.-]+:)?(item|comment|rss)(?=[\s/>])")
_TAG_NAME = re.compile(r"<([^\s<>/!?]+)")


class Mender:
    """Reads a binary file, yields clean XML text, and counts on its own the rows that begin in it."""

    def __init__(self, file: BinaryIO) -> None:
        self._pieces = _decoded(file)
        self._buffer = ""
        self._at = 0  # what lies before it in the buffer has been dealt with
        self._ended = False
        self._open = ""  # the element whose text we are in, "" after an end tag
        self.begun = {"item": 0, "comment": 0}
        self.root = ""
        self.is_complete = False

    def text(self) -> Iterator[str]:
        """The whole file, without declaration, comments and CDATA marks."""
        while True:
            if self._at > len(self._buffer) // 2:
                # Where texts are long, what is read ends in the middle of one nearly each time.
                self._forget()
            mark = _MARK.search(self._buffer, self._at)
            if mark is None:
                end = len(self._buffer) if self._ended else self._buffer.rfind(">", self._at) + 1
                if end > self._at:
                    yield self._markup(self._take(end))
                if self._ended:
                    return
                self._forget()
                self._read_more()
                continue
            if mark.start() > self._at:
                yield self._markup(self._take(mark.start()))
            match mark[0]:
                case "<![CDATA[":
                    self._at = mark.end()
                    end = self._end_of_cdata()
                    yield _escaped(self._take(end))
                    self._at = end + len("]]>")
                case "<!--":
                    self._at = self._find("-->", mark.end(), "a comment") + len("-->")
                case "<?":
                    self._at = self._find("?>", mark.end(), "an instruction") + len("?>")
                case _:
                    if len(self._buffer) - self._at < len("<![CDATA[") and not self._ended:
                        self._read_more()
                        continue
                    raise UnreadableFile(
                        "The file declares a document type or entities of its own, which no WordPress export "
                        "does and which can be an attack, so nothing of it was read."
                    )

    def _markup(self, text: str) -> str:
        """Tags and the text between them, with ampersands that XML understands."""
        if not self.root and text.strip():
            self.root = _root(text)
        for closing, name in _TAG_OF_ROWS.findall(text):
            if name == "rss":
                self.is_complete = self.is_complete or bool(closing)
            elif not closing:
                self.begun[name] += 1
        last = text.rfind("<")
        if last >= 0:
            opened = _TAG_NAME.match(text, last)
            self._open = opened[1] if opened and not text.endswith("/>") else ""
        return _AMPERSAND.sub(_reference, text) if "&" in text else text

    def _end_of_cdata(self) -> int:
        """Where the section that begins here ends, whatever `]]>` an old exporter left inside.

        It really ends where `]]>` is followed by the end tag of its element or by another section. Where
        the element goes on with bare text instead, it ends at the last `]]>` before the end tag.
        """
        end = self._find("]]>", self._at, "a text")
        if not self._open:
            return end
        really_ends, end_or_end_tag = _endings(self._open)
        while True:
            while len(self._buffer) < end + _LOOK_AHEAD and not self._ended:
                self._read_more()
            if really_ends.match(self._buffer, end):
                return end
            while (following := end_or_end_tag.search(self._buffer, end + 3)) is None:
                self._read_more("a text")
            if following[0] != "]]>":
                return end
            end = following.start()

    def _find(self, wanted: str, start: int, what: str) -> int:
        while (found := self._buffer.find(wanted, start)) < 0:
            start = max(start, len(self._buffer) - len(wanted) + 1)
            self._read_more(what)
        return found

    def _take(self, end: int) -> str:
        taken = self._buffer[self._at : end]
        self._at = end
        return taken

    def _forget(self) -> None:
        self._buffer = self._buffer[self._at :]
        self._at = 0

    def _read_more(self, inside: str = "") -> None:
        if self._ended:
            where = f": it ends in the middle of {inside}" if inside else ""
            raise UnreadableFile(f"The file is cut off{where}. Nothing was imported; please export it again.")
        unread = len(self._buffer) - self._at
        if unread > _LONGEST_TEXT:
            raise UnreadableFile(f"One text in the file is longer than {_LONGEST_TEXT:,} characters.")
        # A long text is read in growing steps, so that joining it does not take the square of its length.
        pieces, wanted = [self._buffer], max(_READ_BYTES, unread)
        while wanted > 0:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                break
            pieces.append(piece)
            wanted -= max(len(piece), 1)
        self._buffer = "".join(pieces)


@lru_cache(maxsize=64)
def _endings(element: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    end_tag = rf"</{re.escape(element)}\s*>"
    return re.compile(rf"\]\]>(?:\s*{end_tag}|<!\[CDATA\[)"), re.compile(rf"\]\]>|{end_tag}")


def _root(text: str) -> str:
    found = _TAG_NAME.match(text.lstrip())
    if found is None:
        raise UnreadableFile("This is not an XML file: it does not begin with a tag.")
    if found[1] != "rss":
        raise UnreadableFile(f"This is not a WordPress export: its outermost element is <{found[1][:40]}>, not <rss>.")
    return found[1]


def _decoded(file: BinaryIO) -> Iterator[str]:
    head = file.read(_HEAD_BYTES)
    if not head.strip(b"\x00\t\n\r "):
        raise UnreadableFile("The file is empty.")
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise UnreadableFile(f"The file is {what}; please unpack it and import the XML file in it.")
    decode = codecs.getincrementaldecoder(_encoding(head))(errors="replace")
    piece, first = head, True
    while piece:
        text = _NOT_XML.sub("", decode.decode(piece))
        if first:
            text, first = text.lstrip("\ufeff \t\r\n"), False
            if not text.startswith("<"):
                raise UnreadableFile("This is not an XML file: it does not begin with a tag.")
        yield text
        piece = file.read(_READ_BYTES)
    yield _NOT_XML.sub("", decode.decode(b"", final=True))


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
    name = declared[1].decode("ascii") if declared else "utf-8"
    if not _ENCODINGS.fullmatch(name):
        raise UnreadableFile(f"The file is written in the encoding {name}; please convert it to UTF-8.")
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise UnreadableFile(
            f"The file is written in the unknown encoding {name}; please convert it to UTF-8."
        ) from None


def _reference(found: re.Match[str]) -> str:
    number, name = found[1], found[2]
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        is_text = (
            code in {9, 10, 13} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
        )
        return found[0] if is_text else ""
    if name and name in html5:
        return _escaped(html5[name])
    return "&amp;" + found[0][1:]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
