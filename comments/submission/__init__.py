"""How people's own words come in, change and go."""

from .actions import edit, submit, withdraw
from .case import KIND_WORDS, Verdict
from .claiming import claim_chosen, claim_proved, offer_again, offered, say_not_mine, set_aside
from .detaching import detach, detach_all, settle_greeting
from .draft import Draft
from .policies import POLICIES, ParentGone

__all__ = [
    "KIND_WORDS",
    "POLICIES",
    "Draft",
    "ParentGone",
    "Verdict",
    "claim_chosen",
    "claim_proved",
    "detach",
    "detach_all",
    "edit",
    "offer_again",
    "offered",
    "say_not_mine",
    "set_aside",
    "settle_greeting",
    "submit",
    "withdraw",
]
