"""From a comment's source to its HTML. The HTML is stored; it is never cleaned again."""

import re

from markdown_it.token import Token

from storied import markup

# Raised when the same source would give other HTML: by it the comments are known that were rendered before.
RENDERER_VERSION = 1

_markdown = markup.markdown(markup.COMMENT)

# Typographic smileys, standing alone between spaces or at a line's end, as people have typed them since 1982.
_SMILEYS = {
    ":-)": "🙂", ":)": "🙂", ":-(": "🙁", ":(": "🙁", ";-)": "😉", ";)": "😉", ":-D": "😀", ":D": "😀",
    ":-P": "😛", ":P": "😛", ":'(": "😢", ":-/": "😕", "<3": "❤️",
}  # fmt: skip
_SMILEY = re.compile(
    r"(?<![^\s(])(?:" + "|".join(re.escape(s) for s in sorted(_SMILEYS, key=len, reverse=True)) + r")(?=$|[\s.,!?)])"
)
_HTML_SMILEY_PARTS = re.compile(r"(<[^<>]*>)")


def body_html(source: str, body_format: str) -> str:
    """Safe HTML of what somebody wrote: in small Markdown, or, for imported comments, in old software's loose HTML."""
    if body_format == "html":
        parts = _HTML_SMILEY_PARTS.split(markup.from_loose_html(source, link_addresses=True))
        loose = "".join(part if part.startswith("<") else with_emoji(part) for part in parts)
        return markup.clean(loose, markup.COMMENT).strip()
    tokens = _markdown.parse(source)
    _headings_become_paragraphs(tokens)
    markup.link_bare_addresses(tokens)
    for block in tokens:
        for token in block.children or ():
            if token.type == "text":
                token.content = with_emoji(token.content)
    return markup.clean(_markdown.renderer.render(tokens, _markdown.options, {}), markup.COMMENT).strip()


def with_emoji(text: str) -> str:
    """The text with its typographic smileys as emoji."""
    return _SMILEY.sub(lambda found: _SMILEYS[found[0]], text)


def count_links(html: str) -> int:
    """How many links rendered HTML has."""
    return html.count("<a ")


def _headings_become_paragraphs(tokens: list[Token]) -> None:
    """A comment stands below the article's headings; what was meant as one is set in bold."""
    inside = False
    for token in tokens:
        if token.type == "heading_open":
            token.type, token.tag, inside = "paragraph_open", "p", True
        elif token.type == "heading_close":
            token.type, token.tag, inside = "paragraph_close", "p", False
        elif inside and token.type == "inline":
            token.children = [
                Token("strong_open", "strong", 1),
                *(token.children or ()),
                Token("strong_close", "strong", -1),
            ]
