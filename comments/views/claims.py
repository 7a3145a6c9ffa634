"""What somebody wrote as a guest and takes into their account."""

from typing import Any

from allauth.account.signals import email_confirmed
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from comments import submission
from comments.notifications import subscriptions
from comments.viewers import Viewer, viewer_of
from posts.models import Post

from .mine import page_of_own
from .pages import private


@receiver(email_confirmed)
def an_address_is_verified(request: Any, email_address: Any, **_signal: Any) -> None:
    """What was asked for and written with a verified address goes along to its account."""
    account, email = email_address.user, email_address.email
    browser = viewer_of(request).guest_key if request is not None else ""
    with transaction.atomic():
        subscriptions.take_along(email, account)
        claimed = len(submission.claim_proved(account, email, browser))
    if request is None:
        return
    if claimed:
        what = "The comment" if claimed == 1 else f"The {claimed} comments"
        said = f"{what} that you wrote here with this address {'is' if claimed == 1 else 'are'} in your account now."
        messages.success(request, said, fail_silently=True)
    if submission.offered(Viewer(account, browser)).exists():
        messages.info(
            request,
            "There is more that may have been written by you: look under “Your comments” in your account.",
            fail_silently=True,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def claim(request: HttpRequest) -> HttpResponse:
    """Written with one's address or in one's browser, by somebody who proved nothing: which of it is one's own?"""
    viewer = viewer_of(request)
    if request.method == "POST":
        said = [number for number in request.POST.getlist("chosen")[:200] if number.isdecimal() and len(number) < 19]
        claimed = submission.claim_chosen(viewer, map(int, said))
        if claimed:
            number = len(claimed)
            messages.success(request, f"{number} comment{'' if number == 1 else 's'} taken into your account.")
        return private(redirect("comments:claim"))
    found = submission.offered(viewer)
    page, own = page_of_own(found, request.GET.get("page"), lambda comment: reverse("comments:own", args=[comment.pk]))
    context = {"page": page, "own": own, "writes_articles": Post.objects.filter(author=request.user).exists()}
    return private(render(request, "mine/claim.html", context))
