"""Bytes that anybody may send: never an error, never slow, never an encoding that is believed too much."""

import time
from contextlib import suppress
from email.message import EmailMessage

import pytest

from comments.incoming import answers, receive, take
from comments.incoming.message import MOST_BYTES, Incoming, Unreadable
from comments.incoming.words import own_words
from comments.models import Comment, ReceivedMail

from .conftest import answer, as_read, come_in

HEAD = b"From: a@example.org\nMessage-ID: <1@x.example>\n"


def nested(depth, kind=b"multipart/mixed"):
    parts = [
        b"Content-Type: " + kind + (b"; boundary=b%d\n\n--b%d\n" % (n, n) if b"multipart" in kind else b"\n\n")
        for n in range(depth)
    ]
    return b"".join(parts) + b"Content-Type: text/plain\n\nwords\n"


HOSTILE = {
    "nothing": b"",
    "no headers": b"\n\nwords",
    "one letter": b"x",
    "zeros": b"\x00" * 900_000,
    "nested a thousand deep": HEAD + nested(1_000),
    "messages in messages": HEAD + nested(1_000, b"message/rfc822"),
    "many headers": b"".join(b"X-%d: y\n" % n for n in range(60_000)),
    "one long header": b"To: " + b"a@b, " * 180_000 + b"\n\nx",
    "a long From": b"From: " + b'"' * 900_000 + b"\n\nx",
    "encoded words": b"From: " + b"=?utf-8?q?x?=" * 60_000 + b"\n\nx",
    "comments in a header": b"From: " + b"(" * 900_000 + b"\n\nx",
    "many small lines": HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--y\n" * 200_000,
    "many parts": HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 100_000,
    "status without end": HEAD + b"Content-Type: message/delivery-status\n\n" + b"a: b\n\n" * 150_000,
    "an address again and again": b"To: " + b"reply+raaaaaaaaaaaaaaaaaaaa@mail.example.org, " * 18_000 + b"\n\nx",
    "a parameter in pieces": HEAD
    + b"Content-Type: text/plain"
    + b"".join(b"; a*%d=x" % n for n in range(50_000))
    + b"\n\nx",
    "base64 that is none": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"=?!" * 200_000,
    "uuencode": HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 666 x\n" + b"M" * 100_000,
}


@pytest.mark.django_db
@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_nothing_that_comes_in_is_an_error_or_takes_long(raw):
    before = time.process_time()
    assert receive(raw) == "dropped"
    with suppress(Unreadable):
        own_words(Incoming(raw))
    assert time.process_time() - before < 3


def test_a_mail_of_more_than_a_megabyte_is_not_read():
    with pytest.raises(Unreadable):
        Incoming(b"x" * (MOST_BYTES + 1))


CHARSETS = [
    ("utf-8", "Grüße 😀"), ("iso-8859-1", "Grüße"), ("windows-1252", "Grüße – “so”"), ("koi8-r", "Спасибо"),
    ("iso-2022-jp", "ありがとう"), ("gb18030", "谢谢"), ("big5", "謝謝"),
]  # fmt: skip


@pytest.mark.parametrize(("charset", "text"), CHARSETS)
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_words_arrive_as_they_were_written(charset, text, encoding):
    message = EmailMessage()
    message.set_content(text, charset=charset, cte=encoding)
    assert own_words(Incoming(message.as_bytes())) == text


@pytest.mark.parametrize(
    "charset",
    ["no-such-charset", "punycode", "idna", "unicode_escape", "rot13", "hex", "zip", "../../etc", "utf-8\x00", "é" * 50,
     "x" * 1_000, "", '"', "undefined", "mbcs"],
)  # fmt: skip
def test_a_wrong_charset_is_no_error_and_what_can_be_read_is(charset):
    raw = f'From: a@example.org\nContent-Type: text/plain; charset="{charset}"\n\nGrüße'.encode()
    assert own_words(Incoming(raw)) == "Grüße"
    assert own_words(Incoming(raw.decode().encode("latin-1"))) in {"Grüße", "Gr��e"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["From", "Subject", "Message-ID", "Content-Type", "In-Reply-To", "To"])
@pytest.mark.parametrize("value", [b"=?x?b?====?=", b"\xff\xfe", b"=?utf-8?q?=00?=", b";" * 5_000, b"\xf0\x9f\x98\x80"])
def test_an_answer_with_a_broken_header_is_still_no_error(told, name, value):
    raw = answer(told).as_bytes()
    line = name.encode() + b": "
    start = raw.index(line)
    end = raw.index(b"\n", start)
    assert come_in(raw[:start] + line + value + raw[end:]) in {"taken", "refused", "dropped"}


@pytest.mark.django_db
def test_where_it_came_to_may_be_said_by_the_envelope_alone(told):
    to = as_read(told)["Reply-To"]
    assert come_in(answer(told, To="undisclosed-recipients:;")) == "dropped"
    assert come_in(answer(told, To="undisclosed-recipients:;"), recipient=to.upper()) == "taken"


@pytest.mark.django_db
def test_hostile_words_are_kept_as_words(told, michelle):
    come_in(answer(told, "<script>alert(1)</script> \x00\u202e [x](javascript:alert(1)) {{ 7*7 }}"))
    html = Comment.objects.order_by("-pk").first().body_html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "\x00" not in html


@pytest.mark.django_db
def test_two_at_once_are_one(told, monkeypatch):
    """The second looks before the first has noted that it was there."""
    real = answers._keep
    came: list[str] = []

    def meanwhile(*rest, **more):
        if not came:
            came.append("")
            came.append(take(Incoming(answer(told).as_bytes())))
        return real(*rest, **more)

    monkeypatch.setattr(answers, "_keep", meanwhile)
    assert come_in(answer(told)) == "twice"
    assert came[1] == "taken"
    assert ReceivedMail.objects.count() == 1
    assert Comment.objects.filter(body="Thank you, Jim.").count() == 1
