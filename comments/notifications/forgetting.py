"""Everything about somebody's mail, gone: what they asked for, what they wanted, what was sent and what they proved."""

from collections.abc import Sequence

from django.db import transaction

from comments.models import AddressProof, MailPreferences, Notification, ReceivedMail, Subscription


def forget(who: Sequence[str], addresses: Sequence[str]) -> None:
    """`who` as rows name the person; a mail that is being handed over at this moment may still arrive."""
    with transaction.atomic():
        Notification.objects.filter(who__in=who).delete()
        ReceivedMail.objects.filter(who__in=who).delete()
        Subscription.objects.filter(who__in=who).delete()
        MailPreferences.objects.filter(who__in=who).delete()
        AddressProof.objects.filter(email__in=addresses).delete()
