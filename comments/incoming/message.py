"""A mail as bytes, read so that nothing in it can be slow, deep or unreadable enough to matter."""

import codecs
import email
import email.policy
import re
from email.header import decode_header
from email.message import Message
from typing import NoReturn

MOST_BYTES = 1_000_000
# Of text that is looked at; a comment has room for less.
MOST_CHARACTERS = 100_000
_LONGEST_HEADER = 4_000
# Reading takes a look at each open boundary for each line; people's mail programs nest three or four deep.
_MOST_BOUNDARIES = 40
_MOST_PARTS = 400
_MOST_LINES_BETWEEN = 2_000  # that may stand between parts
# The others are slow with long texts, or are no encodings of text at all.
_CHARSETS = re.compile(
    r"ascii|utf-?(?:7|8|16|32)|iso-?(?:8859|2022)|cp\d|koi8|gb|big5|euc|shift_jis|mac|tis|hz|johab", re.I
)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]+@[^\s<>()\[\],;:\"@]+")


class Unreadable(Exception):
    """What no mail program of a person sends."""


_LONG_FIELD = re.compile(rb"^content-[a-z-]{1,30}:(?:[^\r\n]|\r?\n[ \t]){4000}", re.M)


def _refuse_what_is_slow(lowered: bytes) -> None:
    """What Python's reader would take seconds or minutes for, told by counting."""
    if lowered.count(b"boundary") > _MOST_BOUNDARIES or lowered.count(b"content-type") > _MOST_PARTS:
        raise Unreadable("It has too many parts.")
    if lowered.count(b"\n--") + lowered.count(b"\r--") > _MOST_LINES_BETWEEN:
        raise Unreadable("It has too many parts.")
    blank = lowered.count(b"\n\n") + lowered.count(b"\r\n\r\n") + lowered.count(b"\r\r")
    if b"delivery-status" in lowered and blank > _MOST_PARTS:
        raise Unreadable("It reports on too many.")
    if _LONG_FIELD.search(lowered):
        raise Unreadable("It describes itself for too long.")


class Incoming:
    """A mail that came in: its headers as text, its parts as a list."""

    def __init__(self, raw: bytes, *, sender: str | None = None, recipient: str = "") -> None:
        """`sender` and `recipient` are those of the envelope, as far as whoever hands it over knows them."""
        if len(raw) > MOST_BYTES:
            raise Unreadable("It is too large.")
        _refuse_what_is_slow(raw.lower())
        self.raw, self.sender, self.recipient = raw, sender, recipient
        try:
            self._message = email.message_from_bytes(raw, policy=email.policy.compat32)
            self.parts: list[Message] = [part for part in self._message.walk() if not part.is_multipart()]
            self.containers = [part for part in self._message.walk() if part.is_multipart()]
        except (RecursionError, ValueError, LookupError, TypeError, AttributeError, KeyError, IndexError) as fault:
            self._refuse(fault)

    def _refuse(self, fault: Exception) -> NoReturn:
        raise Unreadable(f"It cannot be read: {type(fault).__name__}") from fault

    def header(self, name: str) -> str:
        """All headers of this name in one text, decoded as far as that can be done."""
        told = [value for each, value in self._message.raw_items() if each.lower() == name.lower()]
        return "\n".join(text_of_header(value) for value in told[:20])

    def has(self, name: str) -> bool:
        return name in self._message

    @property
    def content_type(self) -> str:
        return self._message.get_content_type()

    def holds(self, content_type: str) -> bool:
        """Whether some part of it is of this type."""
        return any(part.get_content_type() == content_type for part in (*self.parts, *self.containers))

    @property
    def message_id(self) -> str:
        found = re.search(r"<[^<>\s]{1,248}>", self.header("Message-ID"))
        return found[0] if found else ""

    @property
    def senders(self) -> set[str]:
        """The addresses in From, written alike: one, unless somebody plays tricks."""
        return {written_alike(found.strip("'")) for found in _ADDRESS.findall(self.header("From"))}

    @property
    def recipients(self) -> str:
        """All headers that may tell where it came to, as one text."""
        names = ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc", "X-Forwarded-To", "Resent-To")
        return "\n".join([self.recipient, *(self.header(name) for name in names)])

    @property
    def has_no_sender(self) -> bool:
        """Whether the envelope says that nobody wants to hear about this mail."""
        if self.sender is not None:
            return self.sender.strip() in {"", "<>"}
        return self.header("Return-Path").strip() == "<>"

    @property
    def attachments(self) -> int:
        """What was sent beside the words."""
        told = [part for part in self.parts if _is_attached(part)]
        return min(len(told), 1_000)

    def body(self, content_type: str) -> str | None:
        """The first text of this type that is no attachment; None if there is none."""
        for part in self.parts:
            if part.get_content_type() == content_type and not _is_attached(part):
                text = text_of(part)
                return _unfolded(part, text) if content_type == "text/plain" else text
        return None


def written_alike(address: str) -> str:
    """An address in small letters, its domain as the wires know it."""
    local, at, domain = address.lower().rstrip(".").rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        return f"{local}{at}{domain}"


def text_of(part: Message) -> str:
    """The text of a part, whatever it claims to be encoded in."""
    try:
        said = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AssertionError, AttributeError):
        said = None
    if not isinstance(said, bytes):
        said = str(part.get_payload()).encode("utf-8", "replace")
    said = said[: MOST_CHARACTERS * 4]
    for charset in (_charset(part), "utf-8"):
        try:
            return said.decode(charset)[:MOST_CHARACTERS]
        except (UnicodeError, LookupError, ValueError):
            continue
    return said.decode("cp1252", "replace")[:MOST_CHARACTERS]


def text_of_header(value: object) -> str:
    """A header on one line; what cannot be decoded stays as it is."""
    # Newer programs write headers in UTF-8, which Python's reader takes as bytes that it does not know.
    text = str(value)[:_LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        parts = [
            said.decode(_known(charset or "ascii"), "replace") if isinstance(said, bytes) else said
            for said, charset in decode_header(text)
        ]
    except (ValueError, LookupError, TypeError, AssertionError):
        parts = [text]
    return " ".join("".join(parts).split())


def _charset(part: Message) -> str:
    try:
        return _known(part.get_content_charset() or "utf-8")
    except (ValueError, LookupError, TypeError, AttributeError):
        return "utf-8"


def _known(name: str) -> str:
    """The name of an encoding that is known to be harmless; UTF-8 in place of any other."""
    if len(name) > 40 or not re.fullmatch(r"[\w.:-]+", name, re.A):
        return "utf-8"
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return "utf-8"
    return found if _CHARSETS.match(found) else "utf-8"


def _is_attached(part: Message) -> bool:
    try:
        disposition = part.get_content_disposition()
    except (ValueError, LookupError, TypeError, AttributeError):
        disposition = None
    return disposition == "attachment" or part.get_content_maintype() not in {"text", "message", "multipart"}


def _unfolded(part: Message, text: str) -> str:
    """Without the line breaks that a mail program put in: `format=flowed` says which those are (RFC 3676)."""
    try:
        is_flowed = str(part.get_param("format", "")).lower() == "flowed"
        deletes_space = str(part.get_param("delsp", "")).lower() == "yes"
    except (ValueError, LookupError, TypeError, AttributeError):
        is_flowed = deletes_space = False
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not is_flowed:
        return text
    lines: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        quoted = line.startswith(">")
        line = line[1:] if line.startswith(" ") else line
        if goes_on and not quoted and line != "-- ":
            lines[-1] += line
        else:
            lines.append(line)
        goes_on = line.endswith(" ") and not quoted and line != "-- "
        if goes_on and deletes_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
