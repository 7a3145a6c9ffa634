"""What somebody wrote as a guest and takes into their account."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_signed_up
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
from .pages import numbers, private

_SHOWN = 50  # of what was set aside


@receiver(email_confirmed)
def an_address_is_verified(request: Any, email_address: Any, **_signal: Any) -> None:
    _take_along(request, email_address)


@receiver(user_signed_up)
def an_account_has_verified_addresses_from_the_start(request: Any, user: Any, **_signal: Any) -> None:
    """Who signs up by an account elsewhere: its provider has verified the address, and no other signal says so."""
    for address in EmailAddress.objects.filter(user=user, verified=True):
        _take_along(request, address)


def _take_along(request: Any, email_address: Any) -> None:
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
        chosen = numbers(request.POST.getlist("chosen")[:200])
        done = _ANSWERS.get(request.POST.get("say", ""), _take)(viewer, chosen)
        if done:
            messages.success(request, done)
        return private(redirect("comments:claim"))
    found = submission.offered(viewer)
    page, own = page_of_own(found, request.GET.get("page"), lambda comment: reverse("comments:own", args=[comment.pk]))
    set_aside = submission.set_aside(viewer)
    context = {
        "page": page,
        "own": own,
        "writes_articles": Post.objects.filter(author=request.user).exists(),
        "set_aside": set_aside.select_related("post")
        .defer("body", "body_html")
        .order_by("-created_at", "-pk")[:_SHOWN],
        "all_set_aside": set_aside.count(),
    }
    return private(render(request, "mine/claim.html", context))


def _take(viewer: Viewer, chosen: list[int]) -> str:
    claimed = len(submission.claim_chosen(viewer, chosen))
    return f"{claimed} comment{'' if claimed == 1 else 's'} taken into your account." if claimed else ""


def _not_mine(viewer: Viewer, chosen: list[int] | None) -> str:
    said = submission.say_not_mine(viewer, chosen)
    return f"{said} comment{'' if said == 1 else 's'} set aside as not yours. It can be undone below." if said else ""


def _offer_again(viewer: Viewer, chosen: list[int] | None) -> str:
    submission.offer_again(viewer, chosen)
    return ""


# What the buttons of the page say, by their value.
_ANSWERS = {
    "not mine": _not_mine,
    "none": lambda viewer, _chosen: _not_mine(viewer, None),
    "again": _offer_again,
    "all again": lambda viewer, _chosen: _offer_again(viewer, None),
}
