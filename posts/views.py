"""Pages of articles: home, archives, one article, one page."""

from collections.abc import Callable
from copy import copy
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from storied.front import ALL_DISCUSSIONS, SITE, Memo, discussion_slot, frames, has_no_session, keep, not_beyond

from .models import Category, Post, PostQuerySet
from .structured import as_data

POSTS_A_PAGE = 10
_posts = Memo(most=1_000)
_scheduled = Memo()


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The newest articles; also where WordPress's /?p=123 and /?page_id=123 arrive."""
    for name in ("p", "page_id"):
        if request.GET.get(name, "").isascii() and request.GET.get(name, "").isdecimal():
            return _by_old_id(request, request.GET[name])
    return _list(request, Post.objects.published(), "posts/home.html")


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """Articles of a category."""
    chosen = get_object_or_404(Category, slug=slug)
    return _list(request, Post.objects.published().filter(categories=chosen), "posts/archive.html", category=chosen)


@require_safe
def month(request: HttpRequest, year: str, month: str) -> HttpResponse:
    """Articles of a month."""
    return _list(request, _in_month(year, month), "posts/archive.html", month=_first_day(year, month))


@require_safe
def year(request: HttpRequest, year: str) -> HttpResponse:
    """Articles of a year."""
    _first_day(year, "1")
    posts = Post.objects.published().filter(published_at__year=year)
    return _list(request, posts, "posts/archive.html", year=year)


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """All months and all categories that have articles."""
    published = Post.objects.published().articles()
    months = published.datetimes("published_at", "month", order="DESC")
    categories = Category.objects.filter(posts__in=published).distinct()
    not_beyond(request, _next_to_appear())
    return keep(request, render(request, "posts/index.html", {"months": months, "categories": categories}))


@require_safe
def detail(request: HttpRequest, year: str, month: str, slug: str) -> HttpResponseBase:
    """One article with its discussion."""
    _first_day(year, month)
    named = _to_show(request).articles().filter(slug=slug)
    try:
        return _show(request, _found(request, lambda: _of_month(named, int(year), int(month))))
    except Post.DoesNotExist:
        for post in named[:1]:  # the date was changed; the old address still leads there
            return redirect(post, permanent=True)
        return _by_old_path(request)


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponseBase:
    """One page, such as "About"."""
    try:
        return _show(request, _found(request, _to_show(request).pages().filter(slug=slug).get))
    except Post.DoesNotExist:
        return _by_old_path(request)


@require_safe
def by_id(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What has no address of its own yet: a draft without a slug. Everything else is redirected to its address."""
    post = get_object_or_404(_to_show(request), pk=pk)
    return _show(request, post) if post.get_absolute_url() == request.path else redirect(post)


@require_safe
def old_path(request: HttpRequest, path: str) -> HttpResponse:
    """Addresses of the blog this one was imported from."""
    return _by_old_path(request)


def _show(request: HttpRequest, post: Post) -> HttpResponse:
    is_further_page = request.GET.get("comments", "1") != "1"
    canonical = settings.SITE_URL + post.get_absolute_url()

    def make() -> tuple[str, None]:
        context = {
            "post": post,
            # Read into a copy, its text goes with it; the article is kept for as long as the site stays as it is.
            "with_text": copy(post),
            "categories": list(post.categories.all()),
            "previous": post.previous(),
            "next": post.next(),
            "canonical": canonical,
            "as_data": partial(as_data, post, canonical),
            "is_further_page": is_further_page,
        }
        return render_to_string("posts/detail.html", context, request), None

    key = None
    if "replytocom" not in request.GET and has_no_session(request):
        ahead = _next_to_appear()
        not_beyond(request, ahead)
        key = (post.pk, request.path, ahead, is_further_page)
    html, _ = frames.page(request, key, make)
    return keep(request, HttpResponse(html), discussion_slot(post.pk))


def _to_show(request: HttpRequest) -> PostQuerySet:
    """What this visitor may read; the texts are fetched only where the frame around them is made."""
    readable = Post.objects.readable_by(request.user) if not has_no_session(request) else Post.objects.published()
    return readable.select_related("author").defer("body", "body_html")


def _found(request: HttpRequest, find: Callable[[], Post]) -> Post:
    """What stands at this address, kept for readers without a session; Post.DoesNotExist where nothing does."""
    return _posts.get((request.path, _next_to_appear()), (SITE,), find) if has_no_session(request) else find()


def _of_month(posts: PostQuerySet, year: int, month: int) -> Post:
    for post in posts[:50]:
        at = timezone.localtime(post.published_at) if post.published_at else None
        if at and (at.year, at.month) == (year, month):
            return post
    raise Post.DoesNotExist


def _next_to_appear() -> datetime | None:
    """When the next article with a date to come appears; until then neighbours and lists stay as they are."""
    dates = _scheduled.get("dates", (SITE,), _dates_to_come)
    now = timezone.now()
    return next((date for date in dates if date > now), None)


def _dates_to_come() -> list[datetime]:
    to_come = Post.objects.filter(status=Post.Status.PUBLISHED, published_at__gt=timezone.now())
    return list(to_come.order_by("published_at").values_list("published_at", flat=True)[:1_000])


def _list(request: HttpRequest, posts: PostQuerySet, template: str, **context: Any) -> HttpResponse:
    found = _page(posts.for_lists(), request.GET.get("page"))
    not_beyond(request, _next_to_appear())
    page = render(request, template, {"page": found, "posts": list(found.object_list), **context})
    return keep(request, page, ALL_DISCUSSIONS)


def _page(posts: PostQuerySet, number: str | None) -> Page:
    pages = Paginator(posts, POSTS_A_PAGE)
    try:
        return pages.page(number or 1)
    except (EmptyPage, PageNotAnInteger):
        raise Http404("There is no such page.") from None


def _first_day(year: str, month: str) -> datetime:
    if not 1900 <= int(year) <= 2200:
        # At the ends of the calendar a time zone leads out of it.
        raise Http404("There is no such year here.")
    try:
        return datetime(int(year), int(month), 1, tzinfo=timezone.get_current_timezone())
    except (ValueError, OverflowError):
        raise Http404("There is no such month.") from None


def _in_month(year: str, month: str) -> PostQuerySet:
    _first_day(year, month)
    return Post.objects.published().filter(published_at__year=year, published_at__month=month)


def _by_old_id(request: HttpRequest, number: str) -> HttpResponse:
    for post in Post.objects.readable_by(request.user).filter(source_id=number).order_by("pk")[:1]:
        return redirect(post, permanent=True)
    raise Http404("There is no such article.")


def _by_old_path(request: HttpRequest) -> HttpResponse:
    path = request.path.strip("/")
    if path:
        for post in Post.objects.readable_by(request.user).filter(legacy_path=path)[:1]:
            return redirect(post, permanent=True)
    raise Http404("There is nothing at this address.")
