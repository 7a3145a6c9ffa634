"""The forms of the moderators' room: people, lists, roles, articles. Shape only; permissions say what may be done."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from posts.models import Category, Post
from storied.accounts.models import AccountRules
from storied.markup import is_web_address
from storied.text import clean_text

from .conf import Rules
from .fields import AccessibleForm, LineField, WordsField
from .models import Block, Restriction, WatchedWords
from .moderation.branches import SLOWEST
from .moderation.lists import LANGUAGES

_FOR = [
    ("1", "a day"), ("3", "three days"), ("7", "a week"), ("14", "two weeks"), ("30", "a month"),
    ("90", "three months"), ("365", "a year"), ("", "for good"),
]  # fmt: skip


class EndField(forms.TypedChoiceField):
    """For how long, from now on: a moment, or None for good."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=_FOR, coerce=int, empty_value=None, required=False, label="For how long", **kwargs)

    def clean(self, value: Any) -> datetime | None:
        days = super().clean(value)
        return None if days is None else timezone.now() + timedelta(days=days)


class NoteForm(AccessibleForm):
    words = WordsField(
        rows=3, max_length=4_000, label="A note for the other moderators",
        error_messages={"required": "What should they know?"},
    )  # fmt: skip


class RestrictionForm(AccessibleForm):
    kind = forms.ChoiceField(
        label="What", widget=forms.RadioSelect, initial=Restriction.Kind.HOLD,
        choices=[
            (Restriction.Kind.HOLD, "Hold every comment until a moderator has read it"),
            (Restriction.Kind.MUTE, "Mute for a time: asked for a pause, in words"),
            (Restriction.Kind.BAN, "Ban: may not write here"),
        ],
    )  # fmt: skip
    until = EndField(
        initial="7",
        help_text="It ends by itself then. You can lift it at any time before, and one that is for good, too.",
    )
    reason = WordsField(
        rows=3, max_length=4_000, label="Why, for the other moderators",
        error_messages={"required": "Please say why, for the other moderators."},
    )  # fmt: skip
    words = WordsField(
        rows=3, max_length=1_000, required=False, label="In your words, for the person to read",
        help_text="Shown when they try to write. Somebody may be in a bad place: say what they can do.",
    )  # fmt: skip


class BlockForm(AccessibleForm):
    kind = forms.ChoiceField(label="What", choices=Block.Kind.choices, initial=Block.Kind.DOMAIN)
    value = LineField(
        label="Which one", max_length=254,
        help_text="name@example.org, example.org (those below it count too), or an IP address of the network.",
        error_messages={"required": "Please say which one."},
    )  # fmt: skip
    effect = forms.ChoiceField(label="What happens", choices=Block.Effect.choices, initial=Block.Effect.HOLD)
    until = EndField(initial="90")
    note = LineField(label="Why, for the other moderators", required=False, max_length=500)


class WatchedWordsForm(AccessibleForm):
    """The lists of one language, and a text to try them on."""

    language = forms.ChoiceField(choices=list(LANGUAGES.items()), required=False, widget=forms.HiddenInput)
    hold = forms.CharField(
        required=False, label="Held for a moderator", max_length=100_000,
        help_text="One word or phrase a line. Whole words count; cure* is also cures and cured.",
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto", "spellcheck": "false"}),
    )  # fmt: skip
    spam = forms.CharField(
        required=False, label="Set aside as spam", max_length=100_000, help_text="Be careful: nobody is told.",
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto", "spellcheck": "false"}),
    )  # fmt: skip
    text = forms.CharField(
        required=False, label="Try them on a text", max_length=20_000,
        help_text="Not kept. The newest comments are looked through as well.",
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )  # fmt: skip

    def lists(self) -> dict[str, str]:
        """The words by action."""
        return {action: clean_text(self.cleaned_data[action]) for action in WatchedWords.Action.values}


class WhoForm(AccessibleForm):
    who = LineField(
        label="Whose role", max_length=254, help_text="The name, or the e-mail address, of an account.",
        error_messages={"required": "Please give a name or an e-mail address."},
    )  # fmt: skip


class RoleForm(AccessibleForm):
    """What somebody moderates."""

    role = forms.ChoiceField(
        label="What they moderate", widget=forms.RadioSelect,
        choices=[
            ("moderator", "Everything"), ("chosen", "Chosen articles and categories"),
            ("member", "Nothing (but what they write themselves)"),
        ],
    )  # fmt: skip
    categories = forms.ModelMultipleChoiceField(
        Category.objects.all(), required=False, widget=forms.CheckboxSelectMultiple,
        help_text="With the categories below them, and with what is written in them later.",
    )  # fmt: skip
    posts = forms.CharField(
        required=False, label="Articles", max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Their addresses, one a line.",
    )  # fmt: skip

    def clean_posts(self) -> list[Post]:
        """The articles of these addresses, each found by the last part of its address."""
        found = []
        for line in self.cleaned_data["posts"].split():
            slug = line.split("?")[0].split("#")[0].rstrip("/").rsplit("/", 1)[-1]
            matching = list(Post.objects.filter(slug=slug)[:2]) if slug else []
            if len(matching) != 1:
                raise forms.ValidationError(f"There is no article with the address {line[:100]}.", code="no_article")
            found += matching
        return found


class SlowForm(AccessibleForm):
    minutes = forms.IntegerField(min_value=0, max_value=SLOWEST, label="Minutes between two comments of one person")


class DoorsForm(AccessibleForm):
    """Who may open an account, and which names are kept for the site."""

    sign_up = forms.ChoiceField(
        label="Accounts are for", choices=AccountRules.SignUp.choices, widget=forms.RadioSelect,
        help_text="Whoever has one keeps it, and logs in as before.",
    )  # fmt: skip
    reserved_names = forms.CharField(
        required=False, label="Names that nobody may take", max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line. Whatever looks like one of them is refused. The names of accounts, the site’s own name, "
        "and words like “Admin” or “Moderator” are kept in any case.",
    )  # fmt: skip


class InvitationForm(AccessibleForm):
    """For whom a link is."""

    email = forms.EmailField(
        required=False, label="For this address only", max_length=254,
        help_text="Optional. Otherwise it is for whoever has the link, once. It is good for two weeks.",
    )  # fmt: skip


class RulesForm(AccessibleForm):
    """The house rules: one field a rule, made from the list in `conf`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rule in fields(Rules):
            self.fields[rule.name] = _field_for(rule)

    def clean(self) -> dict[str, Any]:
        rules = {name: "" if value is None else value for name, value in super().clean().items()}
        way_out = rules.get("quick_exit_to")
        if way_out and not is_web_address(way_out):
            self.add_error("quick_exit_to", "This should be a whole address, such as https://www.example.org/.")
        return rules


def _field_for(rule: Any) -> forms.Field:
    said = {"label": rule.metadata["label"], "help_text": rule.metadata["reason"]}
    if isinstance(rule.default, bool):
        return forms.BooleanField(required=False, **said)
    if isinstance(rule.default, int):
        return forms.IntegerField(min_value=0, max_value=rule.metadata["most"], **said)
    widget = forms.Textarea(attrs={"rows": 4}) if rule.metadata["is_long"] else forms.TextInput()
    return forms.CharField(required=False, max_length=20_000, widget=widget, **said)
