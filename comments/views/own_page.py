"""What stands on the private page of one's own comment: where it is, why, and what one can do."""

from typing import Any

from comments import permissions, status
from comments.conf import Rules
from comments.models import Appeal, Comment
from comments.moderation import redaction, refusals
from comments.moderation.waits import usual_wait
from comments.submission import KIND_WORDS
from comments.viewers import Viewer


def context_of(comment: Comment, viewer: Viewer, rules: Rules, *, by_link: bool) -> dict[str, Any]:
    """For `comments/own.html`."""
    # Who has sent spam is told no more than who waits.
    waits = comment.status in {Comment.Status.PENDING, Comment.Status.SPAM}
    return {
        "waits": waits,
        **(_waiting(comment, rules) if waits else {}),
        **_refusal(comment, viewer, rules, by_link=by_link),
        "original": redaction.original_of(comment) if comment.revision > 1 else "",
        "why_not_edit": permissions.why_not_edit(viewer, comment, rules, by_link=by_link),
        "why_not_withdraw": permissions.why_not_withdraw(viewer, comment, by_link=by_link),
    }


def _waiting(comment: Comment, rules: Rules) -> dict[str, Any]:
    began = comment.log.of_status().filter(new=comment.status).order_by("-pk").first()
    return {
        "since": began.at if began else comment.created_at,
        "wait": usual_wait(rules),
        "reasons": [KIND_WORDS.get(reason["code"], "a moderator reads it first") for reason in comment.reasons],
    }


def _refusal(comment: Comment, viewer: Viewer, rules: Rules, *, by_link: bool) -> dict[str, Any]:
    decision = status.refusal_of(comment)
    appeals = Appeal.objects.filter(comment=comment).order_by("-pk")
    if comment.status not in status.REFUSED:
        # What came of a second look is told also when the comment is public again.
        return {"appeal": appeals.exclude(answer="").first(), "why_not_appeal": "no"} if comment.is_approved else {}
    number, title = status.clause_named(decision.clause if decision else "")
    return {
        "decision": decision,
        "clause_number": number,
        "clause_title": title,
        "is_gentle": decision is not None and refusals.is_gentle(decision.template),
        "with_its_branch": decision is not None and decision.action == "remove_below",
        "appeal": appeals.filter(decision=decision.pk).first() if decision else None,
        "why_not_appeal": permissions.why_not_appeal(viewer, comment, rules, decision, by_link=by_link),
        "times_left": rules.resubmissions - comment.log.filter(action="resubmit").count(),
    }
