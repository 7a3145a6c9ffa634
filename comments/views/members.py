"""A member's own page, and the one for everybody where the member wants it."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from comments import submission, unsent
from comments.models import Comment, GuidelineAcceptance, Subscription
from comments.notifications import Recipient
from comments.viewers import viewer_of
from storied.accounts.models import User

from .mine import A_PAGE, page_of_own
from .pages import private

_NEWEST = 10  # answers, and things followed, before "all of it"


@require_safe
@login_required
def comments(request: HttpRequest) -> HttpResponse:
    """What one wrote with its states, the answers to it, what one follows, and what one agreed to."""
    account = request.user
    written = Comment.objects.comments().filter(author=account)
    page, own = page_of_own(written, request.GET.get("page"), lambda one: reverse("comments:own", args=[one.pk]))
    answers = Comment.objects.approved().comments().on_published_posts().filter(parent__author=account)
    follows = Subscription.objects.standing().filter(who=Recipient(account.pk).who)
    agreed = GuidelineAcceptance.objects.filter(comment__author=account)
    context = {
        "page": page,
        "unsent": [(text, text.post.is_readable_by(account)) for text in unsent.of(account)],
        "own": own,
        "answers": answers.exclude(author=account).select_related("post").order_by("-created_at")[:_NEWEST],
        "follows": follows.select_related("post", "comment").order_by("-asked_at")[:_NEWEST],
        "agreed": agreed.order_by("-version__number")
        .values("version__number")
        .annotate(number=Count("pk"), first=Min("accepted_at")),
        "has_more": submission.offered(viewer_of(request)).exists(),
    }
    return private(render(request, "mine/comments.html", context))


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Who a member is, as they want everybody to know; for others there is no such page."""
    account = get_object_or_404(User.objects.filter(is_active=True, is_public=True), pk=pk)
    written = Comment.objects.shown_as_by(account).approved().comments().on_published_posts()
    newest = written.select_related("post").defer("body").order_by("-created_at", "-pk")
    context = {"person": account, "page": Paginator(newest, A_PAGE).get_page(request.GET.get("page"))}
    response = render(request, "mine/person.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-cache"
    return response
