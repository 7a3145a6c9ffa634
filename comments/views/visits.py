"""What members have read: noted by their page's script or by a button, never by reading alone, and forgotten."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from comments import visits
from comments.seen import Seen
from comments.viewers import Viewer
from posts.models import Post
from storied.text import whole_number

from .pages import members_only, private


@require_POST
@members_only
def seen(request: HttpRequest, viewer: Viewer, post_pk: int) -> HttpResponse:
    """Notes which comments of a page a member has read; with `all_read` they are new no longer."""
    post = get_object_or_404(Post.objects.readable_by(viewer.user), pk=post_pk)
    try:
        shown, made_at = Seen.read(request.POST.get("shown", "")), _moment(request.POST.get("made_at", ""))
        place = _place(request.POST.get("place", ""), shown)
        if "all_read" in request.POST:
            shown |= Seen.read(request.POST.get("elsewhere", ""))
    except ValueError:
        return HttpResponseBadRequest("This cannot be read.\n", content_type="text/plain; charset=utf-8")
    is_all_read = "all_read" in request.POST
    visits.note(viewer.user, post.pk, shown, page_made_at=made_at, all_read=is_all_read, place=place)
    if request.headers.get("Accept") == "application/json":
        return private(HttpResponse(status=204))
    return redirect(f"{post.get_absolute_url()}#comments")


@require_POST
@members_only
def remember(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Forgets what a member has read and remembers no more of it; without `forget`, remembers again."""
    if "forget" in request.POST:
        visits.forget(viewer.user)
    else:
        visits.remember_again(viewer.user)
    post = Post.objects.readable_by(viewer.user).filter(pk=whole_number(request.POST.get("post"))).first()
    return redirect(f"{post.get_absolute_url()}#comments" if post else "/")


def _place(said: str, shown: Seen) -> int | None:
    """Which comment of the page a reader is at."""
    if said == "end":
        return visits.THE_END
    number = whole_number(said)
    return number if number is not None and number in shown else None


def _moment(seconds: str) -> datetime:
    """When a page was made, as it says itself; never later than now."""
    number = whole_number(seconds, digits=11)
    if number is None:
        raise ValueError("This is no moment.")
    return min(timezone.now(), datetime.fromtimestamp(number, UTC))
