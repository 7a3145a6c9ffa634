"""The house rules for what is said: one ordered list of small functions.

Each looks at a case and returns nothing, a verdict with its reason, or refuses. The first `final` verdict ends the
list; other holds are collected, so that a moderator sees all reasons and not only the first.
"""

from collections import defaultdict
from collections.abc import Callable

from django.utils import timezone
from django.utils.formats import date_format

from comments import care, guidelines, rendering
from comments.conf import Rules
from comments.exceptions import Refused
from comments.models import Block, Comment, Redaction, Restriction, handles_of
from comments.spam import links
from storied.accounts import names
from storied.accounts.models import AccountRules

from . import aliases
from .case import Case, Decided, Reason, Verdict
from .draft import Draft
from .floods import nobody_floods, nobody_is_faster_than_the_article_allows

PENDING, APPROVED, SPAM = Comment.Status.PENDING, Comment.Status.APPROVED, Comment.Status.SPAM


class DiscussionClosed(Refused):
    code = "closed"
    http_status = 403


class ParentGone(Refused):
    code = "parent_gone"


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
    over = len(draft.body) - rules.longest
    if over > 0:
        characters = "1 character" if over == 1 else f"{over:,} characters"
        raise Refused(
            f"This is {characters} longer than the {rules.longest:,} that fit. You could send it in two parts.",
            code="too_long",
            field="body",
        )


# --- May it be said here at all? --------------------------------------------------------------------------


def discussion_is_open(case: Case) -> Decided | None:
    closed = "" if case.editing else case.discussion.why_closed(case.rules)
    if closed and not (case.moderates and case.draft.viewer.is_moderator):
        raise DiscussionClosed(f"{closed} Your text is below, so that you can keep it.")
    return None


def writer_may_write(case: Case) -> Decided | None:
    viewer = case.draft.viewer
    for kind in (Restriction.Kind.BAN, Restriction.Kind.MUTE):
        if kind in case.restrictions:
            raise _refusal_for(case.restrictions[kind])
    if not viewer.is_member and not case.rules.guests_may_write:
        raise Refused("Please log in to write a comment. Your text is kept below.", code="log_in")
    return None


def _refusal_for(restriction: Restriction) -> Refused:
    """Says kindly that, and for how long, somebody cannot write."""
    if restriction.until is not None:
        until = date_format(timezone.localtime(restriction.until), "j F Y, H:i")
        said = f"A moderator has asked for a pause: you can write here again from {until} on."
    else:
        said = "A moderator has decided that you can no longer write here."
    if restriction.words:
        said += f" They wrote to you: “{restriction.words}”"
    is_ban = restriction.kind == Restriction.Kind.BAN
    rest = "What you have published stays, and you can still withdraw it." if is_ban else "Nothing else changes."
    return Refused(f"{said} {rest} Your text is below, so that you can keep it.", code="banned" if is_ban else "muted")


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
    if not case.editing and parent.is_locked:
        raise ParentGone(
            "A moderator has closed this branch of the discussion. You can submit your text as a comment of its own.",
            code="branch_locked",
        )
    if parent.is_linkback:
        raise ParentGone("A linkback cannot be answered here. You can submit your text as a comment of its own.")
    return None


def current_guidelines_are_accepted(case: Case) -> Decided | None:
    draft = case.draft
    case.version = guidelines.require_current(
        draft.guidelines_version, draft.agreed, writer=draft.viewer, changes_seen=draft.changes_seen
    )
    return None


def nobody_speaks_as_somebody_else(case: Case) -> Decided | None:
    draft = case.draft
    if draft.viewer.is_member:
        # What is edited keeps its signature.
        case.alias = aliases.of_draft(draft) if draft.alias and not case.editing else None
        return None
    if not aliases.is_somebodys(draft.name, draft.post.pk):
        return None
    if names.is_reserved(draft.name, AccountRules.current().reserved_keys):
        raise Refused(
            "This name would look as if the site itself were speaking. Please choose another.",
            code="name_reserved", field="name",
        )  # fmt: skip
    raise Refused(
        "Somebody with an account here goes by a name that looks like this one. "
        "Please log in if that is you, or add something to the name.",
        code="name_taken", field="name",
    )  # fmt: skip


# --- Whose word do we take? -------------------------------------------------------------------------------


def moderators_are_trusted(case: Case) -> Decided | None:
    """Not by a mail that may have been passed on: its answer address is all that had to be known."""
    return Decided(APPROVED, final=True) if case.moderates and not case.draft.is_from_elsewhere else None


# --- What needs a second look? ----------------------------------------------------------------------------


def spam_is_set_aside(case: Case) -> Decided | None:
    findings = case.opinion.spam
    if not findings:
        return None
    details = [finding.detail for finding in findings if finding.code == findings[0].code]
    return Decided(SPAM, Reason(findings[0].code, _listed(details)), final=True)


def what_is_blocked_is_stopped(case: Case) -> Decided | None:
    draft = case.draft
    email = (draft.author.email or "") if draft.author else draft.email
    # An account's site stands nowhere beside another name.
    url = draft.url if not draft.author else "" if draft.alias else draft.author.url
    blocks = Block.objects.matching(handles_of(email, links.hosts(case.body_html, url), draft.network))
    by_effect: dict[str, list[str]] = defaultdict(list)
    for block in blocks:
        by_effect[block.effect].append(block.told)
    if by_effect[Block.Effect.REFUSE]:
        raise Refused(
            "A moderator has closed this site to what comes from here or links there. If you think that this cannot "
            "be meant for you, please tell the author of this site. Your text is below, so that you can keep it.",
            code="blocked",
        )
    for effect, status in ((Block.Effect.SPAM, SPAM), (Block.Effect.HOLD, PENDING)):
        if by_effect[effect]:
            # Beside another name an address or a network would say whose it is.
            detail = "" if draft.alias else _listed(by_effect[effect])
            return Decided(status, Reason("blocked", detail), final=status == SPAM)
    return None


_MOST_IN_A_DETAIL = 10


def _listed(things: list[str]) -> str:
    """A few things in one line for a moderator."""
    kept = list(dict.fromkeys(things))
    more = f" and {len(kept) - _MOST_IN_A_DETAIL} more" if len(kept) > _MOST_IN_A_DETAIL else ""
    return ", ".join(kept[:_MOST_IN_A_DETAIL]) + more


def care_is_taken(case: Case) -> Decided | None:
    """Words that may mean danger are a reason to read first, where the owner wants that; never one to refuse."""
    concern = case.opinion.concern
    if not concern or not care.current().holds:
        return None
    return Decided(PENDING, Reason("care", _listed([one.words for one in concern])))


def everything_is_held_when_the_owner_says_so(case: Case) -> Decided | None:
    return Decided(PENDING, Reason("hold_everything")) if case.rules.hold_everything else None


def held_people_are_held(case: Case) -> Decided | None:
    if Restriction.Kind.HOLD in case.restrictions:
        return Decided(PENDING, Reason("always_held"))
    return None


def mail_from_elsewhere_is_held(case: Case) -> Decided | None:
    """Who passes a mail on passes its answer address on; a second address of the same person looks just so."""
    return Decided(PENDING, Reason("mail_from_elsewhere")) if case.draft.is_from_elsewhere else None


def edits_of_what_was_redacted_are_held(case: Case) -> Decided | None:
    """So that nobody puts back what was taken out."""
    if case.editing and Redaction.objects.in_force().filter(comment=case.editing).exists():
        return Decided(PENDING, Reason("redacted"))
    return None


def many_links_are_held(case: Case) -> Decided | None:
    number = rendering.count_links(case.body_html)
    if case.rules.max_links and number > case.rules.max_links:
        return Decided(PENDING, Reason("links", f"{number} links"))
    return None


def watched_words_are_held(case: Case) -> Decided | None:
    words = [finding.detail for finding in case.opinion.doubts if finding.code == "watched_word"]
    return Decided(PENDING, Reason("watched_word", _listed(words))) if words else None


def haste_is_held(case: Case) -> Decided | None:
    for finding in case.opinion.doubts:
        if finding.code == "too_fast":
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
    nobody_is_faster_than_the_article_allows,
    # Whose word do we take?
    moderators_are_trusted,
    # What needs a second look?
    spam_is_set_aside,
    what_is_blocked_is_stopped,
    care_is_taken,
    everything_is_held_when_the_owner_says_so,
    held_people_are_held,
    mail_from_elsewhere_is_held,
    edits_of_what_was_redacted_are_held,
    many_links_are_held,
    watched_words_are_held,
    haste_is_held,
    newcomers_are_held,
)
