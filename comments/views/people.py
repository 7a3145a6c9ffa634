"""People, for moderators: who they are here, notes on them, and restrictions."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from comments import care, permissions
from comments.desk_forms import BlockForm, NoteForm, RestrictionForm
from comments.exceptions import CommentsError
from comments.models import Comment, Person, Restriction
from comments.moderation import people
from comments.moderation.sought import from_address
from comments.viewers import Viewer

from .pages import moderators_only
from .seeking import sealing_addresses

_COMMENTS_A_PAGE = 30

View = Callable[..., HttpResponse]


def _about_a_person(view: View) -> View:
    """Finds the person of an address, for those who may know."""

    @moderators_only
    @wraps(view)
    def find(request: HttpRequest, viewer: Viewer, pk: int | None = None, key: str = "") -> HttpResponse:
        permissions.ensure(permissions.why_not_keep_people(viewer))
        known = (pk and pk < 2**63) or key
        record = people.record_of(Person(pk) if pk is not None else Person(guest_key=key)) if known else None
        if record is None:
            raise Http404("Nobody of this number has written here.")
        return view(request, viewer, record)

    return find


@require_safe
@sealing_addresses
@moderators_only
def find(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Finds people by name or address, and lists who is restricted at the moment."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    said = from_address(request.GET.get("q", ""))[:254]
    context = {"said": said, "found": people.find(said, viewer), "restricted": people.restricted(viewer)}
    return render(request, "moderation/people.html", context)


@require_safe
@_about_a_person
def person(request: HttpRequest, viewer: Viewer, record: people.Record) -> HttpResponse:
    """All that moderators know of somebody, without a way to reach them."""
    return _page(request, viewer, record)


@require_POST
@_about_a_person
def note(request: HttpRequest, viewer: Viewer, record: people.Record) -> HttpResponse:
    """Adds a note."""
    form = NoteForm(request.POST, auto_id="note-%s")
    if not form.is_valid():
        return _page(request, viewer, record, note_form=form)
    people.add_note(record.person, viewer, form.cleaned_data["words"])
    messages.success(request, "The note is kept. Only moderators can read it.")
    return redirect(record.person.get_absolute_url() + "#notes")


@require_POST
@_about_a_person
def restrict(request: HttpRequest, viewer: Viewer, record: people.Record) -> HttpResponse:
    """Holds, mutes or bans somebody."""
    form = RestrictionForm(request.POST, auto_id="restrict-%s")
    if form.is_valid():
        try:
            people.restrict(record.person, viewer=viewer, **form.cleaned_data)
        except CommentsError as refusal:
            if refusal.field not in form.fields:
                raise
            form.add_error(refusal.field, refusal.message)
        else:
            messages.success(request, "The restriction is in force.")
            return redirect(record.person.get_absolute_url() + "#restrictions")
    return _page(request, viewer, record, restriction_form=form)


@require_POST
@moderators_only
def lift(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Ends a restriction before its time."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    restriction = people.lift(get_object_or_404(Restriction, pk=pk).pk, viewer)
    messages.success(request, "The restriction is lifted.")
    return redirect(restriction.person.get_absolute_url() + "#restrictions")


@require_POST
@_about_a_person
def contact(request: HttpRequest, viewer: Viewer, record: people.Record) -> HttpResponse:
    """Shows addresses and networks, once; that somebody looked is on record."""
    seen = people.see_contact(record.person, viewer)
    record.acts = people.acts_on(record.person)
    return _page(request, viewer, record, contact=seen)


def _page(request: HttpRequest, viewer: Viewer, record: people.Record, **more: Any) -> HttpResponse:
    wrote = Comment.objects.filter(record.person.wrote).select_related("post").order_by("-created_at", "-pk")
    forms = [form for form in (more.get("note_form"), more.get("restriction_form")) if form is not None]
    page = Paginator(wrote, _COMMENTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "record": record,
        "page": page,
        "heavy": care.heavy_among(page.object_list),
        "note_form": NoteForm(auto_id="note-%s"),
        "restriction_form": RestrictionForm(auto_id="restrict-%s"),
        "why_not_restrict": permissions.why_not_restrict(viewer, record.account),
        "block_form": BlockForm(auto_id="block-%s"),
        **more,
    }
    return render(request, "moderation/person.html", context, status=422 if any(f.errors for f in forms) else 200)
