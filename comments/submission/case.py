"""What the house rules look at, and what they can say."""

from dataclasses import dataclass
from functools import cached_property

from comments import permissions
from comments.conf import Rules
from comments.models import Alias, Comment, Discussion, GuidelineVersion, Restriction
from comments.spam import Opinion

from .draft import Draft


@dataclass(frozen=True)
class Reason:
    """Why a comment was held or set aside: stored with it and shown to the moderator; `kindly` is for its author."""

    code: str
    detail: str = ""

    @property
    def kindly(self) -> str:
        return KIND_WORDS.get(self.code, "a moderator reads it first")

    def stored(self) -> dict[str, str]:
        return {"code": self.code, "detail": self.detail}


# What the author reads after "waits for a moderator, because …".
KIND_WORDS = {
    "newcomer": "the first comment of everybody new here is read by a moderator",
    "hold_everything": "every comment is read by a moderator at the moment",
    "links": "it has several links",
    "watched_word": "it has a word that a moderator looks at first",
    "too_fast": "it arrived faster than most people type",
    "always_held": "a moderator reads your comments before they appear",
    "care": "somebody from here would like to read it with care first",
    "blocked": "something about where it comes from, or leads to, has to be looked at by a moderator",
    "mail_from_elsewhere": "it came by mail, from another address than the one that we wrote to",
    "edited": "it was edited, and the new text has to be read once more",
    "resubmitted": "you have written it anew, and a moderator reads the new text",
    "redacted": "a moderator has taken a passage out of it before",
    "flagged": "readers have asked a moderator to look at it",
    "imported": "it was already waiting when this discussion moved here",
}


@dataclass(frozen=True)
class Verdict:
    status: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Decided:
    """What one rule says; a final word ends the list."""

    status: str
    reason: Reason | None = None
    final: bool = False


@dataclass
class Case:
    """All that the rules may look at. `parent` was read under the lock; `editing` is the comment being edited."""

    draft: Draft
    rules: Rules
    discussion: Discussion
    opinion: Opinion
    parent: Comment | None = None
    body_html: str = ""
    editing: Comment | None = None
    version: GuidelineVersion | None = None  # set by current_guidelines_are_accepted
    alias: Alias | None = None  # set by nobody_speaks_as_somebody_else

    @cached_property
    def moderates(self) -> bool:
        """Whether it is written as somebody who moderates. Under another name nobody does: it would tell on them."""
        return not self.draft.alias and not permissions.why_not_moderate(self.draft.viewer, self.draft.post)

    @cached_property
    def restrictions(self) -> dict[str, Restriction]:
        """What keeps this person from writing freely, by kind."""
        return {restriction.kind: restriction for restriction in Restriction.objects.in_force_for(self.draft.viewer)}
