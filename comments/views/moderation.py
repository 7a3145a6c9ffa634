"""The moderators' room: the queues, one comment with its whole history, and who else is looking."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from comments import care, guidelines, moderation, permissions
from comments.exceptions import Conflict
from comments.models import Comment, Discussion, Flag, ModerationLogEntry, ReplyMark
from comments.moderation import claims, filters
from comments.status import UNDO_TIME
from comments.viewers import Viewer
from posts.models import Post

from .pages import asked_as, moderators_only, numbers, options_of, place_of
from .seeking import sealing_addresses

_DONE = {
    "approve": "approved", "reject": "declined", "mark_spam": "marked as spam", "remove": "removed",
    "restore": "restored", "hold": "held", "undo": "put back as it was", "remove_below": "removed",
    "restore_below": "restored", "keep": "kept, with the reports settled",
}  # fmt: skip


@require_safe
@sealing_addresses
@moderators_only
def queue(request: HttpRequest, viewer: Viewer, name: str = "pending") -> HttpResponse:
    """A page of cards, and what the last decision did."""
    if name not in moderation.QUEUES:
        raise Http404("There is no such queue.")
    wanted = moderation.Wanted.of(request.GET)
    is_short = request.GET.get("view") == "short"
    size = moderation.LINES_A_PAGE if is_short else moderation.CARDS_A_PAGE
    show_cards = name != "decided" and not is_short
    if name == "decided":
        rows, whole = moderation.decisions(viewer, wanted), ModerationLogEntry.objects.select_related("comment")
    else:
        rows, whole = moderation.comments_in(name, viewer, wanted), _for_a_card(Comment.objects) if show_cards else None
    page = moderation.page_of(rows, request.GET.get("page", ""), size, whole=whole)
    context = {
        "queue": moderation.QUEUES[name],
        "page": page,
        "cards": moderation.cards(page.rows, viewer) if show_cards else [],
        "heavy": frozenset() if show_cards else care.heavy_among(_comments_of(page.rows)),
        "is_short": is_short,
        "wanted": wanted,
        "asked": asked_as(wanted, is_short),
        "wanted_article": Post.objects.filter(pk=wanted.article).first() if wanted.article else None,
        "ages": filters.AGES,
        "reasons": filters.REASON_WORDS,
        "looked_through": filters.LOOKED_THROUGH,
        "done": _done(request.GET.get("done", ""), viewer),
        "moved": _moved_from(request),
        **_for_cards(viewer),
    }
    return render(request, "moderation/queue.html", context)


def _comments_of(rows: list[Any]) -> list[Comment]:
    """The comments of a page that is about comments, or about decisions on them."""
    found = (row.comment if isinstance(row, ModerationLogEntry) else row for row in rows)
    return [comment for comment in found if comment is not None]


def _for_a_card(comments: Any) -> Any:
    """These comments with what their cards say beside them, and without the long texts that no card shows."""
    unread = ("post__body", "post__body_html", "acceptance__version__body", "acceptance__version__body_html")
    return comments.select_related("post", "acceptance__version", "author").defer(*unread)


def _for_cards(viewer: Viewer) -> dict[str, Any]:
    """What every page with a card on it needs."""
    clauses = guidelines.clauses_for_choice()
    return {
        "clauses": clauses,
        "options": options_of(clauses),
        "is_owner": not permissions.why_not_change_rules(viewer),
        "keeps_people": not permissions.why_not_keep_people(viewer),
        "viewer": viewer,
    }


@require_safe
@moderators_only
def comment(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """One comment with its whole history."""
    shown = get_object_or_404(_for_a_card(moderation.moderated_by(viewer)), pk=pk)
    context = {
        "card": moderation.cards([shown], viewer)[0],
        "revisions": shown.revisions.all(),
        "earlier_consents": guidelines.earlier(shown),
        "redactions": shown.redactions.in_force(),
        "can_redact": shown.status in {Comment.Status.APPROVED, Comment.Status.PENDING},
        "mark": ReplyMark.objects.filter(comment=shown).first(),
        "place": place_of(shown),
        "done": _done(request.GET.get("done", ""), viewer),
        "moved": _moved_from(request),
        "discussion": Discussion.objects.filter(post=shown.post).first(),
        **_for_cards(viewer),
    }
    return render(request, "moderation/comment.html", context)


def _moved_from(request: HttpRequest) -> dict[str, Any] | None:
    """What was just moved and where it had stood, to put it back there."""
    moved, before = numbers([request.GET.get("moved", "")]), numbers([request.GET.get("from", "")])
    return {"pk": moved[0], "under": before[0] if before else ""} if moved else None


@require_http_methods(["GET", "HEAD", "POST"])
@moderators_only
def looking(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Who else looks at which of these comments (`of`); posted, that one looks at `comment` oneself."""
    for pk in numbers([request.POST.get("comment", "")]):
        if moderation.moderated_by(viewer).filter(pk=pk).exists():
            with suppress(Conflict):
                moderation.claim(pk, viewer)
    asked = numbers(request.GET.get("of", "").split(","))
    mine = moderation.moderated_by(viewer).filter(pk__in=asked).values_list("pk", flat=True) if asked else []
    others = {pk: str(one.by) for pk, one in claims.claims_on(mine).items() if one.by_id != viewer.user.pk}
    return JsonResponse(others)


def _done(batch: str, viewer: Viewer) -> dict[str, Any] | None:
    """What a decision of this viewer did, while it can be undone at a click."""
    try:
        entries = ModerationLogEntry.objects.of_moderators().filter(batch=UUID(batch), actor=viewer.user)
    except ValueError:
        return None
    found = list(entries.select_related("comment"))
    if not found:
        return None
    if found[0].action == "keep":
        still = not Flag.objects.open().filter(comment__in=[entry.comment_id for entry in found]).exists()
    else:
        still = any(entry.comment is not None and entry.comment.status == entry.new for entry in found)
    in_time = timezone.now() - max(entry.at for entry in found) <= UNDO_TIME
    words = _DONE.get(found[0].action, "")
    return {"batch": batch, "entries": found, "words": words, "can_undo": still and in_time}
