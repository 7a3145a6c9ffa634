"""Taking a passage out of a comment: chosen, looked at, done; put back; opened by the owner."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from comments import guidelines, moderation, permissions
from comments.decision_forms import RedactionForm
from comments.exceptions import CommentsError
from comments.models import Comment, Redaction
from comments.moderation import redaction
from comments.viewers import Viewer

from .pages import moderators_only


@moderators_only
def redact(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """The form, then what the comment would be, then the removal."""
    comment = get_object_or_404(moderation.moderated_by(viewer).select_related("post"), pk=pk)
    start = {"revision": comment.revision, "occurrence": 1}
    form = RedactionForm(request.POST or None, initial=start, version=guidelines.current())
    proposal = refusal = None
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        seen = said.pop("revision")
        try:
            if "sure" in request.POST:
                redaction.redact(pk, viewer, said.pop("passage"), seen_revision=seen, **said)
                messages.success(
                    request, "The passage is taken out. Its author can still read it, on a page of theirs."
                )
                return redirect("moderation:comment", pk=pk)
            proposal = redaction.propose(comment, said.pop("passage"), **said)
        except CommentsError as error:
            refusal = error
            if error.field in form.fields:
                form.add_error(error.field, error.message)
    return _show(request, comment, form, proposal, refusal)


def _show(
    request: HttpRequest,
    comment: Comment,
    form: RedactionForm,
    proposal: redaction.Proposal | None,
    refusal: CommentsError | None,
) -> HttpResponse:
    context: dict[str, Any] = {"comment": comment, "form": form, "proposal": proposal, "refusal": refusal}
    status = refusal.http_status if refusal else 422 if form.errors else 200
    return render(request, "moderation/redact.html", context, status=status)


@require_POST
@moderators_only
def put_back(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """The text as it was before."""
    made = _found(viewer, pk)
    redaction.put_back(pk, viewer)
    messages.success(request, "The passage is back where it was.")
    return redirect("moderation:comment", pk=made.comment_id)


@require_POST
@moderators_only
def sealed(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """What stood there before, for the owner, who says why."""
    permissions.ensure(permissions.why_not_open_sealed(viewer))
    made = _found(viewer, pk)
    text = redaction.open_sealed(pk, viewer, request.POST.get("reason", "")[:2_000])
    return render(request, "moderation/sealed.html", {"redaction": made, "text": text})


def _found(viewer: Viewer, pk: int) -> Redaction:
    return get_object_or_404(Redaction, pk=pk, comment__in=moderation.moderated_by(viewer).values("pk"))
