"""What is kept, for everybody to read; everything about oneself to take along; being erased."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comments import proofs
from comments.exceptions import CommentsError, TooMany
from comments.models import Erasure, HouseRules
from comments.privacy import Belongings, erasure, export, statement
from comments.privacy_forms import EraseForm
from storied.front import keep

from .pages import private, refused

_ASK_OR_DO = require_http_methods(["GET", "HEAD", "POST"])
DOWNLOADS_AN_HOUR = 5


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What is kept, what for, and for how long: the same for everybody."""
    rules = HouseRules.current()
    paragraphs = [part for part in rules.privacy_words.replace("\r\n", "\n").split("\n\n") if part.strip()]
    context = {"groups": statement.kept(rules), "paragraphs": paragraphs, "grace": rules.erase_after_days}
    return keep(request, render(request, "privacy/page.html", context))


@require_safe
@login_required
def yours(request: HttpRequest) -> HttpResponse:
    """Where a member takes everything along, or leaves."""
    standing = erasure.standing_of(account=request.user)
    context = {"standing": standing, "link": erasure.link_to(standing) if standing else ""}
    return private(render(request, "privacy/yours.html", context))


@require_POST
@login_required
@reauthentication_required
def download(request: HttpRequest) -> HttpResponse:
    """Everything about an account, in a zip."""
    return _zip(request, Belongings.of_account(request.user), f"account {request.user.pk}")


@require_POST
@proofs.with_proved_address
def download_by_address(request: HttpRequest, address: str) -> HttpResponse:
    """The same for what was written with an address, without an account."""
    return _zip(request, Belongings.of_address(address), f"address {address}")


def _zip(request: HttpRequest, theirs: Belongings, who: str) -> HttpResponse:
    try:
        _count(who)
    except CommentsError as refusal:
        response = refused(request, refusal)
        response["Retry-After"] = "3600"
        return private(response)
    name = f"storied-{timezone.localdate().isoformat()}.zip"
    return private(FileResponse(export.zip_of(theirs), as_attachment=True, filename=name))


def _count(who: str) -> None:
    key = f"export:{salted_hmac('privacy.export', who).hexdigest()}"
    cache.add(key, 0, 3600)
    try:
        times = cache.incr(key)
    except ValueError:  # it ended between the two
        times = 1
    if times > DOWNLOADS_AN_HOUR:
        raise TooMany("You have taken everything along several times just now. Please try again in an hour.",
                      retry_after=3600)  # fmt: skip


@_ASK_OR_DO
@login_required
def erase(request: HttpRequest) -> HttpResponse:
    """A member asks to be erased; the mail that follows has to be answered."""
    standing = erasure.standing_of(account=request.user)
    if standing is not None and standing.proved_at is not None:
        return private(redirect(erasure.link_to(standing)))
    return private(_ask_member(request) if request.method == "POST" else _erase_page(request, EraseForm()))


@reauthentication_required
def _ask_member(request: HttpRequest) -> HttpResponse:
    form = EraseForm(request.POST)
    if form.is_valid():
        try:
            asked = erasure.ask(request.user, form.cleaned_data["how"])
            return render(request, "privacy/asked.html", {"email": asked.email})
        except CommentsError as refusal:
            return refused(request, refusal)
    return _erase_page(request, form)


@_ASK_OR_DO
@proofs.with_proved_address
def erase_by_address(request: HttpRequest, address: str) -> HttpResponse:
    """Who has proved an address asks to have what was written with it erased."""
    standing = erasure.standing_of(email=address)
    form = EraseForm(request.POST or None)
    if standing is None and request.method == "POST" and form.is_valid():
        standing = erasure.ask_by_address(address, form.cleaned_data["how"])
    if standing is not None:
        return private(redirect(erasure.link_to(standing)))
    return private(_erase_page(request, form, address=address))


def _erase_page(request: HttpRequest, form: EraseForm, *, address: str = "") -> HttpResponse:
    account = None if address else request.user
    context: dict[str, Any] = {
        "form": form, "address": address, "why_not": erasure.why_not_erase(account),
        "grace": HouseRules.current().erase_after_days, "number": _theirs(account, address).comments.count(),
        "back": reverse("comments:mine") if address else reverse("privacy:yours"),
    }  # fmt: skip
    return render(request, "privacy/erase.html", context, status=422 if form.errors else 200)


def _theirs(account: Any, address: str) -> Belongings:
    return Belongings.of_address(address) if address else Belongings.of_account(account)


@_ASK_OR_DO
def one(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail: what was asked, and buttons that confirm it or call it off. Opening it does nothing."""
    asked = erasure.of_link(token)
    if asked is None:
        gone = CommentsError("This link is not valid, or no longer. You can ask anew at any time.")
        gone.http_status = 404
        return private(refused(request, gone))
    try:
        if "confirm" in request.POST:
            erasure.confirm(asked)
            return private(redirect(request.path))
        if "cancel" in request.POST:
            erasure.cancel(asked)
            return private(redirect(request.path))
    except CommentsError as refusal:
        return private(refused(request, refusal))
    context = {
        "asked": asked, "why_not": erasure.why_not_erase(asked.account) if asked.is_open else "",
        "is_under_way": asked.is_open and asked.due_at is not None and asked.due_at <= timezone.now(),
        "comments_stay": asked.how == Erasure.How.DETACH, "grace": HouseRules.current().erase_after_days,
    }  # fmt: skip
    return private(render(request, "privacy/erasure.html", context))
