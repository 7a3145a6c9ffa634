"""Tools on an article and on parts of its discussion."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from comments import moderation
from comments.desk_forms import SlowForm
from comments.exceptions import CommentsError
from comments.models import Comment
from comments.viewers import Viewer
from posts.models import Post
from storied.text import clean_text

from .pages import moderators_only


@require_POST
@moderators_only
def lock(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Closes a branch to replies, or opens it again (`open`)."""
    comment = get_object_or_404(moderation.moderated_by(viewer), pk=pk)
    if request.POST.get("open") == "yes":
        moderation.unlock(comment.pk, viewer)
        messages.success(request, "People can reply in this branch again.")
    else:
        moderation.lock(comment.pk, viewer, words=clean_text(request.POST.get("words", ""))[:2_000])
        messages.success(request, "Nobody can reply in this branch any more. What was said stays.")
    return redirect("moderation:comment", pk=pk)


@require_POST
@moderators_only
def split(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Makes a branch a thread of its own, and locks it if that was asked for."""
    comment: Comment = get_object_or_404(moderation.moderated_by(viewer), pk=pk)
    moderation.split_off(comment.pk, viewer, lock_it=bool(request.POST.get("lock")))
    messages.success(request, "It is a thread of its own now, with its replies. Its address is the same as before.")
    return redirect("moderation:comment", pk=pk)


@require_POST
@moderators_only
def slow(request: HttpRequest, viewer: Viewer, post_pk: int) -> HttpResponse:
    """Slows the discussion of an article down."""
    post = get_object_or_404(Post, pk=post_pk)
    form = SlowForm(request.POST)
    if not form.is_valid():
        raise CommentsError("Please give a number of minutes; 0 ends the slow mode.", field="minutes")
    discussion = moderation.slow_down(post, form.cleaned_data["minutes"], viewer)
    if discussion.slow_minutes:
        messages.success(request, f"Everybody writes once in {discussion.slow_minutes} minutes below this article.")
    else:
        messages.success(request, "The discussion goes at its own pace again.")
    return redirect(post)


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
