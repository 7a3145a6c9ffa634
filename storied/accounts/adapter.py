"""How allauth behaves here: the only file that subclasses it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from storied.network import stand_in


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP_IS_OPEN

    def get_client_ip(self, request: HttpRequest) -> str:
        """For counts of log-ins, which may lie in a table, and for lists of sessions: no address is ever stored."""
        return stand_in(request)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user = super().save_user(request, user, form, commit=False)
        user.display_name = form.cleaned_data.get("display_name", "")
        if commit:
            user.save()
        return user
