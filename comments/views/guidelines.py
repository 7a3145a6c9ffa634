"""The Commenting Guidelines, their history and what changed."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from comments import guidelines
from comments.models import GuidelineVersion
from storied.front import keep


@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """The version in force."""
    version = guidelines.current()
    if version is None:
        raise Http404("No guidelines have been published yet.")
    return _show(request, version)


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, and how it differs from the one before."""
    return _show(request, get_object_or_404(GuidelineVersion.objects.prefetch_related("clauses"), number=number))


def _show(request: HttpRequest, shown: GuidelineVersion) -> HttpResponse:
    versions = list(GuidelineVersion.objects.all())
    before = GuidelineVersion.objects.prefetch_related("clauses").filter(number=shown.number - 1).first()
    context = {
        "version": shown,
        "versions": versions,
        "is_current": versions[0] == shown,
        "changes": guidelines.changes(before, shown) if before else [],
    }
    return keep(request, render(request, "guidelines/version.html", context))
