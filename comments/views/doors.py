"""Who may open an account and under which names nobody may speak, for the owner."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from comments.desk_forms import DoorsForm, InvitationForm
from comments.moderation import accounts
from comments.viewers import Viewer
from storied.accounts.doors import standing
from storied.accounts.models import AccountRules
from storied.text import whole_number

from .pages import owners_only


@owners_only
def doors(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The doors, the names that are kept for the site, and the invitations that stand."""
    rules = AccountRules.current()
    start = {"sign_up": rules.sign_up, "reserved_names": rules.reserved_names}
    form = DoorsForm(request.POST if "save" in request.POST else None, initial=start)
    inviting = InvitationForm(request.POST if "invite" in request.POST else None)
    if request.method == "POST" and _act(request, viewer, form, inviting):
        return redirect("moderation:doors")
    invitations = list(standing().select_related("by")[:200])
    for invitation in invitations:
        invitation.link = request.build_absolute_uri(reverse("accounts:invitation", args=[invitation.token]))
    context = {"form": form, "inviting": inviting, "invitations": invitations, "rules": rules}
    return render(request, "moderation/doors.html", context, status=422 if form.errors or inviting.errors else 200)


def _act(request: HttpRequest, viewer: Viewer, form: DoorsForm, inviting: InvitationForm) -> bool:
    """Does what the page's button asks for; whether there is anything to go on to."""
    if form.is_bound:
        if not form.is_valid():
            return False
        accounts.change_rules(viewer, **form.cleaned_data)
        messages.success(request, "Saved.")
    elif inviting.is_bound:
        if not inviting.is_valid():
            return False
        accounts.invite(viewer, inviting.cleaned_data["email"])
        messages.success(request, "Here is the link, at the top of the list. Send it to whom it is for.")
    elif (number := whole_number(request.POST.get("revoke"))) and accounts.revoke(viewer, number):
        messages.success(request, "Taken back.")
    return True
