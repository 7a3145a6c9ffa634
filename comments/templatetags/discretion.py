"""What the pages of everybody do for readers who may be watched: a neutral name, and a way to leave quickly."""

from django import template
from django.db import Error

from comments.conf import Rules
from comments.models import HouseRules

register = template.Library()


@register.simple_tag
def discreet_title() -> str:
    """What tabs and history call every page; empty where each has its own name."""
    return _rules().name_of_pages


@register.simple_tag
def quick_exit() -> str:
    """Where the way out leads; empty where the owner wants none."""
    return _rules().way_out


def _rules() -> Rules:
    # Pages that are made while the database is away are discreet too, as far as is known without it.
    try:
        return HouseRules.current()
    except Error:
        return HouseRules.last_known()
