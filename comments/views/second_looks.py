"""The moderators' side of second looks: what waits for an answer, and the answer."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from comments import care, moderation, permissions, status
from comments.decision_forms import AnswerForm
from comments.exceptions import CommentsError
from comments.models import Appeal
from comments.viewers import Viewer

from .pages import moderators_only

A_PAGE = 20


@require_safe
@moderators_only
def queue(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Open second looks, the oldest first."""
    return _show(request, viewer)


@require_POST
@moderators_only
def answer(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Answers one: the decision stays, or is taken back."""
    asked = get_object_or_404(Appeal, pk=pk, comment__in=moderation.moderated_by(viewer).values("pk"))
    form = AnswerForm(request.POST, auto_id=f"{asked.pk}-%s")
    if not form.is_valid():
        return _show(request, viewer, form, asked.pk)
    try:
        decided = moderation.decide_appeal(
            asked.pk, request.POST.get("outcome", ""), viewer, answer=form.cleaned_data["answer"]
        )
    except CommentsError as refusal:
        messages.error(request, refusal.message)
        return redirect("moderation:appeals")
    what = "published again" if decided.outcome == Appeal.Outcome.REVERSED else "left as it was"
    messages.success(request, f"The comment by {decided.comment.author_name} was {what}; its author reads your answer.")
    return redirect("moderation:appeals")


def _show(request: HttpRequest, viewer: Viewer, form: AnswerForm | None = None, number: int = 0) -> HttpResponse:
    page = Paginator(moderation.open_appeals(viewer), A_PAGE).get_page(request.GET.get("page"))
    moderators = permissions.moderators_of_the_site()
    clauses = status.clauses_named(asked.decision.clause for asked in page.object_list)
    for asked in page.object_list:
        asked.form = form if form and asked.pk == number else AnswerForm(auto_id=f"{asked.pk}-%s")
        asked.why_not = permissions.why_not_decide_appeal(viewer, asked, moderators)
        asked.is_same_person = asked.decision.actor_id == viewer.user.pk
        asked.clause = clauses[asked.decision.clause]
    context = {"page": page, "form": form, "heavy": care.heavy_among(asked.comment for asked in page.object_list)}
    return render(request, "moderation/appeals.html", context, status=422 if form else 200)
