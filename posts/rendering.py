"""From an article's source to its HTML, and to a few plain words of it."""

import re
from html import unescape

from storied import markup

_markdown = markup.markdown(markup.ARTICLE)
# What stands within a line ends no word; a break, a picture and every block do.
_WITHIN_A_WORD = re.compile(
    r"</?(?:a|abbr|b|cite|code|del|em|i|ins|kbd|mark|q|s|small|strong|sub|sup|u)(?:\s[^<>]*)?(?:>|$)"
)
_TAG_OR_SPACE = re.compile(r"<[^<>]*(?:>|$)|\s+")
_CAPTION = re.compile(r"\[caption[^\]\n]{0,500}\](.*?)\[/caption\]", re.DOTALL)
_SHORTCODE = re.compile(r"\[/?(?:gallery|audio|video|playlist|embed|caption)[^\]\n]{0,500}\]")
BEGINNING_CHARACTERS = 280


def body_html(source: str, body_format: str) -> str:
    """Safe HTML of an article's body, written in Markdown or in the loose HTML of old blogs."""
    if body_format == "html":
        # What such a shortcode stood for is not here; its words in square brackets help nobody.
        loose = _SHORTCODE.sub("", _CAPTION.sub(r"<figure>\1</figure>", source)) if "[" in source else source
        return markup.clean(markup.from_loose_html(loose, link_addresses=False), markup.ARTICLE)
    return markup.clean(_markdown.render(source), markup.ARTICLE)


def plain_text(html: str) -> str:
    """The words of HTML that `markup` has cleaned, on one line.

    Django's strip_tags is not used: it refuses some texts altogether, and this HTML is known to be well-formed.
    """
    return unescape(_TAG_OR_SPACE.sub(" ", _WITHIN_A_WORD.sub("", html))).strip()


def beginning(html: str, characters: int = BEGINNING_CHARACTERS) -> str:
    """The first words, cut at a word's end."""
    text = re.sub(r"\s+", " ", plain_text(html[: characters * 20])).strip()
    if len(text) <= characters:
        return text
    return text[:characters].rsplit(" ", 1)[0].rstrip(",;:–—- ") + "…"
