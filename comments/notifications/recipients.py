"""Who gets mail: an account with a proved address, or an address without an account."""

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from comments.care import arrangements
from comments.models import Frequency, MailPreferences, Notification, Subscription, key_of
from storied.accounts.models import User
from storied.front import SITE, Memo, site_changes

_kept = Memo()


@dataclass(frozen=True)
class Recipient:
    """One person; `guest_key` is that of the browser, where a guest is at hand."""

    user_id: int | None = None
    email: str = ""
    guest_key: str = ""

    @property
    def who(self) -> str:
        return f"account:{self.user_id}" if self.user_id is not None else key_of(email=self.email)

    @property
    def is_guest(self) -> bool:
        return self.user_id is None

    @property
    def fields(self) -> dict[str, Any]:
        """What a row keeps of this person."""
        return {"who": self.who, "user_id": self.user_id, "email": "" if self.user_id else self.email}


def of(row: Any) -> Recipient:
    """The person that a row (a wish, a mail, preferences) belongs to."""
    return Recipient(row.user_id, row.email)


def address_of(recipient: Recipient) -> str:
    """Where mail goes; empty for an account that is closed or has proved no address."""
    if recipient.is_guest:
        return recipient.email
    proved = EmailAddress.objects.filter(user_id=recipient.user_id, user__is_active=True, verified=True)
    return proved.order_by("-primary", "pk").values_list("email", flat=True).first() or ""


def preferences_of(recipient: Recipient) -> MailPreferences:
    """What this person wants; the row is made when it is first asked for."""
    return MailPreferences.objects.get_or_create(who=recipient.who, defaults=recipient.fields)[0]


def preferences_for(mail: Notification) -> MailPreferences:
    """What the recipient of a mail in hand wants; a row that is not stored where they have just been forgotten.

    Else whoever holds the mail would write down an address that everything else has gone of.
    """
    stored = MailPreferences.objects.filter(who=mail.who).first()
    if stored is not None:
        return stored
    with transaction.atomic():
        # Whoever forgets somebody begins with their mail, and so waits for this, or is waited for.
        still_there = Notification.objects.select_for_update(of=("self",)).filter(pk=mail.pk)
        make = preferences_of if still_there.values_list("pk", flat=True).first() else preferences_as_read
        return make(of(mail))


def preferences_as_read(recipient: Recipient) -> MailPreferences:
    """The same for a page that only shows it: a row that is not stored where there is none."""
    stored = MailPreferences.objects.filter(who=recipient.who).first()
    return stored or MailPreferences(**recipient.fields)


def change_preferences(preferences: MailPreferences, **wishes: Any) -> None:
    """Keeps what a person wants from now on; mail that is owed already follows it too."""
    alerts_change = preferences.alerts != wishes.get("alerts", preferences.alerts)
    for name, wish in wishes.items():
        setattr(preferences, name, wish)
    preferences.save(update_fields=list(wishes))
    if alerts_change:
        site_changes()


def is_on_call(preferences: MailPreferences) -> bool:
    """Whether others rely on mail reaching this person."""
    return preferences.user_id is not None and arrangements.responders().filter(person=preferences.user_id).exists()


def why_no_mail(preferences: MailPreferences, kind: str) -> str:
    """Why this person gets no mail of a kind, as one says it of them; empty where they get it."""
    if preferences.stopped_at is not None:
        return "it did not arrive" if preferences.stopped_because == "bounced" else "they ended it"
    if getattr(preferences, kind) == Frequency.NEVER:
        return "they ended it"
    return "" if address_of(of(preferences)) else "they have confirmed no address"


def moderators_to_alert() -> list[int]:
    """The accounts of those who moderate everywhere and want to hear of what waits."""
    return _kept.get("moderators", (SITE,), _moderators_to_alert)


def _moderators_to_alert() -> list[int]:
    moderators = User.objects.moderators()
    return list(moderators.exclude(mail_preferences__alerts=Frequency.NEVER).values_list("pk", flat=True))


def is_muted(recipient: Recipient, about: str) -> bool:
    return Subscription.objects.standing().filter(who=recipient.who, about=about, scope="muted").exists()
