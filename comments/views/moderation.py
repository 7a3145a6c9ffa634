"""The moderators' room."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from comments import guidelines, moderation, permissions
from comments.conf import installed_rules
from comments.exceptions import CommentsError
from comments.forms import RulesForm
from comments.models import Comment, Discussion, HouseRules, ModerationLogEntry
from comments.viewers import Viewer, viewer_of
from posts.models import Post
from storied.text import clean_line, clean_text

from .pages import place_of, private, refused

View = Callable[..., HttpResponse]
_DONE = {
    "approve": "approved", "reject": "declined", "mark_spam": "marked as spam", "remove": "removed",
    "restore": "restored", "hold": "held", "undo": "put back as it was",
}  # fmt: skip


def moderators_only(view: View) -> View:
    """Who may moderate something comes in; guests are asked to log in, others are told why not."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer = viewer_of(request)
        if not viewer.is_member:
            return redirect_to_login(request.get_full_path())
        try:
            if not viewer.is_moderator and not Post.objects.filter(author=viewer.user).exists():
                permissions.ensure(permissions.why_not_moderate(viewer))
            return private(view(request, viewer, *args, **kwargs))
        except CommentsError as refusal:
            return private(refused(request, refusal))

    return enter


@require_safe
@moderators_only
def queue(request: HttpRequest, viewer: Viewer, name: str = "pending") -> HttpResponse:
    """A page of cards, and what the last decision did."""
    if name not in moderation.QUEUES:
        raise Http404("There is no such queue.")
    waiting = moderation.comments_in(name, viewer).select_related("post", "parent", "acceptance__version", "author")
    page = Paginator(waiting, moderation.CARDS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "moderation/queue.html",
        {
            "queue": moderation.QUEUES[name],
            "queues": moderation.QUEUES.values(),
            "counts": moderation.counts(viewer),
            "page": page,
            "cards": moderation.cards(list(page.object_list)),
            "clauses": _clauses(),
            "done": _done(request.GET.get("done", ""), viewer),
            "is_owner": not permissions.why_not_change_rules(viewer),
        },
    )


@require_safe
@moderators_only
def comment(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """One comment with its whole history."""
    found = moderation.moderated_by(viewer).select_related("post", "parent", "acceptance__version", "author")
    shown = get_object_or_404(found, pk=pk)
    context = {
        "card": moderation.cards([shown])[0],
        "revisions": shown.revisions.all(),
        "clauses": _clauses(),
        "place": place_of(shown),
        "done": _done(request.GET.get("done", ""), viewer),
        "discussion": Discussion.objects.filter(post=shown.post).first(),
    }
    return render(request, "moderation/comment.html", context)


@require_POST
@moderators_only
def decide(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """One decision on one comment (`one`: "approve:123") or on all that were chosen (`action`, `chosen`)."""
    action, _, only = request.POST.get("one", "").partition(":")
    if only:
        chosen = _numbers([only])
    else:
        action, chosen = request.POST.get("action", ""), _numbers(request.POST.getlist("chosen"))
    back = _way_back(request)
    if not chosen:
        messages.error(request, "No comment was chosen.")
        return redirect(back)
    suffix = only or "all"
    if action == "keep":
        kept = moderation.keep_all(chosen, viewer)
        _say_errors(request, kept)
        if any(not outcome.error for outcome in kept):
            messages.success(request, "The reports are settled; the comment stays.")
        return redirect(back)
    batch, outcomes = moderation.decide_all(
        chosen,
        action,
        viewer,
        clause=clean_line(request.POST.get(f"clause_{suffix}", ""))[:50],
        reason=clean_text(request.POST.get(f"reason_{suffix}", ""))[:2_000],
        seen={pk: seen[0] for pk in chosen if (seen := _numbers([request.POST.get(f"revision_{pk}", "")]))},
    )
    _say_errors(request, outcomes)
    return redirect(f"{back}?done={batch}" if any(not o.error for o in outcomes) else back)


@require_POST
@moderators_only
def undo(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Takes back what one decision, on one comment or many, did."""
    try:
        batch = UUID(request.POST.get("batch", ""))
    except ValueError:
        raise Http404("There is no such decision.") from None
    outcomes = moderation.undo_all(batch, viewer)
    undone = sum(not outcome.error for outcome in outcomes)
    if undone:
        messages.success(request, f"{undone} {'comment' if undone == 1 else 'comments'} put back as before.")
    _say_errors(request, outcomes)
    return redirect(_way_back(request))


@require_POST
@moderators_only
def move(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Puts a misplaced comment under the one it answers; an empty number puts it at the top level."""
    under = request.POST.get("under", "").strip().lstrip("#")
    if under and not _numbers([under]):
        raise CommentsError("Please give the number of the comment, as in its address.")
    get_object_or_404(moderation.moderated_by(viewer), pk=pk)
    if under and not Comment.objects.filter(pk=int(under)).exists():
        raise CommentsError(f"There is no comment {under}.")
    moderation.move(pk, int(under) if under else None, viewer)
    messages.success(request, "Moved, with its replies. Its address is the same as before.")
    return redirect("moderation:comment", pk=pk)


@require_POST
@moderators_only
def set_open(request: HttpRequest, viewer: Viewer, post_pk: int) -> HttpResponse:
    """Opens or closes the discussion of an article."""
    post = get_object_or_404(Post, pk=post_pk)
    if request.POST.get("open") == "yes":
        moderation.open_discussion(post, viewer)
        messages.success(request, "The discussion is open again.")
    else:
        moderation.close_discussion(post, viewer)
        messages.success(request, "The discussion is closed. What was said stays.")
    return redirect(post)


@moderators_only
def rules(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The house rules, for the owner."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    present = vars(HouseRules.current())
    form = RulesForm(request.POST or None, initial=present)
    if request.method == "POST" and form.is_valid():
        HouseRules.change(form.cleaned_data, by=viewer.user)
        messages.success(request, "The house rules are in force.")
        return redirect("moderation:rules")
    context = {"form": form, "installed": vars(installed_rules())}
    return render(request, "moderation/rules.html", context, status=422 if form.errors else 200)


def _say_errors(request: HttpRequest, outcomes: list[moderation.Outcome]) -> None:
    for outcome in outcomes:
        if outcome.error:
            messages.error(request, f"Comment {outcome.comment_id}: {outcome.error}")


def _clauses() -> list[Any]:
    version = guidelines.current()
    return list(version.clauses.all()) if version else []


def _done(batch: str, viewer: Viewer) -> dict[str, Any] | None:
    """What a decision of this viewer did, while it can be undone at a click."""
    try:
        entries = ModerationLogEntry.objects.filter(batch=UUID(batch), actor=viewer.user).select_related("comment")
    except ValueError:
        return None
    found = list(entries)
    if not found:
        return None
    still = [e for e in found if e.comment is not None and e.comment.status == e.new]
    return {"batch": batch, "entries": found, "words": _DONE.get(found[0].action, ""), "can_undo": bool(still)}


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts[:1_000] if text.isascii() and text.isdecimal() and len(text) < 19]


def _way_back(request: HttpRequest) -> str:
    name = request.POST.get("queue", "pending")
    if name.isdecimal() and len(name) < 19:
        return f"/moderation/comment/{name}/"
    return f"/moderation/{name}/" if name in moderation.QUEUES else "/moderation/pending/"
