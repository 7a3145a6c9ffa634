"""Who may open an account: everybody, those who are invited, or nobody, as the owner sets it in the site."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from .models import AccountRules, Invitation, User

SignUp = AccountRules.SignUp
GOOD_FOR = timedelta(days=14)
_IN_SESSION = "storied.invitation"


def are_open_to_all() -> bool:
    """Whether an account can be opened without an invitation; asked by pages that would lead there."""
    return AccountRules.current().sign_up == SignUp.OPEN


def are_open(request: Any) -> bool:
    """Whether whoever asks may open an account."""
    mode = AccountRules.current().sign_up
    return mode == SignUp.OPEN or (mode == SignUp.INVITED and invitation_at_hand(request) is not None)


def invite(by: User, email: str = "") -> Invitation:
    """A link that opens one account: for this address alone, or for whoever has it."""
    return Invitation.objects.create(email=email.lower(), by=by, until=timezone.now() + GOOD_FOR)


def standing() -> QuerySet[Invitation]:
    """The invitations that still open a door, the newest first."""
    return Invitation.objects.filter(used_at=None, revoked_at=None, until__gt=timezone.now()).order_by("-pk")


def revoke(number: int) -> bool:
    """Ends an invitation; whether there was one."""
    return bool(standing().filter(pk=number).update(revoked_at=timezone.now()))


def by_token(token: str) -> Invitation | None:
    return standing().filter(token=token).first()


def keep_at_hand(request: Any, invitation: Invitation) -> None:
    """Remembers in the visitor's session by which invitation they come."""
    request.session[_IN_SESSION] = invitation.token


def invitation_at_hand(request: Any) -> Invitation | None:
    token = request.session.get(_IN_SESSION)
    return by_token(token) if token else None


def take_invitation(request: Any, user: User) -> bool:
    """Uses the invitation up as the account is stored; False where none is at hand or another was quicker.

    Inside the transaction that stores the account, so that of two at once one gets it.
    """
    token = request.session.pop(_IN_SESSION, "")
    return bool(token and standing().filter(token=token).update(used_at=timezone.now(), used_by=user))


class Taken(Exception):
    """Another was quicker with this address, or with a name that looks like this one."""


@transaction.atomic
def store(request: Any, user: User) -> bool:
    """Stores a new account, if the doors are open to it; with its invitation, where that is what opened them."""
    mode = AccountRules.current().sign_up
    User.objects.wait_for_name(user.display_name)
    if user.display_name and User.objects.is_borne_by_another(user.display_name):
        raise Taken
    try:
        user.save()
    except IntegrityError:
        raise Taken from None
    if mode == SignUp.OPEN or (mode == SignUp.INVITED and take_invitation(request, user)):
        return True
    transaction.set_rollback(True)
    return False
