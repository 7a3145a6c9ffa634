"""What moderators keep about people: notes, and restrictions that end by themselves.

A person is an account or, for guests, the key of a browser. Restrictions change in `moderation.people` alone.
"""

from dataclasses import dataclass
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from comments.viewers import Viewer
from storied.front import SITE, Memo

_kept = Memo(most=4)
# Said in each question about a guest, because the indexes say it: SQLite cannot know what a parameter will be.
IS_A_GUEST = ~Q(guest_key="")


@dataclass(frozen=True)
class Person:
    """An account or a guest's browser, as far as either can be proved."""

    account_id: int | None = None
    guest_key: str = ""

    @classmethod
    def of_viewer(cls, viewer: Viewer) -> "Person | None":
        """Who is looking; None for somebody who never wrote."""
        if viewer.is_member:
            return cls(account_id=viewer.user.pk)
        return cls(guest_key=viewer.guest_key) if viewer.guest_key else None

    @classmethod
    def of_comment(cls, comment: Any) -> "Person | None":
        """Who wrote it, for those who moderate; None for what was imported without an account.

        And for what stands under another name than its writer's: nothing that leads to the person is shown with it.
        """
        return cls.who_wrote(comment) if comment.is_signed_by_name else None

    @classmethod
    def who_wrote(cls, comment: Any) -> "Person | None":
        """The same whatever the comment is signed by: for rules and rough numbers, never to be shown."""
        if comment.author_id is not None:
            return cls(account_id=comment.author_id)
        return cls(guest_key=comment.guest_key) if comment.guest_key else None

    @property
    def key(self) -> str:
        """The person in one word, for logs."""
        return f"account {self.account_id}" if self.account_id is not None else f"guest {self.guest_key}"

    @property
    def about(self) -> Q:
        """The rows of notes and restrictions about this person."""
        if self.account_id is not None:
            return Q(account=self.account_id)
        return Q(account=None, guest_key=self.guest_key) & IS_A_GUEST

    @property
    def wrote(self) -> Q:
        """The comments that are known to be this person's: those signed by name."""
        by_name = Q(signed="name")
        if self.account_id is not None:
            return Q(author=self.account_id) & by_name
        return Q(author=None, guest_key=self.guest_key) & IS_A_GUEST & by_name

    def get_absolute_url(self) -> str:
        """The page about this person, for moderators."""
        if self.account_id is not None:
            return reverse("moderation:account", args=[self.account_id])
        return reverse("moderation:guest", args=[self.guest_key])


class AboutAPerson(models.Model):
    """Rows about an account or a guest's browser; what is about an account goes with it."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    guest_key = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=100, blank=True, help_text="kept when the account goes")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def person(self) -> Person:
        return Person(self.account_id, "" if self.account_id is not None else self.guest_key)


class PersonNote(AboutAPerson):
    """What one moderator wants the others to know about a person. Written once."""

    words = models.TextField()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["account"], condition=Q(account__isnull=False), name="notes_on_account"),
            models.Index(fields=["guest_key"], condition=~Q(guest_key=""), name="notes_on_guest"),
        ]

    def __str__(self) -> str:
        return f"Note on {self.person.key}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            self._refuse_change()
        super().save(*args, **kwargs)

    def _refuse_change(self) -> NoReturn:
        raise TypeError("A note on a person is written once: add another one.")


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def in_force(self) -> "RestrictionQuerySet":
        return self.filter(lifted_at=None).filter(Q(until=None) | Q(until__gt=timezone.now()))

    def on(self, person: Person) -> "RestrictionQuerySet":
        return self.filter(person.about)

    def in_force_for(self, viewer: Viewer) -> "list[Restriction]":
        """What keeps this viewer from writing freely: no query for people without any restriction."""
        person = Person.of_viewer(viewer)
        if person is None or (settings.KEEP_PAGES and person not in _kept.get("people", (SITE,), self._people)):
            return []
        return list(self.in_force().on(person))

    def _people(self) -> frozenset[Person]:
        rows = Restriction.objects.in_force().values_list("account", "guest_key")
        return frozenset(Person(account, "" if account is not None else guest_key) for account, guest_key in rows)


class Restriction(AboutAPerson):
    """Keeps a person from writing, or from writing unread, until a time or until it is lifted."""

    class Kind(models.TextChoices):
        HOLD = "hold", "Always held for a moderator"
        MUTE = "mute", "Muted for a time"
        BAN = "ban", "May not write"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.TextField(help_text="for moderators")
    words = models.TextField(blank=True, help_text="for the person")
    until = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    lifted_by_name = models.CharField(max_length=100, blank=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["account"],
                condition=Q(lifted_at__isnull=True, account__isnull=False),
                name="restricted_account",
            ),
            models.Index(
                fields=["guest_key"], condition=Q(lifted_at__isnull=True) & ~Q(guest_key=""), name="restricted_guest"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, guest_key="") | (Q(account__isnull=True) & ~Q(guest_key="")),
                name="a_restriction_is_on_an_account_or_a_guest",
            ),
            models.CheckConstraint(
                condition=~Q(kind="mute") | Q(until__isnull=False), name="who_is_muted_is_so_for_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.person.key}"

    @property
    def is_in_force(self) -> bool:
        return self.lifted_at is None and (self.until is None or self.until > timezone.now())
