"""Mail that did not arrive, or was called unwanted: what that ends."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from comments.models import MailPreferences, Notification

from . import subscriptions
from .recipients import preferences_for

# Passing troubles on so many days, with no longer pause between two of them, and nobody is at home any more.
DAYS_OF_TROUBLE = 5
FORGOTTEN_AFTER = timedelta(days=30)
# RFC 3463: a full mailbox is called permanent and empties again; 5.7 is about this mail or this sender.
_PASSING, _ABOUT_THE_MAIL = "5.2.2", "5.7."


def came_back(row: Notification, status: str) -> None:
    """A mail came back with this status of RFC 3463. A permanent one ends the wish, and the mail to this person."""
    preferences = preferences_for(row)
    if preferences.pk is None:
        return
    if not status.startswith("5.") or status == _PASSING:
        _count(preferences)
        return
    if row.subscription is not None:
        subscriptions.end(row.subscription, "bounced")
    if not status.startswith(_ABOUT_THE_MAIL):
        subscriptions.stop_all(preferences, "bounced")


def address_bounced(preferences: MailPreferences, *, is_permanent: bool) -> None:
    """The same where only the person is known."""
    if is_permanent:
        subscriptions.stop_all(preferences, "bounced")
    else:
        _count(preferences)


def called_unwanted(preferences: MailPreferences) -> None:
    """Somebody pressed “spam”: nothing more is sent, whatever was asked for."""
    subscriptions.stop_all(preferences, "complained")


def _count(preferences: MailPreferences) -> None:
    """One trouble a day counts; after a quiet month it begins anew."""
    now = timezone.now()
    with transaction.atomic():
        mine = MailPreferences.objects.select_for_update().filter(pk=preferences.pk)
        before = mine.values_list("bounced_at", flat=True).get()
        if before is not None and before.date() == now.date():
            return
        if before is None or now - before > FORGOTTEN_AFTER:
            mine.update(bounces=1, bounced_at=now)
            return
        mine.update(bounces=F("bounces") + 1, bounced_at=now)
        if mine.get().bounces >= DAYS_OF_TROUBLE:
            subscriptions.stop_all(preferences, "bounced")
