"""The house rules for what is said: one ordered list of small functions.

Each looks at a case and returns nothing, a verdict with its reason, or refuses. The first `final` verdict ends the
list; other holds are collected, so that a moderator sees all reasons and not only the first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from comments import guidelines, rendering
from comments.conf import Rules
from comments.exceptions import Refused, TooMany
from comments.models import Comment, Discussion, GuidelineVersion
from comments.spam import Opinion
from storied.accounts.models import User

from .draft import Draft

PENDING, APPROVED, SPAM = Comment.Status.PENDING, Comment.Status.APPROVED, Comment.Status.SPAM


class DiscussionClosed(Refused):
    code = "closed"
    http_status = 403


class ParentGone(Refused):
    code = "parent_gone"


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
    "edited": "it was edited, and the new text has to be read once more",
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
    version: GuidelineVersion | None = field(default=None)  # set by current_guidelines_are_accepted

    @property
    def moderates(self) -> bool:
        viewer = self.draft.viewer
        return viewer.is_moderator or (viewer.is_member and self.draft.post.author_id == viewer.user.pk)


Policy = Callable[[Case], Decided | None]


def decide(case: Case) -> Verdict:
    """What the house rules make of a case: a status with its reasons; a CommentsError where they refuse."""
    held: list[Reason] = []
    for policy in POLICIES:
        decided = policy(case)
        if decided is None:
            continue
        if decided.final:
            return Verdict(decided.status, (decided.reason,) if decided.reason else ())
        if decided.reason:
            held.append(decided.reason)
    return Verdict(PENDING, tuple(held)) if held else Verdict(APPROVED)


def refuse_what_is_too_long(draft: Draft, rules: Rules) -> None:
    """Before anything reads the text: what rendering and spam checks cost grows with its length."""
    over = len(draft.body) - rules.max_characters
    if over > 0:
        raise Refused(
            f"This is {over:,} characters longer than the {rules.max_characters:,} that fit. "
            "You could send it in two parts.",
            code="too_long",
            field="body",
        )


# --- May it be said here at all? --------------------------------------------------------------------------


def discussion_is_open(case: Case) -> Decided | None:
    closed = "" if case.editing else case.discussion.why_closed(case.rules)
    if closed and not case.draft.viewer.is_moderator:
        raise DiscussionClosed(f"{closed} Your text is below, so that you can keep it.")
    return None


def writer_may_write(case: Case) -> Decided | None:
    viewer = case.draft.viewer
    if viewer.is_member and viewer.user.standing == "banned":
        raise Refused("This account can no longer write here.", code="banned")
    if not viewer.is_member and not case.rules.guests_may_write:
        raise Refused("Please log in to write a comment. Your text is kept below.", code="log_in")
    return None


def parent_accepts_replies(case: Case) -> Decided | None:
    if case.draft.parent_id is None:
        return None
    parent = case.parent
    if parent is None or parent.post_id != case.draft.post.pk:
        raise ParentGone("The comment you are answering is not part of this discussion.")
    if not case.editing and not parent.is_approved:
        raise ParentGone(
            "The comment you are answering is no longer public. You can submit your text as a comment of its own."
        )
    if parent.is_linkback:
        raise ParentGone("A linkback cannot be answered here. You can submit your text as a comment of its own.")
    return None


def current_guidelines_are_accepted(case: Case) -> Decided | None:
    case.version = guidelines.require_current(case.draft.guidelines_version, case.draft.agreed)
    return None


def nobody_speaks_as_somebody_else(case: Case) -> Decided | None:
    if not case.draft.viewer.is_member and User.objects.name_is_taken(case.draft.name):
        raise Refused(
            "Somebody with an account here goes by a name that looks like this one. "
            "Please log in if that is you, or add something to the name.",
            code="name_taken", field="name",
        )  # fmt: skip
    return None


def nobody_floods(case: Case) -> Decided | None:
    if case.moderates:
        return None
    draft, rules, now = case.draft, case.rules, timezone.now()
    if case.editing:
        edits = case.editing.revisions.filter(replaced_at__gt=now - timedelta(hours=1)).count()
        if rules.flood_per_hour and edits >= rules.flood_per_hour:
            raise TooMany("That was edited very often. Please wait an hour; your text is kept below.", retry_after=3600)
        return None
    mine = ("author_id = %s", draft.author.pk) if draft.author else (_OF_A_GUEST, draft.viewer.guest_key)
    limits = [
        (most, span, whose, key)
        for most, span, (whose, key) in (
            (rules.flood_per_minute, timedelta(minutes=1), mine),
            (rules.flood_per_hour, timedelta(hours=1), mine),
            (rules.flood_per_network, timedelta(minutes=1), (_OF_A_NETWORK, draft.network)),
        )
        if most and key
    ]
    since = [(whose, key, now - span) for _most, span, whose, key in limits]
    for (most, span, _whose, _key), count in zip(limits, _written_since(since), strict=True):
        if count >= most:
            wait = "a minute" if span == timedelta(minutes=1) else "an hour"
            raise TooMany(
                f"That was a lot in a short time. Please wait {wait} and submit again; your text is kept below.",
                retry_after=int(span.total_seconds()),
            )
    return None


_FROM = "FROM comments_comment"
# In the very words of the partial indexes, by which SQLite knows them.
_OF_A_GUEST = "guest_key = %s AND NOT (guest_key = '') AND author_id IS NULL"
_OF_A_NETWORK = "network = %s AND NOT (network = '')"


def _written_since(limits: list[tuple[str, Any, datetime]]) -> tuple[int, ...]:
    """How much was written since each of these moments, in one query."""
    if not limits:
        return ()
    counts = ", ".join(f"(SELECT COUNT(*) {_FROM} WHERE {whose} AND created_at > %s)" for whose, *_rest in limits)
    times = [(key, connection.ops.adapt_datetimefield_value(moment)) for _whose, key, moment in limits]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [value for pair in times for value in pair])
        return cursor.fetchone()


# --- Whose word do we take? -------------------------------------------------------------------------------


def moderators_are_trusted(case: Case) -> Decided | None:
    return Decided(APPROVED, final=True) if case.moderates else None


# --- What needs a second look? ----------------------------------------------------------------------------


def spam_is_set_aside(case: Case) -> Decided | None:
    for finding in case.opinion.spam:
        return Decided(SPAM, Reason(finding.code, finding.detail), final=True)
    return None


def everything_is_held_when_the_owner_says_so(case: Case) -> Decided | None:
    return Decided(PENDING, Reason("hold_everything")) if case.rules.hold_everything else None


def held_people_are_held(case: Case) -> Decided | None:
    viewer = case.draft.viewer
    if viewer.is_member and viewer.user.standing == "held":
        return Decided(PENDING, Reason("always_held"))
    return None


def many_links_are_held(case: Case) -> Decided | None:
    links = rendering.count_links(case.body_html)
    if case.rules.max_links and links > case.rules.max_links:
        return Decided(PENDING, Reason("links", f"{links} links"))
    return None


def doubtful_words_and_haste_are_held(case: Case) -> Decided | None:
    for finding in case.opinion.doubts:
        return Decided(PENDING, Reason(finding.code, finding.detail))
    return None


def newcomers_are_held(case: Case) -> Decided | None:
    if not case.rules.hold_newcomers:
        return None
    viewer = case.draft.viewer
    if viewer.is_member:
        if viewer.user.standing == "trusted":
            return None
        approved = Comment.objects.filter(author=viewer.user).approved()
    elif viewer.guest_key:
        # A typed name or address proves nothing; the browser's own signed cookie does.
        approved = Comment.objects.filter(author=None, guest_key=viewer.guest_key).exclude(guest_key="").approved()
    else:
        return Decided(PENDING, Reason("newcomer"))
    if case.editing:
        approved = approved.exclude(pk=case.editing.pk)
        if case.editing.is_approved:
            return None
    return None if approved.exists() else Decided(PENDING, Reason("newcomer"))


POLICIES: tuple[Policy, ...] = (
    # May it be said here at all?
    discussion_is_open,
    writer_may_write,
    parent_accepts_replies,
    current_guidelines_are_accepted,
    nobody_speaks_as_somebody_else,
    nobody_floods,
    # Whose word do we take?
    moderators_are_trusted,
    # What needs a second look?
    spam_is_set_aside,
    everything_is_held_when_the_owner_says_so,
    held_people_are_held,
    many_links_are_held,
    doubtful_words_and_haste_are_held,
    newcomers_are_held,
)
