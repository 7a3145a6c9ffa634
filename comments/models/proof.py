"""That a mail address is somebody's: asked by whoever typed it, proved by whoever reads its mail."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class AddressProof(models.Model):
    """One question to an address, and its answer. Written in `notifications.proving` alone."""

    email = models.EmailField(max_length=254)  # in lower case
    network = models.CharField(max_length=32, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    proved_at = models.DateTimeField(null=True)
    # The guest's browser that followed the link, where it was known as one that wrote.
    guest_key = models.CharField(max_length=40, blank=True)
    # "I am done": the browser's cookie opens nothing from then on.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["email", "asked_at"], name="proofs_of_an_address"),
            models.Index(fields=["network", "asked_at"], condition=~Q(network=""), name="proofs_from_a_network"),
        ]

    def __str__(self) -> str:
        return f"{'Proof' if self.proved_at else 'Question'} {self.pk}"
