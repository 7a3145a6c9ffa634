"""Taking one's name off: one comment, or all of an account or a proved address; and greetings that still say one."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from comments import permissions, proofs, submission
from comments.models import Comment
from comments.notifications import proving
from comments.viewers import Viewer

from .own_page import with_own_comment
from .pages import private

_ASK_OR_DO = require_http_methods(["GET", "HEAD", "POST"])


@_ASK_OR_DO
@with_own_comment
def detach(request: HttpRequest, comment: Comment, viewer: Viewer, address: str, *, by_link: bool) -> HttpResponse:
    """Asks, and then shows this comment as by a reader."""
    permissions.ensure(permissions.why_not_detach(viewer, comment, by_link=by_link))
    if request.method == "POST":
        submission.detach(comment, viewer, by_link=by_link)
        return redirect(address)
    context = {"names": [comment.author_name], "many": 1, "back": address, "comment": comment}
    return render(request, "mine/detach.html", context)


@require_POST
@with_own_comment
def greeting(request: HttpRequest, comment: Comment, viewer: Viewer, address: str, *, by_link: bool) -> HttpResponse:
    """What the writer of a reply says to greeting otherwise."""
    otherwise = request.POST.get("answer") == "otherwise"
    submission.settle_greeting(comment, viewer, greet_otherwise=otherwise, by_link=by_link)
    return redirect(address)


@_ASK_OR_DO
@login_required
def detach_all_of_account(request: HttpRequest) -> HttpResponse:
    return _detach_all(request, Comment.objects.filter(author=request.user), "comments:detach_all")


@_ASK_OR_DO
@proofs.with_proved_address
def detach_all_of_address(request: HttpRequest, address: str) -> HttpResponse:
    return _detach_all(request, proving.written_with(address), "comments:mine")


def _detach_all(request: HttpRequest, theirs: Any, back: str) -> HttpResponse:
    """The same for everything that one wrote."""
    named = theirs.filter(emptied_at=None, erased_at=None).exclude(signed=Comment.Signature.NOBODY)
    if request.method == "POST":
        submission.detach_all(list(named.values_list("pk", flat=True)))
        return redirect(back)
    names = sorted(set(named.values_list("author_name", flat=True)))
    context = {"names": names, "many": named.count(), "back": None, "comment": None}
    return private(render(request, "mine/detach.html", context))
