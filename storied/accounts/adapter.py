"""How allauth behaves here: the only file that subclasses it."""

import logging
import smtplib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect, render

from storied import sealing
from storied.letters import compose
from storied.network import stand_in

from . import doors
from .letters import LETTERS

_log = logging.getLogger(__name__)

# For who comes from no address at all; the tables of sessions want one.
_NOWHERE = "fd00::"


# What anybody can have sent who types an address.
_ASKED_FOR = frozenset(
    f"account/email/{name}"
    for name in (
        "account_already_exists", "email_confirmation", "email_confirmation_signup", "login_code",
        "password_reset_code", "password_reset_key", "unknown_account",
    )
)  # fmt: skip


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed.",
        "cannot_remove_primary_email": "This is your first address. It can be removed once another one is the first.",
        "duplicate_email": "This e-mail address is one of yours already.",
        "email_password_mismatch": "E-mail address and password do not go together here.",
        "email_taken": "There is an account with this e-mail address already.",
        "enter_current_password": "This is not your current password.",
        "incorrect_code": "This code does not fit. Please look at the mail once more, or ask for another one.",
        "incorrect_password": "This is not your password.",
        "invalid_login": "This does not look like an e-mail address. It should be like name@example.org.",
        "invalid_or_expired_key": "This link is no longer good. You can ask for another one.",
        "invalid_password_reset": "This link is no longer good. You can ask for another one.",
        "max_email_addresses": "An account can have %d e-mail addresses, and no more.",
        "rate_limited": "This was asked for too often. Please wait a few minutes.",
        "same_as_current": "This is the address that you gave already.",
        "too_many_login_attempts": "This was tried too often. Please wait a few minutes.",
        "unknown_email": "There is no account with this e-mail address.",
        "unverified_primary_email": "Only an address that is confirmed can be the first.",
    }
    # By allauth's names of the ways to show that it is oneself.
    _WAYS = {
        "reauthenticate": "Use your password",
        "mfa_reauthenticate": "Use a code of your authenticator app, or a recovery code",
        "mfa_reauthenticate:webauthn": "Use your passkey",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return doors.are_open(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """For counts of log-ins, which may lie in a table, and for lists of sessions: no address is ever stored."""
        return stand_in(request) or _NOWHERE

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The ways that this account has, called as they are everywhere else here."""
        ways = super().get_reauthentication_methods(user)
        return [way | {"description": self._WAYS.get(way["id"], way["description"])} for way in ways]

    def render_mail(self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None) -> Any:
        """In the words and the form of all other mail from here."""
        letter = LETTERS.get(template_prefix)
        if letter is None:
            return super().render_mail(template_prefix, email, context, headers)
        return compose(letter(context), email, headers=headers)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail that somebody waits for is sent while they wait, and they learn when it cannot be."""
        if template_prefix in _ASKED_FOR and not ratelimit.consume(self.request, action="mail", key=email.lower()):
            # The page is the same: whoever asks learns nothing of it, and nobody's mailbox is filled by strangers.
            _log.info("A mail about an account was not sent: one address was asked for too often.")
            return
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as fault:
            _log.warning("A mail about an account (%s) could not be sent: %s", template_prefix, type(fault).__name__)
            if "timestamp" in context:
                return  # word of what is done already
            page = render(self.request, "account/mail_away.html", status=503)
            page["Retry-After"] = "60"
            raise ImmediateHttpResponse(page) from fault

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user = super().save_user(request, user, form, commit=False)
        user.display_name = form.cleaned_data.get("display_name", "")
        try:
            is_stored = not commit or doors.store(request, user)
        except doors.Taken:
            # Asked once more, the form says so itself; of an address it says nothing, and the mail to it does.
            view = request.resolver_match
            raise ImmediateHttpResponse(view.func(request, *view.args, **view.kwargs)) from None
        if not is_stored:
            # Another was quicker with the same invitation, or the owner has closed the doors meanwhile.
            raise ImmediateHttpResponse(redirect("account_signup"))
        return user


class MFAAdapter(DefaultMFAAdapter):
    """Second factors and passkeys."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": "While a second factor is on, no e-mail address can be added.",
        "cannot_delete_authenticator": "Your account cannot go without it.",
        "cannot_generate_recovery_codes": "Recovery codes come with an authenticator app or a passkey. Add one first.",
        # Of apps, recovery codes and passkeys alike.
        "incorrect_code": "This did not fit. Please try once more.",
        "unverified_email": "Please confirm your e-mail address first.",
    }

    def encrypt(self, text: str) -> str:
        """Secrets of authenticator apps and the seed of recovery codes are not to be read in the database."""
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return settings.STORIED_SITE_NAME

    def get_totp_label(self, user: Any) -> str:
        return user.display_name

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return "Passkey"


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Accounts elsewhere."""

    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "connected_other": "That account is connected with another account here already.",
        "disconnect_last": "This is the only way in to your account.",
        "email_taken": "There is an account with this e-mail address already. Please log in to it; "
        "then you can add your account at %s to it.",
        "invalid_token": "Nothing came of it there. You can try once more, or log in another way.",
        "no_password": "This is how you log in, and your account has no password. Please set one first.",
        "no_verified_email": "This is how you log in, and your account has no e-mail address that is confirmed. "
        "Please confirm one first.",
    }
