"""How people's own words come in, change and go."""

from .actions import edit, submit, withdraw
from .case import KIND_WORDS, Verdict
from .claiming import claim_chosen, claim_proved, offered
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
    "edit",
    "offered",
    "submit",
    "withdraw",
]
