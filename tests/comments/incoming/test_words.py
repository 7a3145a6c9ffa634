"""What somebody wrote themselves, found in what their mail program made of it."""

import time
from email.message import EmailMessage

import pytest

from comments.incoming.message import Incoming
from comments.incoming.words import own_words, text_of_html

pytestmark = pytest.mark.once

OURS = (
    "There is a reply to your comment below “The bench”.\n\n"
    "To read it where it stands, and to answer, follow the link; it works without logging in.\n\nRead and answer:\nhttp://testserver/comment/2/\n"
)


@pytest.fixture(autouse=True)
def reply_address(settings):
    settings.STORIED_REPLY_ADDRESS = "reply@mail.example.org"
    settings.DEFAULT_FROM_EMAIL = "storied@example.org"


def quoted(text=OURS):
    return "".join(f"> {line}\n" for line in text.split("\n"))


def words_of(text, subtype="plain", **parameters):
    message = EmailMessage()
    message["From"] = "judith@example.org"
    message.set_content(text, subtype=subtype, params=parameters or None)
    return own_words(Incoming(message.as_bytes()))


MINE = "I sat there too.\n\nIt helped a little."

INTRODUCTIONS = [
    "On Wed, Nov 25, 2026 at 8:14 PM Half an Acre <storied@example.org> wrote:",
    "On Wed, Nov 25, 2026 at 8:14 PM Half an Acre wrote:",
    "On Wed, 25 Nov 2026 at 20:14, A rather long name of a site that needs its own line\n<storied@example.org> wrote:",
    "Am 25.11.26 um 20:14 schrieb Half an Acre:",
    "Half an Acre <storied@example.org> schrieb am Mi., 25. Nov. 2026, 20:14:",
    "Le mer. 25 nov. 2026 à 20:14, Half an Acre <storied@example.org> a écrit :",
    "El mié, 25 nov 2026 a las 20:14, Half an Acre (<storied@example.org>) escribió:",
    "Il giorno mer 25 nov 2026 alle ore 20:14 Half an Acre <storied@example.org> ha scritto:",
    "Op wo 25 nov 2026 om 20:14 schreef Half an Acre <storied@example.org>:",
    "Em qua., 25 de nov. de 2026 às 20:14, Half an Acre <storied@example.org> escreveu:",
    "śr., 25 lis 2026 o 20:14 Half an Acre <storied@example.org> napisał(a):",
    "ср, 25 нояб. 2026 г. в 20:14, Half an Acre <storied@example.org>:",
    "2026年11月25日(水) 20:14 Half an Acre <storied@example.org>:",
    "On 25/11/2026 20:14, reply+raaaaaaaaaaaaaaaaaaaaaaaa@mail.example.org wrote:",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("marks", [True, False], ids=["marked", "bare"])
def test_the_quoted_mail_goes_with_what_introduces_it_in_many_languages(introduction, marks):
    assert words_of(f"{MINE}\n\n{introduction}\n\n{quoted() if marks else OURS}") == MINE


OUTLOOK = [
    "________________________________\nFrom: Half an Acre <storied@example.org>\n"
    "Sent: Wednesday, November 25, 2026 8:14 PM\n"
    "To: judith@example.org\nSubject: Re: [Half an Acre] The bench\n",
    "-----Original Message-----\nFrom: Half an Acre\nSent: Wednesday\nTo: Judith\nSubject: Re: The bench\n",
    "-----Ursprüngliche Nachricht-----\nVon: Half an Acre\nGesendet: Mittwoch\nAn: Judith\nBetreff: The bench\n",
    "Von: Half an Acre <storied@example.org>\nGesendet: Mittwoch, 25. November\nAn: Judith\nBetreff: Re: x\n",
    "De : Half an Acre\nEnvoyé : mercredi 25 novembre 2026 20:14\nÀ : Judith\nObjet : Re: x\n",
    "From: Half an Acre\n\nDate: today\n",
]


@pytest.mark.parametrize("headers", OUTLOOK)
def test_the_headers_that_outlook_writes_go_too(headers):
    assert words_of(f"{MINE}\n\n{headers}\n{OURS}") == MINE


def test_words_below_and_between_are_found_where_none_stand_above():
    introduction = "On Wed, Nov 25, 2026 at 8:14 PM Half an Acre <storied@example.org> wrote:"
    assert words_of(f"{introduction}\n{quoted()}\n{MINE}\n") == MINE
    between = words_of(f"{introduction}\n> First point.\nYes.\n> Second point.\nNo.\n")
    assert between == "Yes.\nNo."


@pytest.mark.parametrize(
    "signature",
    ["-- \nJudith Somebody\nPhone 12345", "--\nJudith", "Sent from my iPhone", "Gesendet von meinem iPhone",
     "Envoyé de mon iPhone", "Get Outlook for Android"],
)  # fmt: skip
def test_signatures_go(signature):
    assert words_of(f"{MINE}\n\n{signature}\n") == MINE


@pytest.mark.parametrize(
    "text",
    [
        "Sent from my heart, these words,\nto you.",
        "PS: thank you.\n\nA: yes.",
        "From: a tired woman. To: you all.",
        "Best regards are not a signature.\n\nKind regards\nJ.",
        "I wrote on a stone:\nit stays.",
        "- one\n- two",
        "In 2024 it was 10:30 when I left.",
        "😀",
        "मैं ठीक हूँ",
    ],
)
def test_what_only_looks_like_it_stays(text):
    assert (
        words_of(f"{text}\n\nOn Wed, Nov 25, 2026 at 8:14 PM Half an Acre <storied@example.org> wrote:\n{quoted()}")
        == text
    )
    assert words_of(text) == text


def test_nothing_above_a_quote_is_nothing():
    introduction = "On Wed, Nov 25, 2026 at 8:14 PM Half an Acre <storied@example.org> wrote:"
    assert words_of(f"\n\n{introduction}\n\n{quoted()}") == ""
    assert words_of("") == ""


def test_lines_that_a_program_broke_are_whole_again():
    long = "I have never told anybody that I went there each day of that winter, and that nobody ever asked me why."
    broken = "I have never told anybody that I went there each day of that winter, and\nthat nobody ever asked me why."
    assert words_of(f"{broken}\n\nA poem\nhas lines.") == f"{long}\n\nA poem\nhas lines."
    flowed = "I have never told anybody \nthat I went there.\nNext line.\n\n-- \nJudith"
    assert words_of(flowed, format="flowed") == "I have never told anybody that I went there.\nNext line."
    assert words_of("zu \nsammen", format="flowed", delsp="yes") == "zusammen"


HTML = [
    f"<div dir='ltr'>I sat there too.<div><br></div><div>It helped a little.</div></div><br><div class='gmail_quote'>"
    f"<div class='gmail_attr'>On Wed wrote:</div><blockquote>{OURS}</blockquote></div>",
    "<html><head><style>p{}</style><title>x</title></head><body><p>I sat there too.</p><p>It helped a little.</p>"
    f"<div id='appendonsend'></div><hr><div id='divRplyFwdMsg'><b>From:</b> x</div><div>{OURS}</div></body></html>",
    "<body>I sat there too.<br><br>It helped a <b>little</b>.<br><div class='moz-cite-prefix'>Am 25.11.</div>"
    f"<blockquote type='cite'>{OURS}</blockquote></body>",
    "<p>I sat there too.<script>alert(1)</script></p><p>It helped a little.</p><p>On Wed, Nov 25, 2026 at 8:14 PM "
    f"Half an Acre &lt;storied@example.org&gt; wrote:</p><p>{OURS}</p>",
]


@pytest.mark.parametrize("html", HTML, ids=["Gmail", "Outlook", "Thunderbird", "unmarked"])
def test_a_mail_of_html_alone_is_read_as_text(html):
    assert words_of(html, "html") == MINE


def test_html_is_never_markup_of_ours_and_fetches_nothing():
    said = text_of_html("<p>&lt;b&gt;bold&lt;/b&gt;<img src='https://spam.example/x.png'><!-- no --></p>\x00<p>&#0;end")
    assert "<img" not in said
    assert said.split() == ["<b>bold</b>", "end"] or said.split()[0] == "<b>bold</b>"


@pytest.mark.parametrize(
    "text",
    [
        "> \n" * 300_000,
        "On " + "wrote " * 160_000,
        "Am " + " schrieb" * 120_000,
        "From: a\n" * 120_000,
        "-" * 900_000,
        "\n" * 900_000,
        "On a\n" * 190_000,
        "x" * 70 + "\n" + ("y" * 69 + "\n") * 12_000,
        ("a" * 20 + "2024 10:30 ") * 20_000,
        "-- \n" * 1_900,
        "@storied@example.org" * 40_000,
    ],
)
def test_hostile_text_is_read_in_a_moment(text):
    letter = Incoming(b"From: a@example.org\nContent-Type: text/plain\n\n" + text.encode())
    before = time.process_time()
    own_words(letter)
    assert time.process_time() - before < 3


@pytest.mark.parametrize(
    "html",
    ["<div>" * 180_000, "<blockquote>" * 70_000, "<p id='appendonsend'>x" * 40_000, "<" * 900_000, "&" * 900_000,
     "<table><tr><td>" * 60_000, "<a " + "x=y " * 200_000 + ">", "<!--" * 200_000, "<p class='" + "q " * 400_000],
)  # fmt: skip
def test_hostile_html_is_read_in_a_moment(html):
    letter = Incoming(b"From: a@example.org\nContent-Type: text/html\n\n" + html.encode())
    before = time.process_time()
    own_words(letter)
    assert time.process_time() - before < 3
