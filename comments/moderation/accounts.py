"""Who may open an account, and which names are kept for the site: the owner's acts, each with its entry in the log."""

from typing import Any

from django.db import transaction

from comments import permissions
from comments.models import DeskLogEntry
from comments.viewers import Viewer
from storied.accounts import doors
from storied.accounts.models import AccountRules


@transaction.atomic
def change_rules(viewer: Viewer, *, sign_up: str, reserved_names: str) -> None:
    """Sets to whom accounts are open, and the names that nobody may take."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    AccountRules.change(sign_up=sign_up, reserved_names=reserved_names)
    DeskLogEntry.note(viewer.user, "set_doors", sign_up=sign_up, reserved_names=reserved_names)


@transaction.atomic
def invite(viewer: Viewer, email: str = "") -> Any:
    """Makes a link that opens one account; for this address alone, where there is one."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    invitation = doors.invite(viewer.user, email)
    DeskLogEntry.note(viewer.user, "invite", invitation=invitation.pk)
    return invitation


@transaction.atomic
def revoke(viewer: Viewer, number: int) -> bool:
    """Takes an invitation back; whether there was one that stood."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    was_there = doors.revoke(number)
    if was_there:
        DeskLogEntry.note(viewer.user, "revoke_invitation", invitation=number)
    return was_there
