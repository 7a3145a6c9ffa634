"""What everybody may know of moderation, what each may know of their own, and what the owner may know of all."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comments import guidelines
from comments.models import HouseRules
from comments.moderation import figures as numbers
from comments.moderation import openness, plots
from comments.viewers import Viewer, viewer_of
from storied.front import keep, not_beyond

from .pages import owners_only, private

_COMMENTS_A_PAGE = 30


@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """Numbers without people: kept for everybody until the week ends."""
    not_beyond(request, openness.next_monday())
    context = {"periods": openness.periods(), "fewest": openness.FEWEST, "rules": HouseRules.current()}
    return keep(request, render(request, "openness.html", context))


@require_safe
@login_required
def record(request: HttpRequest) -> HttpResponse:
    """Everything that was decided on what one wrote, for oneself alone."""
    mine = openness.own_record(viewer_of(request))
    page = Paginator(mine.comments, _COMMENTS_A_PAGE).get_page(request.GET.get("page"))
    comments = list(page.object_list)
    logs = openness.told_log(comments)
    version = guidelines.current()
    context = {
        "record": mine,
        "page": page,
        "told": [(comment, logs[comment.pk]) for comment in comments],
        "clauses": list(version.clauses.all()) if version else [],
    }
    return private(render(request, "accounts/record.html", context))


@require_safe
@owners_only
def figures(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """How moderation goes, for the owner, with plots."""
    asked = request.GET.get("days", "30")
    span = int(asked) if asked in {str(days) for days in numbers.SPANS} else 30
    found = numbers.figures(span)
    context = {
        "figures": found,
        "spans": numbers.SPANS,
        "plots": [plots.queue_plot(found), plots.waits_plot(found), plots.comments_plot(found)],
        "rule_bars": plots.rule_bars(found),
    }
    return render(request, "moderation/figures.html", context)
