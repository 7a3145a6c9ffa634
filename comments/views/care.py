"""Get help now, the queue of those who may need somebody, and how the owner arranges care."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from comments import care, moderation, permissions
from comments.care import arrangements, arranging, trying
from comments.care_forms import (
    ArrangementsForm,
    CloseForm,
    HelpLineForm,
    LanguageForm,
    PhrasesForm,
    ResponderForm,
    tried_mark,
)
from comments.models import CareResponder, HelpLine
from comments.notifications import Recipient, preferences_as_read, why_no_mail
from comments.viewers import Viewer
from posts.views import page as page_of_the_blog
from storied.accounts.models import User
from storied.front import keep
from storied.text import clean_text

from .pages import moderators_only, owners_only

CARDS_A_PAGE = 20


@require_safe
def help_now(request: HttpRequest) -> HttpResponse:
    """Where help is, by region; a blog's own page of that address where nobody has named any."""
    lines = care.help_lines()
    if not lines:
        return page_of_the_blog(request, "help")
    regions = care.regions(lines)
    chosen = request.GET.get("region", "")
    context = {
        "regions": regions,
        "region": chosen if chosen in regions else "",
        "everywhere": [line for line in lines if not line.region],
        "by_region": [(region, [line for line in lines if line.region == region]) for region in regions],
    }
    return keep(request, render(request, "care/help.html", context))


# --- The queue --------------------------------------------------------------------------------------------


@require_safe
@moderators_only
def queue(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What is open, the longest first; or, asked for, what was closed."""
    shows_closed = request.GET.get("show") == "closed"
    items = care.closed(viewer) if shows_closed else care.queue(viewer)
    return _queue(request, viewer, items, shows_closed=shows_closed)


def _queue(
    request: HttpRequest, viewer: Viewer, items: Any, *, shows_closed: bool = False, wrong: CloseForm | None = None,
    wrong_at: int = 0,
) -> HttpResponse:  # fmt: skip
    page = Paginator(items, CARDS_A_PAGE).get_page(request.GET.get("page"))
    target = arrangements.stored().target_hours
    cards = [
        {
            "item": item,
            "is_overdue": item.is_overdue(target),
            # Nobody is told who worried about them, whoever they are here.
            "is_own": viewer.wrote(item.comment),
            "is_mine": item.is_claimed and item.claimed_by_id == viewer.user.pk,
            "form": wrong if item.pk == wrong_at else CloseForm(auto_id=f"care-{item.pk}-%s"),
        }
        for item in page.object_list
    ]
    is_owner = not permissions.why_not_change_rules(viewer)
    context = {
        "page": page, "cards": cards, "shows_closed": shows_closed, "target": target, "is_owner": is_owner,
        "why_off": care.why_off(), "stale": [line for line in care.help_lines() if line.is_stale],
        "on_call": list(arrangements.responders()), "open_count": care.count(viewer),
    }  # fmt: skip
    return render(request, "care/queue.html", context, status=422 if wrong else 200)


@require_POST
@moderators_only
def claim(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Takes an item on, or gives it back."""
    item = get_object_or_404(care.queue(viewer), pk=pk)
    if "release" in request.POST:
        care.release(item.pk, viewer)
    else:
        care.claim(item.pk, viewer)
    return redirect("moderation:care")


@require_POST
@moderators_only
def close(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Says what was done about an item."""
    item = get_object_or_404(care.items_of(viewer), pk=pk)
    form = CloseForm(request.POST, auto_id=f"care-{pk}-%s")
    if not form.is_valid():
        return _queue(request, viewer, care.queue(viewer), wrong=form, wrong_at=pk)
    care.close(item.pk, form.cleaned_data["code"], viewer, form.cleaned_data["note"])
    messages.success(request, "Closed. Thank you for looking after it.")
    return redirect("moderation:care")


@require_POST
@moderators_only
def open_by_hand(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """A moderator brings a comment to Care."""
    comment = get_object_or_404(moderation.moderated_by(viewer), pk=pk)
    care.open_by_hand(comment.pk, viewer, words=clean_text(request.POST.get("words", "")).strip()[:1_000])
    messages.success(request, "It stands in Care now.")
    return redirect("moderation:care")


# --- How care is arranged: the owner's -----------------------------------------------------------------------


@owners_only
def arrange(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What happens to a comment, who is on call, where help is, and the phrases."""
    form = ArrangementsForm(request.POST or None, initial=vars(arrangements.stored()))
    if request.method == "POST" and form.is_valid():
        arranging.arrange(viewer, **form.cleaned_data)
        messages.success(request, "This is how it is done from now on.")
        return redirect("moderation:arrange_care")
    return _arrangements(request, form=form)


def _arrangements(request: HttpRequest, **forms: Any) -> HttpResponse:
    on_call = list(CareResponder.objects.select_related("person"))
    for responder in on_call:
        responder.why_no_mail = why_no_mail(preferences_as_read(Recipient(responder.person_id)), "care")
    context = {
        "form": ArrangementsForm(initial=vars(arrangements.stored())), "responder_form": _responder_form(None),
        "language_form": LanguageForm(auto_id="language-%s"), "why_off": care.why_off(), "lines": care.help_lines(),
        "responders": on_call, "able": set(arrangements.responders()),
        "phrase_sets": arrangements.phrase_sets(), **forms,
    }  # fmt: skip
    wrong = any(form.errors for form in forms.values())
    return render(request, "care/arrange.html", context, status=422 if wrong else 200)


def _responder_form(data: Any) -> ResponderForm:
    people = User.objects.moderators().filter(on_call=None)
    return ResponderForm(data, people=people.order_by("display_name"), auto_id="responder-%s")


@require_POST
@owners_only
def add_responder(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Puts somebody on the on-call list."""
    form = _responder_form(request.POST)
    if not form.is_valid():
        return _arrangements(request, responder_form=form)
    person = form.cleaned_data["person"]
    arranging.put_on_call(viewer, person, form.cleaned_data["when"])
    messages.success(request, f"{person} is on call.")
    return redirect("moderation:arrange_care")


@require_POST
@owners_only
def remove_responder(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Takes somebody off the on-call list."""
    responder = get_object_or_404(CareResponder.objects.select_related("person"), pk=pk)
    arranging.take_off_call(viewer, responder)
    messages.success(request, f"{responder.person} is no longer on call.")
    return redirect("moderation:arrange_care")


@owners_only
def line(request: HttpRequest, viewer: Viewer, pk: int = 0) -> HttpResponse:
    """A help line: a new one, or one to change or take away."""
    row = get_object_or_404(HelpLine, pk=pk) if pk else HelpLine()
    if request.method == "POST" and "remove" in request.POST and pk:
        arranging.remove_line(viewer, row)
        messages.success(request, f"{row.name} is no longer named.")
        return redirect("moderation:arrange_care")
    form = HelpLineForm.of(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        arranging.name_line(viewer, row, **form.cleaned_data)
        messages.success(request, f"{row.name} is named under “Get help now”.")
        return redirect("moderation:arrange_care")
    context = {"form": form, "line": row, "regions": care.regions(care.help_lines())}
    return render(request, "care/line.html", context, status=422 if form.errors else 200)


@require_POST
@owners_only
def add_language(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Begins a set of phrases for another language."""
    form = LanguageForm(request.POST, auto_id="language-%s")
    if not form.is_valid():
        return _arrangements(request, language_form=form)
    arranging.begin_language(viewer, form.cleaned_data["language"], form.cleaned_data["name"])
    return redirect("moderation:care_phrases", language=form.cleaned_data["language"])


@owners_only
def phrases(request: HttpRequest, viewer: Viewer, language: str) -> HttpResponse:
    """The phrases of a language: tried on a text and on the newest comments before they are saved."""
    row = next((row for row in arrangements.phrase_sets() if row.language == language), None)
    if row is None:
        raise Http404("There are no phrases in this language.")
    if request.method == "POST" and "reset" in request.POST:
        arranging.give_up_phrases(viewer, row)
        messages.success(request, f"Your own phrases in {row.name} are gone.")
        return redirect("moderation:arrange_care")
    form = PhrasesForm(request.POST or None, initial={"text": row.text, "is_used": row.is_used})
    tried = None
    if request.method == "POST" and form.is_valid():
        if "save" in request.POST and form.was_tried():
            arranging.save_phrases(viewer, row, text=form.cleaned_data["text"], is_used=form.cleaned_data["is_used"])
            messages.success(request, f"The phrases in {row.name} are in force.")
            return redirect("moderation:arrange_care")
        if "save" in request.POST:
            form.add_error(None, "Please try these phrases on a text first: they are not the ones that were tried.")
        tried = trying.try_phrases(language, form.cleaned_data["text"], form.cleaned_data["sample"])
        form.data = {**form.data.dict(), "tried": tried_mark(form.cleaned_data["text"])}
    context = {
        "form": form, "phrases": row, "tried": tried, "lists": trying.LISTS, "tried_on": trying.TRIED_ON,
        "is_shipped": language in trying.LANGUAGES, "is_edited": row.pk is not None,
    }  # fmt: skip
    return render(request, "care/phrases.html", context, status=422 if form.errors else 200)
