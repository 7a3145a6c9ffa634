"""Whom one would rather not read."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comments import muting
from comments.exceptions import NotAllowed
from comments.forms import MuteForm
from comments.models import Comment
from comments.viewers import viewer_of

from .pages import place_of, private, refused


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def mute(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks how, and mutes the writer of a comment for oneself."""
    viewer = viewer_of(request)
    comment = get_object_or_404(Comment.objects.visible_to(viewer).select_related("post"), pk=pk)
    if why_not := muting.why_not_mute(viewer, comment):
        return private(refused(request, NotAllowed(why_not), comment=comment))
    before = muting.standing(viewer, comment)
    form = MuteForm(request.POST or None, initial={"kind": before.kind} if before else None)
    if request.method == "POST" and form.is_valid():
        muting.mute(viewer, comment, form.cleaned_data["kind"])
        return redirect("comments:muted")
    context = {"comment": comment, "form": form, "place": place_of(comment), "before": before}
    return private(render(request, "comments/mute.html", context, status=422 if form.errors else 200))


@require_safe
def muted(request: HttpRequest) -> HttpResponse:
    """Everybody whom one has muted: in the account, and in the browser, which its script tells nobody."""
    viewer = viewer_of(request)
    context = {"viewer": viewer, "mutes": muting.of(viewer.user) if viewer.is_member else ()}
    return private(render(request, "mine/muted.html", context))


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Reads somebody again."""
    muting.end(request.user, pk)
    return redirect("comments:muted")
