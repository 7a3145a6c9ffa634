"""Where help is, for every page, and for the writer of a comment."""

from typing import Any

from django import template
from django.db import Error
from django.urls import reverse

from comments import care as lane

register = template.Library()


@register.simple_tag
def help_url() -> str:
    """The address of “Get help now”; empty while nobody is named there, and on an error page without a database."""
    try:
        return reverse("care:help") if lane.help_is_there() else ""
    except Error:
        return ""


@register.inclusion_tag("care/_for_writer.html", takes_context=True)
def help_for_writer_of(context: dict[str, Any], comment: Any) -> dict[str, Any]:
    """On the private page of one's own comment: where help is, in the region one chooses, if its words ask for it."""
    if not lane.has_help_for_writer_of(comment):
        return {"is_shown": False}
    lines = lane.help_lines()
    regions = lane.regions(lines)
    chosen = context["request"].GET.get("region", "")
    region = chosen if chosen in regions else (regions[0] if len(regions) == 1 else "")
    return {
        "is_shown": True,
        "regions": regions if len(regions) > 1 else [],
        "region": region,
        "lines": [line for line in lines if line.region == region and region],
        "everywhere": [line for line in lines if not line.region],
        "help_url": reverse("care:help"),
    }
