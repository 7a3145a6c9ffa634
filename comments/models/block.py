"""Addresses, domains and networks whose comments are held, set aside or refused."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from storied.front import SITE, Memo

_kept = Memo(most=4)

# (kind, value), as `Block` has them.
Handle = tuple[str, str]


class BlockQuerySet(models.QuerySet["Block"]):
    def in_force(self) -> "BlockQuerySet":
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()))

    def matching(self, handles: Collection[Handle]) -> "list[Block]":
        """The blocks in force on any of these handles: no query where none of them was ever blocked."""
        if settings.KEEP_PAGES:
            blocked = _kept.get("handles", (SITE,), self._handles)
            handles = [handle for handle in handles if handle in blocked]
        if not handles:
            return []
        wanted = Q()
        for kind, value in handles:
            wanted |= Q(kind=kind, value=value)
        return list(self.in_force().filter(wanted))

    def _handles(self) -> frozenset[Handle]:
        return frozenset(Block.objects.in_force().values_list("kind", "value"))


class Block(models.Model):
    """One line of the block lists."""

    class Kind(models.TextChoices):
        ADDRESS = "address", "E-mail address"
        DOMAIN = "domain", "Domain, in e-mail addresses and in links"
        NETWORK = "network", "Network"

    class Effect(models.TextChoices):
        HOLD = "hold", "Hold for a moderator"
        SPAM = "spam", "Set aside as spam"
        REFUSE = "refuse", "Refuse, in words"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    # A network is the keyed hash that comments carry, never an address.
    value = models.CharField(max_length=254)
    effect = models.CharField(max_length=10, choices=Effect.choices)
    note = models.CharField(max_length=500, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects = BlockQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "value"]
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="a_handle_is_blocked_once")]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """The handle as people may see it: a network is no more than a few letters of its hash."""
        return f"network {self.value[:6]}…" if self.kind == self.Kind.NETWORK else self.value

    @property
    def told(self) -> str:
        """The same beside a comment, where those read it, too, who may not know their writers' addresses."""
        return "an e-mail address" if self.kind == self.Kind.ADDRESS else self.shown

    @property
    def is_in_force(self) -> bool:
        return self.until is None or self.until > timezone.now()


_DEEPEST_DOMAIN = 10  # labels; those before are left out


def handles_of(email: str, hosts: Collection[str], network: str) -> list[Handle]:
    """All by which a comment could be blocked, from its writer's address, the hosts it links to, and its network.

    A block on a domain is for those below it too.
    """
    found: dict[Handle, Any] = {}
    email = email.strip().lower()
    name, at, domain = email.rpartition("@")
    if at:
        for address in (email, f"{name.split('+')[0]}@{domain}"):
            found["address", address] = None
    for host in (domain, *hosts) if at else hosts:
        labels = host.strip(".").lower().split(".")[-_DEEPEST_DOMAIN:]
        for start in range(len(labels) - 1):
            found["domain", ".".join(labels[start:])] = None
    if network:
        found["network", network] = None
    return list(found)
