"""Looking up who stands behind a name that is used only in one discussion."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from comments import moderation, permissions
from comments.decision_forms import UnmaskForm
from comments.models import Person
from comments.moderation import unmasking
from comments.viewers import Viewer

from .pages import moderators_only


@moderators_only
def unmask(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """What will happen, with a field for the reason; then the answer, which this page alone ever shows."""
    comment = get_object_or_404(moderation.moderated_by(viewer).select_related("post"), pk=pk)
    permissions.ensure(permissions.why_not_unmask(viewer, comment))
    form = UnmaskForm(request.POST or None)
    context = {"comment": comment, "form": form}
    if request.method == "POST" and form.is_valid():
        account = unmasking.unmask(pk, viewer, form.cleaned_data["reason"])
        context |= {"account": account, "person": Person(account.pk)}
    return render(request, "moderation/unmask.html", context, status=422 if form.errors else 200)
