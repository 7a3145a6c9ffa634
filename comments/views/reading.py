"""Short addresses of comments, and search."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from comments.models import Comment
from comments.searching import search_site
from comments.viewers import viewer_of
from storied.text import clean_line, whole_number

from .pages import place_of

HITS_A_PAGE = 20


@require_safe
def permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """The short address of a comment: leads to its place on the right page, also where only a placeholder is left."""
    viewer = viewer_of(request)
    comment = get_object_or_404(Comment.objects.select_related("post"), pk=pk)
    if not (comment.post.is_published or viewer.is_moderator):
        raise Http404("There is no such comment.")
    if comment.published_at is None and not viewer.wrote(comment):
        raise Http404("There is no such comment.")
    response = redirect(place_of(comment))
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Articles, pages and comments that have these words."""
    words = clean_line(request.GET.get("q", ""))[:200]
    page = whole_number(request.GET.get("page"), digits=5) or 1
    results = search_site(words, limit=HITS_A_PAGE, offset=(page - 1) * HITS_A_PAGE) if words else None
    more = bool(results) and results.total > page * HITS_A_PAGE
    context = {"words": words, "results": results, "number": page, "more": more}
    response = render(request, "search.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
