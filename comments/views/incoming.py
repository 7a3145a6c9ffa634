"""Mail that comes in over HTTP, and the page on which a text that was not taken in is given back."""

import hmac

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from comments import guidelines, incoming
from comments.forms import filled_comment_form
from comments.models import Alias, Comment, HouseRules, ReceivedMail
from comments.notifications import receipts
from comments.viewers import viewer_of

from .pages import private


@require_POST
@csrf_exempt
def take(request: HttpRequest, secret: str = "") -> HttpResponse:
    """A whole mail in the body, from whoever knows the secret: in the path, or as `Authorization: Bearer …`.

    `from` and `to` may tell the envelope. Every answer of 200 means that the mail was dealt with, even if only dropped.
    """
    told = secret or request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    expected = settings.STORIED_MAIL_HOOK_SECRET
    if not expected or not hmac.compare_digest(told.encode("utf-8", "replace"), expected.encode()):
        raise Http404("There is nothing here.")
    try:
        raw = request.body
    except RequestDataTooBig:
        raw = b" " * (incoming.MOST_BYTES + 1)
    if len(raw) > incoming.MOST_BYTES:
        return private(HttpResponse("too large\n", status=413, content_type="text/plain"))
    outcome = incoming.receive(raw, sender=request.GET.get("from"), recipient=request.GET.get("to", "")[:1_000])
    return private(HttpResponse(f"{outcome}\n", content_type="text/plain"))


@require_safe
def returned(request: HttpRequest, token: str) -> HttpResponse:
    """The form with a text that came by mail and was not taken in, ready to be submitted here."""
    mail = receipts.returned_by(token)
    if mail is None or mail.post is None or not mail.post.is_readable_by(request.user):
        return private(render(request, "notifications/not_kept.html", status=404))
    viewer, rules, version = viewer_of(request), HouseRules.current(), guidelines.current()
    writer = mail.who.removeprefix("account:") if mail.who.startswith("account:") else ""
    if writer and not viewer.is_member:
        return private(redirect_to_login(request.path))
    if writer and writer != str(viewer.user.pk):
        return private(render(request, "notifications/not_kept.html", status=404))
    parent = _parent(mail)
    alias = Alias.objects.name_of(viewer.user, mail.post_id) if viewer.is_member else ""
    typed = QueryDict(mutable=True)
    # Not the address: links are passed on, and no page of this site shows one.
    typed.update({"body": mail.body, "parent": str(parent.pk) if parent else "", "name": mail.name})
    owed = guidelines.owed(mail.guidelines_version, viewer)
    form = filled_comment_form(
        typed, mail.post, viewer, rules, version, changes_are_shown=owed is not None, alias=alias
    )
    form.is_valid()
    context = {
        "post": mail.post, "form": form, "rules": rules, "viewer": viewer, "refusal": None, "parent": parent,
        "version": version, "sentence": guidelines.SENTENCE, "with_token": True, "owed": owed,
    }  # fmt: skip
    return private(render(request, "comments/compose.html", context))


def _parent(mail: ReceivedMail) -> Comment | None:
    return Comment.objects.filter(pk=mail.parent_id).approved().first() if mail.parent_id else None
