"""Readers' reports."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from comments import guidelines, moderation, permissions
from comments.exceptions import CommentsError
from comments.forms import FlagForm
from comments.models import Comment
from comments.viewers import viewer_of
from storied.network import network_key

from .pages import place_of, private, refused


@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks what is the matter with a comment, and takes the report in."""
    viewer = viewer_of(request)
    comment = get_object_or_404(Comment.objects.visible_to(viewer).select_related("post"), pk=pk)
    form = FlagForm(request.POST or None, version=guidelines.current())
    try:
        permissions.ensure(permissions.why_not_flag(viewer, comment))
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            # A guest counts once a network: cookies are too easily thrown away.
            key = f"account:{viewer.user.pk}" if viewer.is_member else f"network:{network_key(request)}"
            moderation.flag(pk, viewer, reporter_key=key, reason=said["reason"], words=said["words"])
            is_worry = said["reason"] == moderation.WORRIED
            context = {"comment": comment, "place": place_of(comment), "is_worry": is_worry}
            return private(render(request, "comments/flagged.html", context))
    except CommentsError as refusal:
        return private(refused(request, refusal, comment=comment))
    context = {"comment": comment, "form": form, "place": place_of(comment)}
    return private(render(request, "comments/flag.html", context, status=422 if form.errors else 200))
