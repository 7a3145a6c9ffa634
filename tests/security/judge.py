"""Says what is wrong with HTML, by parsing it as a browser does; knows nothing of the sanitiser."""

import re
from typing import Any

import lxml.html
from bleach._vendor import html5lib

_COMMON = {"title"}
INLINE = set("a abbr b br cite code del em i q s strong sub sup".split())
BLOCKS = set("blockquote hr li ol p pre ul".split())
ARTICLE_MORE = set(
    "caption dd div dl dt figcaption figure h2 h3 h4 h5 h6 img ins kbd mark small "
    "table tbody td tfoot th thead tr u".split()
)
COMMENT = INLINE | BLOCKS
ARTICLE = COMMENT | ARTICLE_MORE
ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "abbr": {"title"},
    "img": {"src", "alt", "width", "height", "loading"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
# A parser puts these around the rows of a table that has none.
_MADE_BY_PARSERS = {"tbody", "colgroup"}


def faults(html: str, elements: set[str], *, relative_links: bool) -> list[str]:
    """What should not be there; empty for safe HTML."""
    found = []
    for name, attributes in _everything_in(html):
        if name not in elements and not (name in _MADE_BY_PARSERS and "table" in elements):
            found.append(f"element {name}")
        for attribute, value in attributes.items():
            if attribute not in ATTRIBUTES.get(name, ()):
                found.append(f"attribute {attribute} of {name}")
            elif attribute in {"href", "src"}:
                why = _fault_of_address(value, relative=relative_links)
                if why or (attribute == "src" and not _as_a_browser_reads(value).startswith("/")):
                    found.append(f"{attribute}={value!r}: {why or 'of another host'}")
        if name == "a" and "nofollow" not in attributes.get("rel", "") and not relative_links:
            found.append("a link without nofollow")
    return found


def _everything_in(html: str) -> list[tuple[str, dict[str, str]]]:
    tree: Any = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    seen = []
    for element in tree.iter():
        if element is tree:
            continue
        name = element.tag if isinstance(element.tag, str) else "a comment"
        seen.append((name, {str(key): value for key, value in element.attrib.items()}))
    # A second parser with other habits.
    if html.strip():
        around = lxml.html.document_fromstring(f"<div>{html}</div>").find("body/div")
        for element in around.iterdescendants():
            name = element.tag if isinstance(element.tag, str) else "a comment"
            seen.append((name, dict(element.attrib)))
    return seen


def _as_a_browser_reads(address: str) -> str:
    """After the URL standard: outer controls and spaces go, tabs and line ends everywhere, backslashes are slashes."""
    address = re.sub(r"^[\x00-\x20]+|[\x00-\x20]+$", "", address)
    return re.sub(r"[\t\n\r]", "", address).replace("\\", "/")


def _fault_of_address(address: str, *, relative: bool) -> str:
    read = _as_a_browser_reads(address)
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", read)
    if scheme:
        return "" if scheme[1].lower() in {"http", "https", "mailto"} else f"scheme {scheme[1]}"
    if read.startswith("//"):
        return "another host without a scheme"
    return "" if relative and read[:1] in {"/", "#"} else "relative"
