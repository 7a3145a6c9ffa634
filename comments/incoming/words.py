"""What somebody wrote themselves in an answer: without the mail that it answers, and without their signature.

Three things tell where the quoted mail begins: what mail programs write above it (quotequail knows many ways), our own
address in such a line, whatever the language, and the words by which our mails begin.
"""

import re

import quotequail
from django.conf import settings
from lxml import etree, html

from comments.notifications.answering import BEGINNINGS
from storied.text import clean_text, is_blank

from .message import Incoming

# More is no comment. A line's beginning tells what it is; patterns are never run over all of a long one.
_MOST_LINES = 2_000
_LOOKED_AT = 300  # characters of a line
# By what mail programs mark what they quote; behind the last two, everything is quoted.
_QUOTING = frozenset({
    "gmail_quote", "gmail_quote_container", "gmail_signature", "moz-cite-prefix", "moz-signature", "yahoo_quoted",
    "protonmail_quote", "protonmail_signature_block", "divrplyfwdmsg", "appendonsend",
})  # fmt: skip
_THE_REST = frozenset({"divrplyfwdmsg", "appendonsend"})
_UNSEEN = frozenset({"script", "style", "head", "title", "template", "object", "svg", "noscript"})
_BLOCKS = frozenset({
    "address", "article", "blockquote", "div", "dd", "dl", "dt", "figure", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "td", "tr", "ul",
})  # fmt: skip
_PARAGRAPHS = frozenset({"blockquote", "ol", "p", "pre", "table", "ul"})
_SENT_FROM = re.compile(
    r"(?:sent|gesendet|envoyé|enviado|inviato|verzonden|skickat|sendt|wysłane|lähetetty|odesláno|отправлено|"
    r"get outlook)\s+(?:from|with|via|using|for|mit|von|depuis|de|desde|da|vanaf|met|från|fra|z|iz|с|из)\b",
    re.I,
)
_RULE = re.compile(r"[_*=-]{10,}\s*$")
# The lines that Outlook and its kin write above a quote, in the languages that people here write.
_HEADERS = (
    "from sent to cc date subject reply-to von gesendet an datum betreff antwort(?:.an) de envoyé à objet para enviado "
    "enviado(?:.el) fecha asunto da inviato a data oggetto van verzonden aan onderwerp assunto från skickat till ämne "
    "fra sendt til emne lähettäjä lähetetty vastaanottaja aihe od wysłano do temat odesláno komu předmět от отправлено "
    "кому дата тема"
)
_HEADER = re.compile(rf"[*>\s]{{0,4}}(?:{'|'.join(_HEADERS.split())})[*\s]{{0,3}}:(?:[*\s]|$)", re.I)


def own_words(letter: Incoming) -> str:
    """What the writer of an answer says."""
    plain = letter.body("text/plain")
    if plain is not None and plain.strip():
        return _own(plain)
    marked_up = letter.body("text/html")
    return _own(text_of_html(marked_up)) if marked_up else ""


def text_of_html(source: str) -> str:
    """The words of somebody's HTML with its line breaks, without what it quotes. Nothing in it is run or fetched."""
    try:
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
        tree = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    own = _collect(tree, quotes=False)
    return own if any(map(str.isalnum, own)) else _collect(tree, quotes=True)


def _collect(tree: html.HtmlElement, *, quotes: bool) -> str:
    """Walks without calling itself: a hostile mail is deeper than Python's stack."""
    said: list[str] = []
    inside = 0  # so many elements deep in what does not count
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        marks = _QUOTING.intersection(f"{element.get('class', '')} {element.get('id', '')}".lower().split())
        left_out = tag in _UNSEEN or (not quotes and (tag == "blockquote" or bool(marks)))
        if event == "start":
            if marks & _THE_REST and not quotes:
                break
            inside += left_out
            if not inside:
                said.append("\n" if tag == "br" or tag in _BLOCKS else "")
                said.append(" ".join((element.text or "").split("\n")))
            continue
        inside -= left_out
        if not inside:
            said.append("\n\n" if tag in _PARAGRAPHS else "\n" if tag in _BLOCKS else "")
            said.append(" ".join((element.tail or "").split("\n")) if element is not tree else "")
    lines = (" ".join(line.split()) for line in "".join(said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _own(text: str) -> str:
    lines = clean_text(text).split("\n")[:_MOST_LINES]
    at = _quote_begins(lines)
    above, below = lines[:at], lines[at:]
    own = _without_signature(_without_quotes(above))
    if not _has_words(own):
        # Written below what it answers, or between its lines.
        own = _without_signature(_without_quotes(_behind_introduction(below)))
    return "\n".join(_joined(own)).strip()


def _quote_begins(lines: list[str]) -> int:
    """The first line of what is quoted, with what introduces it; behind the last where nothing is."""
    shown = [line[:_LOOKED_AT] for line in lines]
    parts = quotequail.quote("\n".join(shown), limit=_MOST_LINES + 1, quote_intro_line=True)
    at = parts[0][1].count("\n") if len(parts) > 1 else len(lines)
    if len(parts) > 1 and parts[0][1]:
        at += 1
    for number, line in enumerate(shown[:at]):
        if _is_ours(line):
            return _above_introduction(shown, number)
    return _above_introduction(shown, at) if at < len(lines) else at


def _is_ours(line: str) -> bool:
    bare = line.lstrip("> \t*").lower()
    return bare.startswith(_BEGINNINGS) or any(address in bare for address in _our_addresses())


_BEGINNINGS = tuple(words.lower() for words in BEGINNINGS)


def _our_addresses() -> list[str]:
    local, _at, host = settings.STORIED_REPLY_ADDRESS.partition("@")
    sender = re.search(r"[^\s<>\"]+@[^\s<>\"]+", settings.DEFAULT_FROM_EMAIL)
    return [f"{local}+", *([sender[0].lower()] if sender else [])] if local and host else []


def _above_introduction(lines: list[str], at: int) -> int:
    """Further up while lines belong to what stands above a quote: headers, a rule, the first half of "On … wrote:"."""
    first, headers = at, int(_HEADER.match(lines[at]) is not None)
    while first > 0 and at - first < 12 and (not lines[first - 1].strip() or _HEADER.match(lines[first - 1])):
        first -= 1
        headers += bool(lines[first].strip())
    if headers > 1:
        at = first
    elif at > 0 and _FIRST_HALF.match(lines[at - 1]):
        at -= 1
    for above in (at - 1, at - 2):
        if above >= 0 and _RULE.match(lines[above].strip()) and not any(line.strip() for line in lines[above + 1 : at]):
            return above
    return at


# "On Wed, 25 Nov 2026 at 20:14, Half an Acre", its address in the next line: a date, a time, no end of a sentence.
_FIRST_HALF = re.compile(r"(?=.*\d{4})(?=.*\d{1,2}[:.]\d{2}).*[^.!?\s]\s*$")


def _behind_introduction(lines: list[str]) -> list[str]:
    """What follows the words that introduce a quote, if the quote is one that marks its lines."""
    first = next((number for number, line in enumerate(lines) if line.startswith(">")), None)
    return lines[first:] if first is not None and first <= 6 else []


def _without_quotes(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith(">")]


def _without_signature(lines: list[str]) -> list[str]:
    """Up to the line that all mail programs put above a signature, or the one that telephones add."""
    for number, line in enumerate(lines):
        if line.rstrip() == "--" or (_SENT_FROM.match(line.strip()) and _is_short(line) and _is_last(lines, number)):
            return lines[:number]
    return lines


def _is_short(line: str) -> bool:
    return len(line) < 80


def _is_last(lines: list[str], number: int) -> bool:
    """Whether nothing follows but an empty line or two: else it is a sentence of theirs."""
    return not any(line.strip() for line in lines[number + 1 : number + 20])


def _has_words(lines: list[str]) -> bool:
    return not is_blank("".join(lines))


def _joined(lines: list[str]) -> list[str]:
    """Paragraphs whole again that a mail program broke at its width; a break that was not needed stays."""
    width = max((len(line) for line in lines), default=0)
    if not 60 <= width <= 80:
        return [line.rstrip() for line in lines]
    joined: list[str] = []
    before = ""
    for line in lines:
        first = line.split(" ", 1)[0]
        is_broken = before and first and line[:1] not in "-*#> \t" and len(before.rstrip()) + 1 + len(first) > width
        if is_broken:
            joined[-1] = f"{joined[-1]} {line.rstrip()}"
        else:
            joined.append(line.rstrip())
        before = line
    return joined
