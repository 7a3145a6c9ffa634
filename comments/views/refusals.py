"""The words for refusals, for the owner."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify

from comments import guidelines
from comments.decision_forms import RefusalForm
from comments.exceptions import CommentsError
from comments.moderation import refusals
from comments.viewers import Viewer

from .pages import owners_only

NEW = "new"


@owners_only
def edit_all(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All sets of words, each with a form of its own, and an empty one for another."""
    if request.method != "POST":
        return _show(request)
    key = request.POST.get("key", "")[:50]
    if "put_back" in request.POST:
        refusals.put_back(viewer, key)
        messages.success(request, "Done.")
        return redirect("moderation:refusals")
    form = RefusalForm(request.POST, version=guidelines.current(), auto_id=f"{key}-%s")
    if form.is_valid():
        try:
            refusals.save(viewer, _key(key, form), **form.cleaned_data)
        except CommentsError as refusal:
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, f"“{form.cleaned_data['title']}” is saved.")
            return redirect("moderation:refusals")
    return _show(request, key, form)


def _key(key: str, form: RefusalForm) -> str:
    """The template's own key; a new one is made from its title."""
    known = {template.key for template in refusals.templates()}
    if key in known:
        return key
    made = slugify(form.cleaned_data["title"])[:40] or "words"
    return next(name for name in (made, *(f"{made}-{n}" for n in range(2, 1_000))) if name not in known | {NEW})


def _show(request: HttpRequest, key: str = "", form: RefusalForm | None = None) -> HttpResponse:
    version = guidelines.current()
    sets: list[dict[str, Any]] = []
    for template in [*refusals.templates(), None]:
        name = template.key if template else NEW
        start = {} if template is None else vars(template)
        own = form if form is not None and name == key else None
        sets.append(
            {
                "key": name,
                "template": template,
                "form": own or RefusalForm(initial=start, version=version, auto_id=f"{name}-%s"),
                "is_open": own is not None,
            }
        )
    return render(request, "moderation/refusals.html", {"sets": sets}, status=422 if form else 200)
