"""The private page of one's own comment: who finds it, where the comment is, why, and what one can do."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from comments import greetings, permissions, private_links, status
from comments.conf import Rules
from comments.exceptions import CommentsError
from comments.models import Appeal, Comment, GreetingOffer, ModerationLogEntry
from comments.moderation import redaction, refusals
from comments.moderation.waits import usual_wait
from comments.submission import KIND_WORDS
from comments.viewers import Viewer, viewer_of

from .pages import private, refused

_FIRST_WORDS = 60  # characters


def with_own_comment(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Finds one's own comment, by a private link or as the one who wrote it; anybody else finds nothing."""

    def find(request: HttpRequest, token: str = "", pk: int = 0) -> HttpResponse:
        viewer = viewer_of(request)
        comment_id = private_links.comment_id_of(token) if token else pk
        rows = Comment.objects.select_related("post", "parent", "acceptance__version")
        # What its writer had erased, or what time has emptied, is nobody's own any more.
        comment = rows.filter(pk=comment_id, emptied_at=None, erased_at=None).first()
        if comment is None or not (token or viewer.wrote(comment)):
            if token:
                gone = CommentsError("This private link is not valid, or no longer: such links are good for 90 days.")
                gone.http_status = 404
                return private(refused(request, gone, asks_by_address=True))
            raise Http404("There is no such comment of yours.")
        try:
            address = reverse("comments:own_by_link", args=[token]) if token else reverse("comments:own", args=[pk])
            return private(view(request, comment, viewer, address, by_link=bool(token)))
        except CommentsError as refusal:
            return private(refused(request, refusal, comment=comment))

    return find


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
        "why_not_detach": permissions.why_not_detach(viewer, comment, by_link=by_link),
        "greeting": _greeting(comment),
    }


def _greeting(comment: Comment) -> dict[str, str] | None:
    """How the first words read now, and how they would without a name that was taken off; None where none was."""
    offer = GreetingOffer.objects.filter(comment=comment).first()
    otherwise = greetings.without_name(comment.body, offer.name) if offer else None
    if offer is None or otherwise is None:
        return None
    return {"now": _first_words(comment.body), "otherwise": _first_words(otherwise)}


def _first_words(text: str) -> str:
    """Enough of a text to know its beginning by."""
    line = " ".join(text[:200].split())
    return line if len(line) <= _FIRST_WORDS else f"{line[:_FIRST_WORDS].rsplit(' ', 1)[0]} …"


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
    return words_of(decision) | {
        "appeal": appeals.filter(decision=decision.pk).first() if decision else None,
        "why_not_appeal": permissions.why_not_appeal(viewer, comment, rules, decision, by_link=by_link),
        "times_left": rules.resubmissions - comment.log.filter(action="resubmit").count(),
    }


def words_of(decision: ModerationLogEntry | None) -> dict[str, Any]:
    """What `_refusal.html` says of a decision against a comment."""
    number, title = status.clause_named(decision.clause if decision else "")
    return {
        "decision": decision,
        "clause_number": number,
        "clause_title": title,
        "is_gentle": decision is not None and refusals.is_gentle(decision.template),
        "with_its_branch": decision is not None and decision.action == "remove_below",
    }
