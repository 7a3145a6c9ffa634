"""Mail addresses that nobody has to prove, because the owner has given them to an account."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction


def vouch_for(person: Any, *, instead_of: str = "") -> None:
    """The account's address is proved from now on; the one that it stands for opens the account no longer."""
    theirs = EmailAddress.objects.filter(user=person)
    with transaction.atomic():
        if instead_of:
            theirs.filter(email__iexact=instead_of).exclude(email__iexact=person.email or "").delete()
        if person.email:
            theirs.exclude(email__iexact=person.email).update(primary=False)
            said = {"user": person, "email": person.email, "verified": True, "primary": True}
            theirs.update_or_create(email__iexact=person.email, defaults=said)


def is_anothers(email: str, person: Any) -> bool:
    """Whether somebody else has proved it."""
    return EmailAddress.objects.filter(email__iexact=email, verified=True).exclude(user=person.pk).exists()
