"""What the pages of everybody have to know of the desk."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.timesince import timesince

from comments import moderation
from comments.models import ModeratorScope
from comments.viewers import viewer_of

register = template.Library()


@register.filter
def has_a_desk(user: Any) -> bool:
    """Whether this account moderates everything or something chosen; without a query."""
    return user.is_moderator or bool(ModeratorScope.of(user))


@register.inclusion_tag("moderation/_queues.html", takes_context=True)
def desk_queues(context: dict[str, Any], here: str) -> dict[str, Any]:
    """The tabs of the desk with what waits behind them: a fixed number of queries."""
    return {
        "here": here,
        "queues": moderation.QUEUES.values(),
        "waiting": moderation.waiting(viewer_of(context["request"])),
    }


@register.filter
def age(moment: datetime) -> str:
    """How long ago, in one word and number: "3 days"."""
    return timesince(moment, depth=1)


@register.filter
def is_heavy(comment: Any) -> bool:
    """Whether its words may mean danger, as far as the comment itself says so."""
    return any(reason.get("code") == "care" for reason in comment.reasons)
