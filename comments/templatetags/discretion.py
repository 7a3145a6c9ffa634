"""What the pages of everybody do for readers who may be watched: a neutral name, and a way to leave quickly."""

from django import template
from django.db import Error

from comments.conf import Rules, installed_rules
from comments.models import HouseRules
from storied.markup import is_web_address

register = template.Library()


@register.simple_tag
def discreet_title() -> str:
    """What tabs and history call every page; empty where each has its own name."""
    return _rules().discreet_title.strip()


@register.simple_tag
def quick_exit() -> str:
    """Where the way out leads; empty where the owner wants none."""
    rules = _rules()
    if not rules.quick_exit:
        return ""
    return rules.quick_exit_to if is_web_address(rules.quick_exit_to) else Rules.quick_exit_to


def _rules() -> Rules:
    # Pages that say that the database is away are discreet too, as far as is known without it.
    try:
        return HouseRules.current()
    except Error:
        return installed_rules()
