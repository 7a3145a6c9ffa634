"""The moderators' room."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comments import guidelines, moderation, permissions
from comments.conf import installed_rules
from comments.exceptions import CommentsError, Conflict
from comments.forms import RulesForm
from comments.models import Comment, Discussion, HouseRules, ModerationLogEntry, Person, ReplyMark
from comments.moderation import claims, filters, people, refusals, replies
from comments.status import UNDO_TIME
from comments.viewers import Viewer, viewer_of
from posts.models import Post
from storied.text import clean_line, clean_text

from .pages import place_of, private, refused

View = Callable[..., HttpResponse]
# What somebody does with one comment; the answer in words.
Act = Callable[[HttpRequest, Viewer, Comment], str]
_DONE = {
    "approve": "approved", "reject": "declined", "mark_spam": "marked as spam", "remove": "removed",
    "restore": "restored", "hold": "held", "undo": "put back as it was", "remove_below": "removed",
    "restore_below": "restored",
}  # fmt: skip
# What can be decided on many at once, as the question before says it.
_ASKED = {
    "approve": "Approve", "reject": "Decline", "mark_spam": "Mark as spam", "remove": "Remove", "restore": "Restore",
    "hold": "Hold", "keep": "Settle the reports on",
}  # fmt: skip


def moderators_only(view: View) -> View:
    """Who may moderate something comes in; guests are asked to log in, others are told why not."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer = viewer_of(request)
        if not viewer.is_member:
            return redirect_to_login(request.get_full_path())
        try:
            permissions.ensure(permissions.why_not_enter_the_desk(viewer))
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
    wanted = moderation.Wanted.of(request.GET)
    is_short = request.GET.get("view") == "short"
    size = moderation.LINES_A_PAGE if is_short else moderation.CARDS_A_PAGE
    if name == "decided":
        rows: Any = moderation.decisions(viewer, wanted)
    else:
        rows = moderation.comments_in(name, viewer, wanted).select_related(*_WITH)
    page = moderation.page_of(rows, request.GET.get("page", ""), size)
    show_cards = name != "decided" and not is_short
    context = {
        "queue": moderation.QUEUES[name],
        "page": page,
        "cards": moderation.cards(page.rows, viewer) if show_cards else [],
        "is_short": is_short,
        "wanted": wanted,
        "asked": _asked(wanted, is_short),
        "wanted_article": Post.objects.filter(pk=wanted.article).first() if wanted.article else None,
        "ages": filters.AGES,
        "reasons": filters.REASON_WORDS,
        "looked_through": filters.LOOKED_THROUGH,
        "done": _done(request.GET.get("done", ""), viewer),
        "moved": _moved_from(request),
        **_for_cards(viewer),
    }
    return render(request, "moderation/queue.html", context)


_WITH = ("post", "parent", "acceptance__version", "author")


def _for_cards(viewer: Viewer) -> dict[str, Any]:
    """What every page with a card on it needs."""
    return {
        "clauses": guidelines.clauses_for_choice(),
        "templates": refusals.templates(offered_only=True),
        "is_owner": not permissions.why_not_change_rules(viewer),
        "keeps_people": not permissions.why_not_keep_people(viewer),
        "viewer": viewer,
    }


def _asked(wanted: moderation.Wanted, is_short: bool) -> str:
    """The filters and the view, for addresses; begins with "&" where there are any."""
    return "".join(f"&{part}" for part in (wanted.query, "view=short" if is_short else "") if part)


@require_safe
@moderators_only
def comment(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """One comment with its whole history."""
    shown = get_object_or_404(moderation.moderated_by(viewer).select_related(*_WITH), pk=pk)
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


@require_POST
@moderators_only
def decide(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """One act on one comment (`one`: "approve:123"), or a decision on all that were chosen (`action`, `chosen`)."""
    action, _, only = request.POST.get("one", "").partition(":")
    if only:
        chosen = _numbers([only])
    else:
        action, chosen = request.POST.get("action", ""), _numbers(request.POST.getlist("chosen"))
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
    if action == "keep":
        kept = moderation.keep_all(chosen, viewer)
        _say_errors(request, kept)
        if any(not outcome.error for outcome in kept):
            messages.success(request, "The reports are settled; the comment stays.")
        return redirect(back)
    batch, outcomes = moderation.decide_all(
        chosen,
        "approve" if action == "answer" else action,
        viewer,
        clause=clean_line(request.POST.get(f"clause_{suffix}", ""))[:50],
        reason=clean_text(request.POST.get(f"reason_{suffix}", "")).strip()[:2_000],
        note=clean_line(request.POST.get(f"note_{suffix}", ""))[:2_000],
        template=clean_line(request.POST.get(f"template_{suffix}", ""))[:50],
        seen={pk: seen[0] for pk in chosen if (seen := _numbers([request.POST.get(f"revision_{pk}", "")]))},
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
    mine = moderation.moderated_by(viewer).filter(pk__in=chosen).select_related("post")
    said = [(name, value) for name, values in request.POST.lists() for value in values]
    context = {
        "words": _ASKED[action],
        "comments": mine.order_by("created_at", "pk"),
        "said": [pair for pair in said if pair[0] not in {"csrfmiddlewaretoken", "one"}],
        "back": _way_back(request),
        "is_grave": action not in {"approve", "keep"},
    }
    return render(request, "moderation/sure.html", context)


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
        raise CommentsError("Nobody knows who wrote this, so there is no place for a note.")
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


def _moved_from(request: HttpRequest) -> dict[str, Any] | None:
    """What was just moved and where it had stood, to put it back there."""
    moved, before = _numbers([request.GET.get("moved", "")]), _numbers([request.GET.get("from", "")])
    return {"pk": moved[0], "under": before[0] if before else ""} if moved else None


@require_http_methods(["GET", "HEAD", "POST"])
@moderators_only
def looking(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Who else looks at which of these comments (`of`); posted, that one looks at `comment` oneself."""
    for pk in _numbers([request.POST.get("comment", "")]):
        if moderation.moderated_by(viewer).filter(pk=pk).exists():
            with suppress(Conflict):
                moderation.claim(pk, viewer)
    asked = _numbers(request.GET.get("of", "").split(","))
    mine = moderation.moderated_by(viewer).filter(pk__in=asked).values_list("pk", flat=True) if asked else []
    others = {pk: str(one.by) for pk, one in claims.claims_on(mine).items() if one.by_id != viewer.user.pk}
    return JsonResponse(others)


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
    shown = get_object_or_404(moderation.moderated_by(viewer), pk=pk)
    before = shown.parent_id
    messages.success(request, _moved(viewer, shown, request.POST.get("under", "")))
    if request.POST.get("queue", "") not in moderation.QUEUES:
        return redirect("moderation:comment", pk=pk)
    return _back_from_move(request, pk, before)


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
    context = {"form": form, "installed": vars(installed_rules()), "is_owner": True, "keeps_people": True}
    return render(request, "moderation/rules.html", context, status=422 if form.errors else 200)


def _say_errors(request: HttpRequest, outcomes: list[moderation.Outcome]) -> None:
    for outcome in outcomes:
        if outcome.error:
            messages.error(request, f"Comment {outcome.comment_id}: {outcome.error}")
        elif outcome.was_first:
            messages.info(request, f"Comment {outcome.comment_id}: {outcome.was_first}")


def _done(batch: str, viewer: Viewer) -> dict[str, Any] | None:
    """What a decision of this viewer did, while it can be undone at a click."""
    try:
        entries = ModerationLogEntry.objects.of_status().filter(batch=UUID(batch), actor=viewer.user)
        entries = entries.exclude(action="undo").select_related("comment")
    except ValueError:
        return None
    found = list(entries)
    if not found:
        return None
    still = [e for e in found if e.comment is not None and e.comment.status == e.new]
    in_time = timezone.now() - max(entry.at for entry in found) <= UNDO_TIME
    words = _DONE.get(found[0].action, "")
    return {"batch": batch, "entries": found, "words": words, "can_undo": bool(still) and in_time}


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts[:1_000] if text.isascii() and text.isdecimal() and len(text) < 19]


def _way_back(request: HttpRequest) -> str:
    """The queue, with its filters, or the comment's own page that a form was on."""
    name = request.POST.get("queue", "pending")
    if name.isdecimal() and name.isascii() and len(name) < 19:
        return f"/moderation/comment/{name}/"
    if name not in moderation.QUEUES:
        return "/moderation/pending/"
    asked = QueryDict(request.POST.get("asked", "")[:1_000])
    query = _asked(moderation.Wanted.of(asked), asked.get("view") == "short").lstrip("&")
    return f"/moderation/{name}/{'?' if query else ''}{query}"


def _place_to_answer(shown: Comment) -> str:
    return f"{shown.post.get_absolute_url()}?replytocom={shown.pk}#respond"
