"""Proving a mail address: a question by mail, and the link that answers it. The only writer of proofs."""

from collections.abc import Collection
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from comments.models import AddressProof, Comment, CommentQuerySet, Kind, MailPreferences, Subscription

from . import outbox
from .recipients import Recipient, preferences_of
from .subscriptions import QUESTIONS_A_DAY, QUESTIONS_AN_HOUR_FROM_ONE_NETWORK

LINK_GOOD_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=90)  # a proof that was given: an account opened later is known by it
DOUBLE_CLICK = timedelta(seconds=10)
_SALT = "comments.prove"


def ask(email: str, network: str = "") -> None:
    """A mail with a link to this address, if anything here is its own; whoever asks learns nothing of either."""
    email = email.lower()
    now = timezone.now()
    who = Recipient(email=email)
    with transaction.atomic():
        asked = AddressProof.objects.create(email=email, network=network, asked_at=now)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        times = AddressProof.objects.filter(email=email, asked_at__gte=midnight).count()
        if times > QUESTIONS_A_DAY or _asks_too_often(network) or not _is_known(who):
            return
        # Two at once count the same number, and only one of their mails can have this name.
        event = f"proof:{now:%Y-%m-%d}:{times}"
        outbox.store([outbox.owed(Kind.PROOF, event, who, held_for=timedelta(), proof=asked)])


def _asks_too_often(network: str) -> bool:
    if not network:
        return False
    since = timezone.now() - timedelta(hours=1)
    asked = AddressProof.objects.filter(network=network, asked_at__gt=since)
    return asked.count() > QUESTIONS_AN_HOUR_FROM_ONE_NETWORK


def _is_known(who: Recipient) -> bool:
    """Whether there is anything that belongs to this address."""
    return (
        written_with(who.email).exists()
        or Subscription.objects.standing().filter(who=who.who).exists()
        or MailPreferences.objects.filter(who=who.who).exists()
        or EmailAddress.objects.filter(email=who.email, verified=True, user__is_active=True).exists()
    )


def written_with(email: str) -> CommentQuerySet:
    """The comments without an account that carry this address, in whatever case it was typed."""
    # Said in the words of the partial index.
    guests = Comment.objects.filter(author=None).exclude(author_email="")
    return guests.alias(address=Lower("author_email")).filter(address=email.lower())


def link_token(asked: AddressProof) -> str:
    """Proves, when it comes back, that the mail was read."""
    return signing.TimestampSigner(salt=_SALT).sign(str(asked.pk))


def asked_by(token: str) -> AddressProof | None:
    """The question that a link answers; None for a link that is not ours, too old, or was used."""
    try:
        number = int(signing.TimestampSigner(salt=_SALT).unsign(token, max_age=LINK_GOOD_FOR))
    except (signing.BadSignature, ValueError):
        return None
    is_open = Q(proved_at=None) | Q(proved_at__gt=timezone.now() - DOUBLE_CLICK, ended_at=None)
    return AddressProof.objects.filter(is_open, pk=number).first()


def prove(asked: AddressProof, guest_key: str = "") -> None:
    """Takes the answer; the second click of a double one changes nothing."""
    with transaction.atomic():
        # What one wants by mail can be changed from now on.
        preferences_of(Recipient(email=asked.email))
        unanswered = AddressProof.objects.filter(pk=asked.pk, proved_at=None)
        unanswered.update(proved_at=timezone.now(), guest_key=guest_key)


def forget_networks(numbers: Collection[int]) -> int:
    """Where these questions came from, taken out; the number of them."""
    return AddressProof.objects.filter(pk__in=numbers).exclude(network="").update(network="")


def forget_old() -> int:
    """Deletes questions that nobody answered in time, and proofs of long ago; the number of them."""
    now = timezone.now()
    unanswered = AddressProof.objects.filter(proved_at=None, asked_at__lt=now - LINK_GOOD_FOR)
    old = AddressProof.objects.filter(proved_at__lt=now - KEPT_FOR)
    return sum(rows.delete()[1].get("comments.AddressProof", 0) for rows in (unanswered, old))
