"""Deciding from a mail: its links open a page that asks, since mail scanners follow links; its form decides."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from comments import care, guidelines, moderation, permissions, private_links, status
from comments.exceptions import CommentsError
from comments.models import Comment
from comments.viewers import Viewer
from storied.accounts.models import User

from .pages import grounds, options_of, private

_DONE = {"approve": "It is published", "reject": "It was declined", "mark_spam": "It is set aside as spam"}


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the comment and what would be done with it; posted, does it as the moderator whom the mail went to."""
    said = private_links.decision_of(token)
    if said is None or said[3] not in _DONE:
        return _answer(request, 404, is_over=True)
    pk, revision, account, action = said
    comment = Comment.objects.select_related("post").filter(pk=pk).first()
    person = User.objects.filter(pk=account, is_active=True).first()
    if comment is None or person is None or permissions.why_not_moderate(Viewer(person), comment.post):
        return _answer(request, 404, is_over=True)
    if request.method == "POST":
        return _decide(request, comment, revision, Viewer(person), action)
    return _ask(request, comment, revision, person, action)


def _ask(request: HttpRequest, comment: Comment, revision: int, person: User, action: str) -> HttpResponse:
    if comment.status != Comment.Status.PENDING:
        return _answer(
            request, comment=comment, problem=f"Nothing is left to decide: it is {status.who_decided(comment)}."
        )
    if comment.revision != revision:
        why = f"{comment.author_name} has edited it since this mail was sent. Please look at it in the queue."
        return _answer(request, comment=comment, problem=why)
    options = options_of(guidelines.clauses_for_choice())
    heavy = care.heavy_among([comment])
    return _answer(request, comment=comment, person=person, action=action, options=options, heavy=heavy)


def _decide(request: HttpRequest, comment: Comment, revision: int, viewer: Viewer, action: str) -> HttpResponse:
    try:
        decided = moderation.decide(
            comment.pk,
            action,
            viewer,
            **grounds(request, "mail"),
            seen_revision=revision,
            seen_status=Comment.Status.PENDING,
        )
    except CommentsError as refusal:
        return _answer(request, refusal.http_status, comment=comment, problem=refusal.message)
    return _answer(request, comment=decided, done=_DONE[action])


def _answer(request: HttpRequest, http_status: int = 200, **context: Any) -> HttpResponse:
    return private(render(request, "moderation/by_mail.html", context, status=http_status))
