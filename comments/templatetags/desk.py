"""What the pages of everybody have to know of the desk."""

import secrets
from datetime import datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.timesince import timesince

from comments import moderation, permissions, typesetting
from comments.models import ModeratorScope
from comments.moderation import sought
from comments.viewers import viewer_of

register = template.Library()
register.filter("in_address", sought.in_address)

# In place of a comment's number; no text holds it, since nobody knows it.
_ANY_NUMBER = str(10**17 + secrets.randbelow(10**17))
_NOON = 12
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# What an entry of the log tells, in a word.
_ACTION_WORDS = {
    "submit": "Written",
    "approve": "Approved",
    "reject": "Declined",
    "mark_spam": "Marked as spam",
    "remove": "Removed",
    "restore": "Restored",
    "hold": "Held",
    "withdraw": "Withdrawn",
    "move": "Moved",
    "keep": "Kept, with its reports settled",
    "undo": "Decision taken back",
    "remove_below": "Removed with the branch above",
    "restore_below": "Restored with the branch above",
    "remove_branch": "Branch removed",
    "restore_branch": "Branch restored",
    "resubmit": "Submitted again",
    "appeal": "Second look asked for",
    "appeal_kept": "Second look: the decision stays",
    "appeal_reversed": "Second look: the decision was taken back",
    "appeal_closed": "Second look: nothing left to decide",
    "redact": "Passage taken out",
    "unredact": "Passage put back",
    "join_account": "Taken into an account",
    "lock": "Branch closed to replies",
    "unlock": "Branch opened to replies",
    "open_sealed": "Sealed copy opened",
    "care_opened": "Brought to Care",
    "care_claimed": "Care: somebody looks after it",
    "care_released": "Care: given back",
    "care_closed": "Care: closed",
    "answered_elsewhere": "Answered elsewhere",
    "no_reply_needed": "Needs no reply",
    "reply_wanted": "Waits for a reply again",
    "empty": "Text gone for good",
    "detach": "Name taken away",
    "unmask": "Looked up whose name it is",
}


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


@register.inclusion_tag("moderation/_rooms.html", takes_context=True)
def desk_rooms(context: dict[str, Any], here: str) -> dict[str, Any]:
    """The rooms of the desk that this viewer may enter; without a query."""
    viewer = viewer_of(context["request"])
    return {
        "here": here,
        "is_owner": not permissions.why_not_change_rules(viewer),
        "keeps_people": not permissions.why_not_keep_people(viewer),
    }


@register.simple_tag(takes_context=True)
def alike(context: dict[str, Any], fragment: str, pk: str, **inputs: Any) -> str:
    """A fragment that is the same on all cards with these inputs but for the card's number: it is made once a page.

    It sees its inputs alone, so that nothing of one card can stand on another.
    """
    made = context.render_context.dicts[0].setdefault("alike", {})
    key = (fragment, *inputs.items())
    if key not in made:
        made[key] = render_to_string(fragment, {**inputs, "pk": _ANY_NUMBER}).split(_ANY_NUMBER)
    return typesetting.with_number(made[key], int(pk))


@register.filter(expects_localtime=True)
def moment(at: datetime) -> str:
    """A day and a time, as Django's own filter writes them at ten times the price: "Nov 3, 2026, 9:05 am"."""
    half = "am" if at.hour < _NOON else "pm"
    return f"{_MONTHS[at.month]} {at.day}, {at.year}, {at.hour % _NOON or _NOON}:{at.minute:02} {half}"


@register.filter(expects_localtime=True)
def iso(at: datetime) -> str:
    """The same for machines."""
    return at.isoformat()


@register.filter
def age(moment: datetime) -> str:
    """How long ago, in one word and number: "3 days"."""
    words = timesince(moment, depth=1)
    return "less than a minute" if words.startswith("0") else words


@register.filter
def is_heavy(comment: Any) -> bool:
    """Whether its words may mean danger, as far as the comment itself says so."""
    return any(reason.get("code") == "care" for reason in comment.reasons)


@register.filter
def action_words(action: str) -> str:
    """What was done, in a word."""
    return _ACTION_WORDS.get(action, action)
