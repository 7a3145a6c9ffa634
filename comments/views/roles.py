"""Who moderates what, for the owner."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from comments.desk_forms import RoleForm, WhoForm
from comments.exceptions import CommentsError
from comments.models import ModeratorScope
from comments.moderation import roles as moderators
from comments.viewers import Viewer
from storied.accounts.models import User

from .pages import owners_only


@owners_only
def roles(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Everybody with a part in moderation; leads to anybody's role."""
    form = WhoForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            return redirect("moderation:role", pk=moderators.find_account(form.cleaned_data["who"]).pk)
        except CommentsError as refusal:
            form.add_error("who", refusal.message)
    context = {"form": form, "moderators": moderators.moderators()}
    return render(request, "moderation/roles.html", context, status=422 if form.errors else 200)


@owners_only
def role(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """What one person moderates."""
    account = get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST or None, initial=_present(account))
    if request.method == "POST" and form.is_valid():
        try:
            moderators.set_role(account, viewer=viewer, **form.cleaned_data)
        except CommentsError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, f"The role of {account.display_name} is set.")
            return redirect("moderation:roles")
    context = {"form": form, "account": account}
    return render(request, "moderation/role.html", context, status=422 if form.errors else 200)


def _present(account: User) -> dict[str, object]:
    scopes = list(ModeratorScope.objects.filter(account=account).select_related("post"))
    return {
        "role": "moderator" if account.is_moderator else "chosen" if scopes else "member",
        "categories": [scope.category_id for scope in scopes if scope.category_id],
        "posts": "\n".join(scope.post.get_absolute_url() for scope in scopes if scope.post_id),
    }
