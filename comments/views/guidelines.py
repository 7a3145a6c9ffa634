"""The Commenting Guidelines, their history and how any two versions differ."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from comments import guidelines, permissions
from comments.models import GuidelineVersion
from comments.viewers import viewer_of
from storied.front import keep
from storied.text import whole_number


@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """The version in force."""
    version = guidelines.current()
    if version is None:
        raise Http404("No guidelines have been published yet.")
    return _show(request, version)


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, and where the others are."""
    return _show(request, _version_or_404(number))


@require_safe
def changes(request: HttpRequest, old: int, new: int) -> HttpResponse:
    """How two versions differ, clause by clause and word by word."""
    if old > new:
        return redirect("guidelines:changes", new, old)
    before, after = _version_or_404(old), _version_or_404(new)
    if old == new:
        return redirect(after)
    between = [version for version in reversed(guidelines.versions()) if old < version.number <= new]
    context = {
        "old": before,
        "new": after,
        "between": between,
        "difference": guidelines.between(before, after),
        "versions": guidelines.versions(),
    }
    return keep(request, render(request, "guidelines/changes.html", context))


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Where the form that asks for two versions leads."""
    one, other = (whole_number(request.GET.get(name), digits=9) for name in ("from", "to"))
    if one is None or other is None:
        raise Http404("Which versions?")
    return redirect("guidelines:changes", min(one, other), max(one, other))


def _version_or_404(number: int) -> GuidelineVersion:
    found = guidelines.version_with_clauses(number)
    if found is None:
        raise Http404("There is no such version of the guidelines.")
    return found


def _show(request: HttpRequest, shown: GuidelineVersion) -> HttpResponse:
    versions = guidelines.versions()
    context = {
        "version": shown,
        "versions": versions,
        "is_current": versions[0].number == shown.number,
        "before": next((version for version in versions if version.number < shown.number), None),
        "is_owner": not permissions.why_not_change_rules(viewer_of(request)),
    }
    return keep(request, render(request, "guidelines/version.html", context))
