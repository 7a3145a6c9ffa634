"""That somebody wants to be erased, and what became of it. Written in `privacy.erasure` alone."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def standing(self) -> "ErasureQuerySet":
        """Asked for, and neither done nor called off."""
        return self.filter(done_at=None, cancelled_at=None)

    def due(self, now: datetime) -> "ErasureQuerySet":
        """Those whose time of grace is over, and which are in nobody's hands."""
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.standing().filter(free, due_at__lte=now)

    def with_mail_owed(self, now: datetime) -> "ErasureQuerySet":
        return self.exclude(letter="").filter(letter_due_at__lte=now)


class Erasure(models.Model):
    """One asking: by an account, or by an address without one. When it is done, neither is kept here."""

    class How(models.TextChoices):
        WITHDRAW = "withdraw", "Take my comments away, too"
        DETACH = "detach", "Leave my comments, without my name"

    class Owed(models.TextChoices):
        PROOF = "proof", "The question whether it was really asked"
        GRACE = "grace", "When it will be done, and how to call it off"
        DONE = "done", "That it is done"

    how = models.CharField(max_length=10, choices=How.choices)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # Where its mail goes, in lower case; without an account also whose it is.
    email = models.EmailField(max_length=254, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    # When it became certain that the person asks.
    proved_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    # The mail that is owed, and when it may leave.
    letter = models.CharField(max_length=10, choices=Owed.choices, blank=True)
    letter_due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["letter_due_at"], condition=~Q(letter=""), name="letters_about_erasures"),
            models.Index(
                fields=["due_at"], condition=Q(done_at__isnull=True, cancelled_at__isnull=True), name="erasures_to_come"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(account__isnull=False, done_at__isnull=True, cancelled_at__isnull=True),
                name="one_erasure_of_an_account",
            ),
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(account__isnull=True, done_at__isnull=True, cancelled_at__isnull=True),
                name="one_erasure_of_an_address",
            ),
        ]

    def __str__(self) -> str:
        return f"Erasure {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.cancelled_at is None
