"""What mail about accounts says: codes, links, and word of each change, by allauth's names of its mails."""

from collections.abc import Callable
from typing import Any

from allauth.account import app_settings
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from storied.letters import Letter, absolute, titled

from . import doors

_NOTHING_TO_DO = "If that was not you, you need not do anything."


def _code(subject: str, opening: str, why: str, good_for: int) -> Callable[[dict[str, Any]], Letter]:
    """A code to type in; `good_for` is in seconds."""

    def letter(context: dict[str, Any]) -> Letter:
        return Letter(
            subject=titled(subject),
            plain_subject="Your code",
            opening=f"{opening} {settings.STORIED_SITE_NAME}.",
            plain_opening="Here is the code that you asked for.",
            sentences=[f"Please type it into the page that asks for it. It is good for {good_for // 60} minutes."],
            code=context["code"],
            why=why,
        )

    return letter


def _new_password(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=titled("A new password"),
        plain_subject="Something you asked for",
        opening=f"Here you can choose a new password for {settings.STORIED_SITE_NAME}.",
        plain_opening="Something that you asked for is ready.",
        sentences=["The link works once. Until you have used it, your old password stays."],
        button=("Choose a new password", context["password_reset_url"]),
        why=f"You get this because somebody asked for it with your address. {_NOTHING_TO_DO}",
    )


def _there_already(context: dict[str, Any]) -> Letter:
    return Letter(
        subject=titled("You have an account already"),
        plain_subject="Something you asked for",
        opening=f"There is an account on {settings.STORIED_SITE_NAME} with your address already.",
        plain_opening="There is something to know about what you asked for.",
        sentences=[
            "Somebody, probably you, wanted to open one. You can log in by a code that comes by mail, "
            "or choose a new password, should the old one be forgotten."
        ],
        button=("Log in by a code", absolute(reverse("account_request_login_code"))),
        choices=[("Choose a new password", context["password_reset_url"])],
        choices_are="Or",
        why=f"Who asked was not told that there is an account. {_NOTHING_TO_DO}",
    )


def _not_there(context: dict[str, Any]) -> Letter:
    letter = Letter(
        subject=titled("There is no account with your address"),
        plain_subject="Something you asked for",
        opening=f"There is no account on {settings.STORIED_SITE_NAME} with this address.",
        plain_opening="There is something to know about what you asked for.",
        sentences=[
            "Somebody, probably you, wanted to log in with it. Perhaps yours has another address. "
            "What you wrote without an account can be found by your address, too."
        ],
        button=("Find what you wrote", absolute(reverse("comments:mine"))),
        choices_are="Or",
        why=f"Who asked was not told that there is none. {_NOTHING_TO_DO}",
    )
    if doors.are_open(context["request"]):
        letter.choices = [("Open an account", context["signup_url"])]
    return letter


def _changed(subject: str, said: str) -> Callable[[dict[str, Any]], Letter]:
    """Word of a change that was made; `said` may name what the mail is about."""

    def letter(context: dict[str, Any]) -> Letter:
        at = timezone.localtime(context["timestamp"])
        return Letter(
            subject=titled(subject),
            plain_subject="Something was changed",
            opening=f"{said.format_map(context)} That was on {at:%B %-d, %Y} at {at:%H:%M}.",
            plain_opening="Something that is yours was changed.",
            sentences=["If it was you, you need not do anything. If it was not, please choose a new password at once."],
            button=("Choose a new password", absolute(reverse("account_reset_password"))),
            choices=[("See your account", absolute(reverse("mfa_index")))],
            choices_are="Or",
            why=f"You get this because you have an account on {settings.STORIED_SITE_NAME}.",
        )

    return letter


_confirming = _code(
    "Is this your address?",
    "Here is the code that shows that this address is yours, on",
    f"You get this because somebody gave this address for an account. {_NOTHING_TO_DO}",
    app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
)

LETTERS: dict[str, Callable[[dict[str, Any]], Letter]] = {
    "account/email/login_code": _code(
        "Your code for logging in",
        "Here is your code for logging in to",
        f"You get this because somebody asked for it with your address. {_NOTHING_TO_DO} "
        "Without the code nobody gets in.",
        app_settings.LOGIN_BY_CODE_TIMEOUT,
    ),
    "account/email/email_confirmation": _confirming,
    "account/email/email_confirmation_signup": _confirming,
    "account/email/password_reset_code": _code(
        "Your code for a new password",
        "Here is your code for a new password on",
        f"You get this because somebody asked for it with your address. {_NOTHING_TO_DO}",
        app_settings.PASSWORD_RESET_BY_CODE_TIMEOUT,
    ),
    "account/email/password_reset_key": _new_password,
    "account/email/account_already_exists": _there_already,
    "account/email/unknown_account": _not_there,
    "account/email/password_changed": _changed("Your password was changed", "Your password was changed."),
    "account/email/password_reset": _changed(
        "Your password was changed", "A new password was chosen by a mailed link."
    ),
    "account/email/password_set": _changed("You have a password now", "A password was chosen for your account."),
    "account/email/email_changed": _changed(
        "Your address was changed", "The first address of your account is {to_email} now, and no longer {from_email}."
    ),
    "account/email/email_confirm": _changed("An address was confirmed", "An address of your account was confirmed."),
    "account/email/email_deleted": _changed(
        "An address was removed", "The address {deleted_email} was removed from your account."
    ),
    "mfa/email/recovery_codes_generated": _changed(
        "New recovery codes", "New recovery codes were made for your account; the old ones no longer work."
    ),
    "mfa/email/totp_activated": _changed("An authenticator app was added", "An authenticator app was added."),
    "mfa/email/totp_deactivated": _changed("The authenticator app was removed", "The authenticator app was removed."),
    "mfa/email/webauthn_added": _changed("A passkey was added", "A passkey was added to your account."),
    "mfa/email/webauthn_removed": _changed("A passkey was removed", "A passkey was removed from your account."),
    "socialaccount/email/account_connected": _changed(
        "An account elsewhere was connected", "Your account at {provider} can be used for logging in now."
    ),
    "socialaccount/email/account_disconnected": _changed(
        "An account elsewhere was disconnected", "Your account at {provider} can no longer be used for logging in."
    ),
}
