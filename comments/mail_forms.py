"""The shape of what people say about mail: an address, and what they want to hear of."""

from typing import Any

from django import forms

from .fields import AccessibleForm, AddressField, HoneypotField
from .models import Frequency, MailPreferences


class FollowForm(AccessibleForm):
    """Where mail about something should go; an account's address is known."""

    email = AddressField(
        help_text="Never shown. We first send you a link to confirm it.",
        required_because="Please say where the mail should go.",
    )
    homepage = HoneypotField()

    def __init__(self, *args: Any, is_member: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_member:
            del self.fields["email"]


class ProofForm(FollowForm):
    """Which address somebody wants to prove to be theirs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, is_member=False, **kwargs)
        self.fields["email"].help_text = "The one that you gave with your comments. Nobody else gets to see it."


def _frequency(label: str, *choices: Frequency, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[(choice.value, choice.label) for choice in choices], widget=forms.RadioSelect, **kwargs
    )


_ALL_IN_ONE = (Frequency.AT_ONCE, Frequency.DAILY, Frequency.WEEKLY, Frequency.NEVER)


class MailPreferencesForm(AccessibleForm):
    """How often which kind of mail is wanted: each kind apart."""

    replies = _frequency("Replies to what I wrote", *_ALL_IN_ONE)
    follows = _frequency("Threads and articles that I follow", *_ALL_IN_ONE)
    decisions = _frequency("What moderators decide about my comments", Frequency.AT_ONCE, Frequency.NEVER)
    posts = _frequency(
        "New articles",
        *_ALL_IN_ONE,
        help_text="Only if you asked to hear of them, by the link at the foot of each page.",
    )
    alerts = _frequency("Comments that wait for a moderator", Frequency.AT_ONCE, Frequency.HOURLY, Frequency.NEVER)
    care = _frequency("Somebody who may be in danger", Frequency.AT_ONCE, Frequency.NEVER)
    plain_subject = forms.BooleanField(
        required=False, label="Plain subjects",
        help_text="“Something new for you” instead of the names of the site and the article.",
    )  # fmt: skip

    def __init__(self, *args: Any, preferences: MailPreferences, moderates: bool, cares: bool, **kwargs: Any) -> None:
        names = ("replies", "follows", "decisions", "posts", "alerts", "care", "plain_subject")
        super().__init__(*args, initial={name: getattr(preferences, name) for name in names}, **kwargs)
        if not moderates:
            del self.fields["alerts"]
        if not cares:
            del self.fields["care"]
