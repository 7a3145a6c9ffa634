"""Watched words and block lists."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from comments import permissions
from comments.desk_forms import BlockForm, WatchedWordsForm
from comments.exceptions import CommentsError
from comments.models import Block
from comments.moderation import lists
from comments.moderation.sought import from_address
from comments.viewers import Viewer
from storied.network import key_of

from .pages import moderators_only, owners_only


@owners_only
def words(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The watched words of a language: tried on a text and on the newest comments before they are saved."""
    language = request.POST.get("language", request.GET.get("language", ""))
    language = language if language in lists.LANGUAGES else ""
    form = WatchedWordsForm(request.POST or None, initial={"language": language, **lists.lists_of(language)})
    tried = None
    if request.method == "POST" and form.is_valid():
        try:
            if "save" in request.POST:
                lists.save_words(language, form.lists(), viewer)
                messages.success(request, "The lists are in force.")
                return redirect(f"{reverse('moderation:words')}?language={language}")
            tried = lists.try_words(language, form.lists(), form.cleaned_data["text"])
        except CommentsError as refusal:
            form.add_error(None, refusal.message)
    context = {
        "form": form, "language": language, "languages": lists.LANGUAGES, "in_use": lists.languages_in_use(),
        "tried": tried, "tried_on": lists.TRIED_ON,
    }  # fmt: skip
    return render(request, "moderation/words.html", context, status=422 if form.errors else 200)


@moderators_only
def blocks(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The block lists, with a line to add."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    asked = {name: from_address(request.GET[name]) for name in ("kind", "value") if name in request.GET}
    form = BlockForm(request.POST or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        value = said["value"]
        if said["kind"] == Block.Kind.NETWORK:
            # Nobody keeps addresses of machines: what is blocked is the hash that comments carry.
            value = key_of(value) or value
        try:
            made = lists.block(said["kind"], value, said["effect"], viewer, note=said["note"], until=said["until"])
        except CommentsError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, f"{made.shown[:1].upper()}{made.shown[1:]} is on the list.")
            return redirect("moderation:blocks")
    context = {"form": form, "blocks": lists.blocks()}
    return render(request, "moderation/blocks.html", context, status=422 if form.errors else 200)


@require_POST
@moderators_only
def unblock(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Takes a line off the list."""
    lists.unblock(pk, viewer)
    messages.success(request, "It is off the list.")
    return redirect("moderation:blocks")
