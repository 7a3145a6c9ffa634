"""What belongs to one person: to an account with the addresses that it proved, or to one address without an account.

A mail address that was proved is the only thing that makes comments of guests somebody's; a browser may be shared.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.db.models.functions import Lower

from comments.models import Comment, CommentQuerySet, Person, key_of
from comments.models.person import IS_A_GUEST


@dataclass(frozen=True)
class Belongings:
    """One person's own: `account` or None, and addresses in lower case."""

    account: Any
    addresses: tuple[str, ...]

    @classmethod
    def of_account(cls, account: Any) -> "Belongings":
        proved = EmailAddress.objects.filter(user=account, verified=True).order_by("-primary", "pk")
        return cls(account, tuple(email.lower() for email in proved.values_list("email", flat=True)))

    @classmethod
    def of_address(cls, email: str) -> "Belongings":
        return cls(None, (email.lower(),))

    @property
    def comments(self) -> CommentQuerySet:
        """What they wrote, imported comments with such an address too."""
        # Said in the words of the partial index on addresses.
        theirs = Q(author=None, address__in=self.addresses) & ~Q(author_email="")
        if self.account is not None:
            theirs |= Q(author=self.account)
        return Comment.objects.alias(address=Lower("author_email")).filter(theirs)

    @property
    def who(self) -> list[str]:
        """How rows about mail name this person."""
        keys = [key_of(email=address) for address in self.addresses]
        return [key_of(self.account), *keys] if self.account is not None else keys

    @cached_property
    def people(self) -> list[Person]:
        """How rows about people name this person: the account, and browsers that wrote with no other address."""
        found = [Person(account_id=self.account.pk)] if self.account is not None else []
        guests = Comment.objects.alias(address=Lower("author_email")).filter(IS_A_GUEST, author=None)
        keys = set(guests.filter(address__in=self.addresses).values_list("guest_key", flat=True))
        others = guests.filter(guest_key__in=keys).exclude(author_email="").exclude(address__in=self.addresses)
        keys -= set(others.values_list("guest_key", flat=True))
        return found + [Person(guest_key=key) for key in sorted(keys)]

    @property
    def about(self) -> Q:
        """The notes and restrictions about this person."""
        found = Q(pk__in=[])
        for person in self.people:
            found |= person.about
        return found
