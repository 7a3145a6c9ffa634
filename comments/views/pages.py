"""What the views of this package share: who may come in, how a refusal is answered, where a comment stands."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, NamedTuple

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from comments import guidelines, paging, permissions
from comments.exceptions import CommentsError, NotAllowed, TooMany
from comments.models import Comment
from comments.moderation import Wanted, refusals
from comments.viewers import Viewer, viewer_of
from storied.text import clean_line, clean_text, whole_number

View = Callable[..., HttpResponse]


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
    if paging.fits_on_a_page(comment.post):
        return f"{comment.post.get_absolute_url()}#{comment.anchor}"
    return comment.get_absolute_url()


def place_of(comment: Comment) -> str:
    """The address of the article's page on which a comment stands, with its anchor."""
    number = paging.page_of(comment) if not comment.is_linkback else 1
    query = f"?comments={number}" if number > 1 else ""
    return f"{comment.post.get_absolute_url()}{query}#{comment.anchor}"


def _only_for(why_not: Callable[[Viewer], str]) -> Callable[[View], View]:
    """Marks a view for some: guests are asked to log in, others are told why they may not come in."""

    def mark(view: View) -> View:
        @wraps(view)
        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            viewer = viewer_of(request)
            if not viewer.is_member:
                return private(redirect_to_login(request.get_full_path()))
            try:
                permissions.ensure(why_not(viewer))
                return private(view(request, viewer, *args, **kwargs))
            except CommentsError as refusal:
                return private(refused(request, refusal))

        return enter

    return mark


moderators_only = _only_for(permissions.why_not_enter_the_desk)
owners_only = _only_for(permissions.why_not_change_rules)


def members_only(view: View) -> View:
    """Marks what is kept for members, and for everybody else by their own browser: its script learns why not."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        viewer = viewer_of(request)
        if not viewer.is_member:
            why_not = NotAllowed("This is kept for people with an account. Your own browser can do it for you.")
            return private(refused(request, why_not))
        return view(request, viewer, *args, **kwargs)

    return enter


def grounds(request: HttpRequest, suffix: str) -> dict[str, str]:
    """What was given as the reason, for one comment (its number), for all, or from a mail."""
    return {
        "clause": clean_line(request.POST.get(f"clause_{suffix}", ""))[:50],
        "reason": clean_text(request.POST.get(f"reason_{suffix}", "")).strip()[:2_000],
        "note": clean_line(request.POST.get(f"note_{suffix}", ""))[:2_000],
        "template": clean_line(request.POST.get(f"template_{suffix}", ""))[:50],
    }


class Options(NamedTuple):
    """What a refusal can name and begin with, as options of a form."""

    clauses: str
    templates: str


def options_of(clauses: guidelines.Choices) -> Options:
    """The same once for a page, which may have it many times."""
    made, words = "moderation/_grounds_options.html", refusals.templates(offered_only=True)
    return Options(
        clauses=render_to_string(made, {"clauses": clauses}),
        templates=render_to_string(made, {"templates": words}) if words else "",
    )


def asked_as(wanted: Wanted, is_short: bool) -> str:
    """The filters and the view of a queue, for addresses; begins with "&" where there are any."""
    return "".join(f"&{part}" for part in (wanted.query, "view=short" if is_short else "") if part)


def numbers(texts: Iterable[str]) -> list[int]:
    """Those of these texts that are numbers of comments, as far as a request may name them."""
    return [number for text in list(texts)[:1_000] if (number := whole_number(text)) is not None]
