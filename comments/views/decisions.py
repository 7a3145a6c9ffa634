"""What moderators send: decisions on one comment or many, undoing them, and acts that are no decisions."""

import re
from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from comments import care, guidelines, moderation
from comments.exceptions import CommentsError
from comments.models import Comment, Person
from comments.moderation import people, refusals, replies
from comments.viewers import Viewer
from storied.text import clean_text, whole_number

from .pages import asked_as, grounds, moderators_only, numbers

# What somebody does with one comment; the answer in words.
Act = Callable[[HttpRequest, Viewer, Comment], str]
# What can be decided on many at once, as the question before says it.
_ASKED = {
    "approve": "Approve", "reject": "Decline", "mark_spam": "Mark as spam", "remove": "Remove", "restore": "Restore",
    "hold": "Hold", "keep": "Settle the reports on",
}  # fmt: skip


@require_POST
@moderators_only
def decide(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """One act on one comment (`one`: "approve:123"), or a decision on all that were chosen (`action`, `chosen`)."""
    action, _, only = request.POST.get("one", "").partition(":")
    if only:
        chosen = numbers([only])
    else:
        action, chosen = request.POST.get("action", ""), numbers(request.POST.getlist("chosen"))
    if not chosen:
        messages.error(request, "No comment was chosen.")
        return redirect(_way_back(request))
    if only and action in _ACTS:
        return _act(request, viewer, chosen[0], _ACTS[action])
    if len(chosen) > 1 and "sure" not in request.POST:
        return _ask(request, viewer, action, chosen)
    return _decide(request, viewer, action, chosen, only or "all")


def _decide(request: HttpRequest, viewer: Viewer, action: str, chosen: list[int], suffix: str) -> HttpResponse:
    back = _way_back(request)
    batch, outcomes = moderation.decide_all(
        chosen,
        "approve" if action == "answer" else action,
        viewer,
        **grounds(request, suffix),
        seen={pk: seen[0] for pk in chosen if (seen := numbers([request.POST.get(f"revision_{pk}", "")]))},
        seen_as={pk: request.POST.get(f"status_{pk}", "") for pk in chosen},
    )
    _say_errors(request, outcomes)
    if all(o.error or o.was_first for o in outcomes):
        return redirect(back)
    if action == "answer" and outcomes[0].comment is not None:
        return redirect(_place_to_answer(outcomes[0].comment))
    return redirect(f"{back}{'&' if '?' in back else '?'}done={batch}")


def _ask(request: HttpRequest, viewer: Viewer, action: str, chosen: list[int]) -> HttpResponse:
    """Before a decision on many: how many, and which."""
    if action not in _ASKED:
        raise CommentsError("There is no such decision.")
    mine = list(
        moderation.moderated_by(viewer).filter(pk__in=chosen).select_related("post").order_by("created_at", "pk")
    )
    given = grounds(request, "all")
    said = [(name, value) for name, values in request.POST.lists() for value in values]
    context = {
        "words": _ASKED[action],
        "comments": mine,
        "heavy": care.heavy_among(mine),
        "said": [pair for pair in said if pair[0] not in {"csrfmiddlewaretoken", "one"}],
        "back": _way_back(request),
        "clause": guidelines.clauses_for_choice().named(given["clause"]),
        "template": refusals.find(given["template"]),
        "reason": given["reason"],
        "note": given["note"],
        "is_grave": action not in {"approve", "keep"},
    }
    return render(request, "moderation/sure.html", context)


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


def _say_errors(request: HttpRequest, outcomes: list[moderation.Outcome]) -> None:
    for outcome in outcomes:
        if outcome.error:
            messages.error(request, f"Comment {outcome.comment_id}: {outcome.error}")
        elif outcome.was_first:
            messages.info(request, f"Comment {outcome.comment_id}: {outcome.was_first}")


def _way_back(request: HttpRequest) -> str:
    """The queue, with its filters, or the comment's own page that a form was on."""
    name = request.POST.get("queue", "pending")
    if whole_number(name) is not None:
        return f"/moderation/comment/{name}/"
    if name not in moderation.QUEUES:
        return "/moderation/pending/"
    asked = QueryDict(request.POST.get("asked", "")[:2_000])
    query = asked_as(moderation.Wanted.of(asked), asked.get("view") == "short").lstrip("&")
    return f"/moderation/{name}/{'?' if query else ''}{query}"


def _place_to_answer(shown: Comment) -> str:
    return f"{shown.post.get_absolute_url()}?replytocom={shown.pk}#respond"


# --- Acts on one comment that are no decisions ----------------------------------------------------------------


def _act(request: HttpRequest, viewer: Viewer, pk: int, act: Act) -> HttpResponse:
    """What is refused is said where one was: the card stands there still."""
    shown = get_object_or_404(moderation.moderated_by(viewer).select_related("post"), pk=pk)
    before = shown.parent_id
    try:
        messages.success(request, act(request, viewer, shown))
    except CommentsError as refusal:
        messages.error(request, refusal.message)
        return redirect(_way_back(request))
    return _back_from_move(request, pk, before) if act is _move else redirect(_way_back(request))


def _back_from_move(request: HttpRequest, pk: int, before: int | None) -> HttpResponse:
    """With a way to take it back."""
    back = _way_back(request)
    return redirect(f"{back}{'&' if '?' in back else '?'}moved={pk}&from={before or ''}")


def _claim(request: HttpRequest, viewer: Viewer, shown: Comment) -> str:
    moderation.claim(shown.pk, viewer)
    return "The others see for five minutes that you are looking at it."


def _release(request: HttpRequest, viewer: Viewer, shown: Comment) -> str:
    moderation.release(shown.pk, viewer)
    return "Somebody else can look at it."


def _note(request: HttpRequest, viewer: Viewer, shown: Comment) -> str:
    person = Person.of_comment(shown)
    if person is None:
        raise CommentsError("Nobody knows who wrote this, or is to be told, so there is no place for a note.")
    people.add_note(person, viewer, clean_text(request.POST.get(f"about_{shown.pk}", "")).strip()[:4_000])
    return "The note is kept. Only moderators can read it."


def _move(request: HttpRequest, viewer: Viewer, shown: Comment) -> str:
    return _moved(viewer, shown, request.POST.get(f"under_{shown.pk}", ""))


def _mark(what: str) -> Act:
    def mark(request: HttpRequest, viewer: Viewer, shown: Comment) -> str:
        replies.mark(shown.pk, what, viewer)
        return _MARKED[what]

    return mark


_MARKED = {
    "answered_elsewhere": "Noted: answered elsewhere.",
    "no_reply_needed": "Noted: it needs no reply.",
    replies.WANTED: "It waits for a reply again.",
}
_ACTS: dict[str, Act] = {
    "claim": _claim, "release": _release, "note": _note, "move": _move, **{what: _mark(what) for what in _MARKED}
}  # fmt: skip


# A comment's number, or one of the addresses that end with it.
_ADDRESS = re.compile(r"(?:\S*/comment/|\S*#comment-|#)?([0-9]{1,18})/?", re.ASCII)


def _moved(viewer: Viewer, shown: Comment, asked: str) -> str:
    found = _ADDRESS.fullmatch(asked.strip())
    under = found[1] if found else ""
    if asked.strip() and not under:
        raise CommentsError("Please give the number of the comment, as in its address.")
    if under and not Comment.objects.filter(pk=int(under)).exists():
        raise CommentsError(f"There is no comment {under}.")
    moderation.move(shown.pk, int(under) if under else None, viewer)
    return "Moved, with its replies. Its address is the same as before."


@require_POST
@moderators_only
def move(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Puts a misplaced comment under the one it answers; an empty number puts it at the top level."""
    shown = get_object_or_404(moderation.moderated_by(viewer), pk=pk)
    before = shown.parent_id
    messages.success(request, _moved(viewer, shown, request.POST.get("under", "")))
    if request.POST.get("queue", "") not in moderation.QUEUES:
        return redirect("moderation:comment", pk=pk)
    return _back_from_move(request, pk, before)
