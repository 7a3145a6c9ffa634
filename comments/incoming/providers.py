"""What django-anymail tells of a provider's webhooks: mail that came in, bounces, complaints."""

from email import policy
from typing import Any

from allauth.account.models import EmailAddress

from comments.models import MailPreferences
from comments.notifications import Recipient, bounces, preferences_of, subscriptions

from . import receive


def listen() -> None:
    """Connects to anymail's signals; what is not installed tells nothing."""
    from anymail.signals import inbound, tracking

    inbound.connect(mail_came_in, dispatch_uid="comments.incoming")
    tracking.connect(something_became_of_a_mail, dispatch_uid="comments.incoming")


def mail_came_in(sender: Any, event: Any, **_more: Any) -> None:
    message = event.message
    receive(
        message.as_bytes(policy=policy.SMTP.clone(utf8=False)), sender=message.envelope_sender,
        recipient=message.envelope_recipient or "",
    )  # fmt: skip


def something_became_of_a_mail(sender: Any, event: Any, **_more: Any) -> None:
    preferences = _of_address(event.recipient or "")
    if preferences is None:
        return
    if event.event_type == "complained":
        bounces.called_unwanted(preferences)
    elif event.event_type == "unsubscribed":
        subscriptions.stop_all(preferences, "asked")
    elif event.event_type == "bounced":
        bounces.address_bounced(preferences, is_permanent=event.reject_reason in {"invalid", "bounced"})


def _of_address(address: str) -> MailPreferences | None:
    """Whoever gets mail at this address: an account that has proved it, else a guest who is known."""
    proved = EmailAddress.objects.filter(email__iexact=address, verified=True).first()
    if proved is not None:
        return preferences_of(Recipient(proved.user_id))
    return MailPreferences.objects.filter(who=Recipient(email=address).who).first() if address else None
