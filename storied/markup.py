"""Makes HTML safe: the only module that knows bleach, behind one function.

bleach has announced that 6.4.0 is its last release. Whatever follows it has to offer `clean(html, rules)` and to pass
the tests written against this one; ARCHITECTURE.md has the plan.
"""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from storied.text import clean_text

_INLINE = frozenset({"a", "abbr", "b", "br", "cite", "code", "del", "em", "i", "q", "s", "strong", "sub", "sup"})
_BLOCKS = frozenset({"blockquote", "hr", "li", "ol", "p", "pre", "ul"})
_ARTICLE = frozenset(
    {"caption", "dd", "div", "dl", "dt", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "img", "ins", "kbd"}
    | {"mark", "small", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u"}
)


@dataclass(frozen=True)
class Rules:
    """What one kind of text may hold: elements, site-relative addresses or not, and the rel of its links."""

    name: str
    tags: frozenset[str]
    relative_links: bool
    rel: str


COMMENT = Rules("comment", _INLINE | _BLOCKS, relative_links=False, rel="nofollow ugc noopener")
ARTICLE = Rules("article", _INLINE | _BLOCKS | _ARTICLE, relative_links=True, rel="noopener")

_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_NUMERIC_ENTITY = re.compile(r"&#(?:x[0-9a-f]{1,8}|[0-9]{1,8});?", re.IGNORECASE)
_UNREAD = re.compile("[\x00-\x20\x7f-\x9f]")
_SCHEMES = frozenset({"http", "https", "mailto"})
_cleaners = threading.local()


def clean(html: str, rules: Rules) -> str:
    """The HTML with only what the rules allow. Never feed it its own output: keep the source instead."""
    # A Cleaner shared by threads mixes their texts.
    cleaner = getattr(_cleaners, rules.name, None)
    if cleaner is None:
        cleaner = Cleaner(
            tags=rules.tags,
            attributes=_attribute_is_allowed(rules),
            protocols=_SCHEMES,
            strip=True,
            strip_comments=True,
            filters=[_LINKS_AND_PICTURES[rules.name]],
        )
        setattr(_cleaners, rules.name, cleaner)
    # What is cut from every text is cut where it comes as an entity too.
    return cleaner.clean(clean_text(_NUMERIC_ENTITY.sub(_without_cut_characters, html)))


def _without_cut_characters(entity: re.Match[str]) -> str:
    return entity[0] if clean_text(unescape(entity[0])) else ""


def is_web_address(address: str) -> bool:
    """Whether this is an http or https address with a host, and nothing dressed up as one."""
    if not address.isprintable() or " " in address or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _attribute_is_allowed(rules: Rules) -> Any:
    def allowed(tag: str, name: str, value: str) -> bool:
        if name not in _ATTRIBUTES.get(tag, ()):
            return False
        if name in {"href", "src"}:
            return _address_is_allowed(value, relative=rules.relative_links)
        if name in {"start", "width", "height", "colspan", "rowspan"}:
            return value.isascii() and value.isdigit() and len(value) < 5
        return True

    return allowed


def _address_is_allowed(value: str, *, relative: bool) -> bool:
    # As a browser reads it: entities decoded, control characters and white space dropped.
    value = _UNREAD.sub("", unescape(value))
    if relative and re.match(r"#|/(?![/\\])", value):
        return True
    return bool(re.match(r"(https?://|mailto:)[^\s]", value, re.IGNORECASE))


def _filter_for(rules: Rules) -> type[Filter]:
    class LinksAndPictures(Filter):
        """Gives every link its rel, and turns pictures of other hosts into links: no page asks anybody else."""

        def __iter__(self) -> Iterator[dict[str, Any]]:
            for token in super().__iter__():
                if token["type"] == "StartTag" and token["name"] == "a":
                    token["data"][(None, "rel")] = rules.rel
                elif token["type"] in {"StartTag", "EmptyTag"} and token["name"] == "img":
                    yield from _picture(token)
                    continue
                yield token

    return LinksAndPictures


def _picture(token: dict[str, Any]) -> Iterator[dict[str, Any]]:
    source = _UNREAD.sub("", unescape(token["data"].get((None, "src"), "")))
    alternative = token["data"].setdefault((None, "alt"), "")
    if source.startswith("/"):
        token["data"][(None, "loading")] = "lazy"
        yield token
    elif source:
        yield {
            "type": "StartTag", "name": "a", "namespace": token.get("namespace"),
            "data": {(None, "href"): source, (None, "rel"): "noopener"},
        }  # fmt: skip
        yield {"type": "Characters", "data": f"[picture: {alternative}]" if alternative else "[picture]"}
        yield {"type": "EndTag", "name": "a", "namespace": token.get("namespace"), "data": {}}


_LINKS_AND_PICTURES = {rules.name: _filter_for(rules) for rules in (COMMENT, ARTICLE)}


# --- From what people write to HTML ---------------------------------------------------------------------------

_BARE_ADDRESS = re.compile(r"(?<![\w@/.:])(?:https?://|www\.)[^\s<>\"'\u201c\u201d\u00a0]+", re.IGNORECASE)
_CLOSERS = {")": "(", "]": "[", "}": "{"}


def split_addresses(text: str) -> Iterator[tuple[str, str]]:
    """The text in parts, each with the address it should link to, or with an empty one."""
    start = 0
    for found in _BARE_ADDRESS.finditer(text):
        address = _without_trailing_punctuation(found[0])
        href = f"https://{address}" if address[:4].lower() == "www." else address
        if not is_web_address(href) or "." not in (urlsplit(href).hostname or ""):
            continue
        if found.start() > start:
            yield text[start : found.start()], ""
        yield address, href
        start = found.start() + len(address)
    if start < len(text):
        yield text[start:], ""


def _without_trailing_punctuation(address: str) -> str:
    # Counted once: an address of nothing but brackets must not cost the square of its length.
    surplus = {closer: address.count(closer) - address.count(opener) for closer, opener in _CLOSERS.items()}
    end = len(address)
    while end:
        last = address[end - 1]
        if last in _CLOSERS and surplus[last] > 0:
            surplus[last] -= 1
        elif last not in ".,;:!?*_~…":
            break
        end -= 1
    return address[:end]


def markdown(rules: Rules) -> MarkdownIt:
    """A CommonMark reader without raw HTML; for comments also without pictures, and headings are bold paragraphs."""
    reader = MarkdownIt("commonmark", {"html": rules is ARTICLE, "breaks": rules is COMMENT, "maxNesting": 20})
    reader.enable("strikethrough")
    if rules is COMMENT:
        reader.disable(["image", "html_block", "html_inline", "reference"])
    else:
        reader.enable("table")
    return reader


def link_bare_addresses(tokens: list[Token]) -> None:
    """Turns addresses in running text into links, in place; code and existing links stay as they are."""
    for block in tokens:
        if block.type != "inline" or not block.children:
            continue
        children: list[Token] = []
        inside_link = 0
        for token in block.children:
            inside_link += (token.type == "link_open") - (token.type == "link_close")
            if (
                token.type != "text"
                or inside_link
                or ("://" not in token.content and "www." not in token.content.lower())
            ):
                children.append(token)
                continue
            for text, href in split_addresses(token.content):
                if not href:
                    children.append(Token("text", "", 0, content=text, level=token.level))
                    continue
                children.append(Token("link_open", "a", 1, attrs={"href": href}, level=token.level))
                children.append(Token("text", "", 0, content=text, level=token.level + 1))
                children.append(Token("link_close", "a", -1, level=token.level))
        block.children = children


_TAG = re.compile(r"(<[^<>]*>)")
_QUIET_TAG = re.compile(r"<(/?)\s*(pre|code|a|textarea)\b", re.IGNORECASE)
_DROPPED = re.compile(r"<!--|<(script|style)\b", re.IGNORECASE)
_LINE_END = re.compile(r"(?<!<br>)(?<!<br/>)(?<!<br />)\n")
_BLOCK_TAG = re.compile(
    r"</?(?:address|article|aside|blockquote|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|li|"
    r"nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul)\b",
    re.IGNORECASE,
)


def from_loose_html(source: str, *, link_addresses: bool) -> str:
    """Loose HTML of old blog software (blank lines part paragraphs, line ends break lines) as plain HTML, unsafe still.

    Text inside `pre` keeps its lines; scripts, styles and comments go with their content.
    """
    out: list[str] = []
    quiet = 0  # inside pre, code or a link
    preformatted = 0
    source = _without_scripts_and_comments(source.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", ""))
    for part in _TAG.split(source):
        if _TAG.fullmatch(part):
            name = _QUIET_TAG.match(part)
            step = (-1 if name[1] else 1) if name else 0
            quiet = max(0, quiet + step)
            if name and name[2].lower() == "pre":
                preformatted = max(0, preformatted + step)
                out.append(f"{part}\n\n" if step < 0 else f"\n\n{part}")
            else:
                out.append(f"\n\n{part}\n\n" if _BLOCK_TAG.match(part) and not preformatted else part)
        elif preformatted:
            out.append(part.replace("\n", "\x00"))
        elif link_addresses and not quiet:
            out.append(
                "".join(f'<a href="{href}">{text}</a>' if href else text for text, href in split_addresses(part))
            )
        else:
            out.append(part)
    return _paragraphs("".join(out)).replace("\x00", "\n")


def _without_scripts_and_comments(source: str) -> str:
    kept, start = [], 0
    while found := _DROPPED.search(source, start):
        kept.append(source[start : found.start()])
        closer = "-->" if found[1] is None else f"</{found[1].lower()}"
        end = re.compile(re.escape(closer), re.IGNORECASE).search(source, found.end())
        if end is None:
            return "".join(kept)
        close = source.find(">", end.start()) if found[1] else end.end() - 1
        if close < 0:
            return "".join(kept)
        start = close + 1
    kept.append(source[start:])
    return "".join(kept)


def _paragraphs(html: str) -> str:
    pieces = []
    for piece in re.split(r"\n\s*\n", html):
        piece = piece.strip()
        if not piece:
            continue
        if _BLOCK_TAG.match(piece) and (_TAG.fullmatch(piece) or piece[:4].lower() == "<pre"):
            pieces.append(piece)
        else:
            pieces.append(f"<p>{_LINE_END.sub('<br>', piece)}</p>")
    return "\n".join(pieces)


# Inside a script element an entity is no entity: what could end the element is written as JSON writes it.
_IN_SCRIPTS = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def json_ld(data: dict[str, Any]) -> SafeString:
    """Data for machines that read a page, as an element that no browser runs."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPTS)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 (nothing in it can end it)
