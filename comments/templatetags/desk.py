"""What the pages of everybody have to know of the desk."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.timesince import timesince

from comments import moderation, permissions
from comments.models import ModeratorScope
from comments.moderation import sought
from comments.viewers import viewer_of

register = template.Library()
register.filter("in_address", sought.in_address)

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
    "edit": "Edited",
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
