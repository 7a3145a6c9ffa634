"""What the views of this package share: how a refusal is answered, and where a comment stands."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from comments import discussion
from comments.exceptions import CommentsError, TooMany
from comments.models import Comment


def refused(request: HttpRequest, refusal: CommentsError, **context: Any) -> HttpResponse:
    """A page that says in words why something was not done."""
    page = render(request, "comments/refused.html", {"refusal": refusal, **context}, status=refusal.http_status)
    return with_retry_after(page, refusal)


def with_retry_after(response: HttpResponse, refusal: CommentsError) -> HttpResponse:
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    return response


def private(response: HttpResponse) -> HttpResponse:
    """An answer that no cache keeps, no search engine lists, and whose address nobody else learns."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    # The address may hold a private link. "no-referrer" would do, were it not for browsers that then send
    # "Origin: null" with the page's own forms.
    response["Referrer-Policy"] = "strict-origin"
    return response


def way_to(comment: Comment) -> str:
    """Where its writer is sent: to its place, or, in a long discussion, to the short address that finds the page."""
    if discussion.fits_on_a_page(comment.post):
        return f"{comment.post.get_absolute_url()}#{comment.anchor}"
    return comment.get_absolute_url()


def place_of(comment: Comment) -> str:
    """The address of the article's page on which a comment stands, with its anchor."""
    number = discussion.page_of(comment) if not comment.is_linkback else 1
    query = f"?comments={number}" if number > 1 else ""
    return f"{comment.post.get_absolute_url()}{query}#{comment.anchor}"
