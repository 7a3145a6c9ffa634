"""The house rules, for the owner."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from comments.conf import RULE_GROUPS, installed_rules
from comments.desk_forms import RulesForm
from comments.models import HouseRules
from comments.viewers import Viewer

from .pages import owners_only


@owners_only
def rules(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What is published at once, and what a moderator reads first."""
    present = vars(HouseRules.current())
    form = RulesForm(request.POST or None, initial=present)
    if request.method == "POST" and form.is_valid():
        HouseRules.change(form.cleaned_data, by=viewer.user)
        messages.success(request, "The house rules are in force.")
        return redirect("moderation:rules")
    groups = [(heading, [form[name] for name in names]) for heading, names in RULE_GROUPS]
    context = {"form": form, "groups": groups, "installed": vars(installed_rules())}
    return render(request, "moderation/rules.html", context, status=422 if form.errors else 200)
