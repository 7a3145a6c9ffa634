"""What was written with one mail address, for whoever proves that it is theirs; no account is needed."""

from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from comments import private_links, proofs
from comments.mail_forms import ProofForm
from comments.models import Comment
from comments.notifications import Recipient, preferences_as_read, proving
from comments.viewers import viewer_of
from storied.csrf import guests_may_post
from storied.network import network_key

from .pages import private

A_PAGE = 30
REPLIES_SHOWN = 5  # of one comment; the rest is where they stand
_ASK_OR_DO = require_http_methods(["GET", "HEAD", "POST"])


@dataclass
class Own:
    """A comment on a page of one's own: where it leads, and what was answered."""

    comment: Comment
    address: str
    replies: list[Comment] = field(default_factory=list)
    more_replies: int = 0


def page_of_own(comments: Any, number: Any, address_of: Any) -> tuple[Page, list[Own]]:
    """A page of somebody's comments, the newest first, with the public replies to each: three queries."""
    newest = comments.select_related("post", "greeting_offer").order_by("-created_at", "-pk")
    page = Paginator(newest, A_PAGE).get_page(number)
    own = {comment.pk: Own(comment, address_of(comment)) for comment in page.object_list}
    replies = Comment.objects.approved().comments().on_published_posts().filter(parent__in=own)
    for reply in replies.defer("body", "body_html").order_by("created_at"):
        mine = own[reply.parent_id]
        if len(mine.replies) < REPLIES_SHOWN:
            mine.replies.append(reply)
        else:
            mine.more_replies += 1
    return page, list(own.values())


def _ask_again(request: HttpRequest) -> HttpResponse:
    """The browser gave no proof of where the form came from: the same page, with a token."""
    return _ask_page(request, ProofForm(request.POST), with_token=True, status=403)


@_ASK_OR_DO
@guests_may_post(refused=_ask_again)
def mine(request: HttpRequest) -> HttpResponse:
    """Asks for an address, or, once one is proved, shows what was written with it."""
    if request.method == "POST":
        return _ask(request)
    if not proofs.proved_address(request):
        return _ask_page(request, ProofForm())
    return _written(request)


def _ask(request: HttpRequest) -> HttpResponse:
    form = ProofForm(request.POST)
    if not form.is_valid():
        return _ask_page(request, form, status=422)
    # Robots fill in what people do not see; they get the same answer.
    if not form.cleaned_data["homepage"]:
        proving.ask(form.cleaned_data["email"], network_key(request))
    return private(render(request, "mine/asked.html"))


def _ask_page(request: HttpRequest, form: ProofForm, *, with_token: bool = False, status: int = 200) -> HttpResponse:
    context = {"form": form, "with_token": with_token or request.user.is_authenticated}
    return private(render(request, "mine/ask.html", context, status=status))


@proofs.with_proved_address
def _written(request: HttpRequest, address: str) -> HttpResponse:
    comments = proving.written_with(address)
    page, own = page_of_own(comments, request.GET.get("page"), lambda comment: private_links.link_to(comment.pk))
    context = {"email": address, "page": page, "own": own, "preferences": preferences_as_read(Recipient(email=address))}
    return private(render(request, "mine/written.html", context))


@_ASK_OR_DO
def prove(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail: asks once more, since mail scanners follow links, and then takes it for a proof."""
    asked = proving.asked_by(token)
    if asked is None:
        return private(render(request, "mine/expired.html", status=404))
    if request.method != "POST":
        return private(render(request, "mine/prove.html", {"email": asked.email}))
    response = redirect("comments:mine")
    proving.prove(asked, viewer_of(request).guest_key)
    proofs.remember(response, asked)
    return private(response)


@require_POST
def done(request: HttpRequest) -> HttpResponse:
    """This browser no longer opens what was written with the address."""
    response = redirect("comments:mine")
    proofs.forget(request, response)
    return private(response)
