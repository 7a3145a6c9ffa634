"""Says what somebody wants by mail."""

from typing import Any

from django import template
from django.utils.html import format_html

register = template.Library()


@register.filter
def wish_in_words(wish: Any) -> str:
    """What a wish is about, for a sentence's middle; a template's file would end in a space."""
    if wish.scope in {"thread", "muted"}:
        said = "the thread with the comment by <bdi>{}</bdi> below {}"
        return format_html(said, wish.comment.author_name, _link(wish.comment.get_absolute_url(), wish.post))
    if wish.scope in {"replies", "article"}:
        below = _link(wish.post.get_absolute_url(), wish.post)
        if wish.scope == "article":
            return format_html("every comment below {}", below)
        return format_html("replies to your comment below {}, and what moderators decide about it", below)
    return "new articles"


def _link(address: str, words: Any) -> str:
    return format_html('<a href="{}">{}</a>', address, words)
