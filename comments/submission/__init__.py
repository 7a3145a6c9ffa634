"""How people's own words come in, change and go."""

from .actions import edit, submit, withdraw
from .draft import Draft
from .policies import KIND_WORDS, POLICIES, ParentGone, Verdict

__all__ = ["KIND_WORDS", "POLICIES", "Draft", "ParentGone", "Verdict", "edit", "submit", "withdraw"]
