"""The forms of the care lane. Shape only; what may be done is for permissions."""

import re
from typing import Any

from django import forms
from django.core import signing
from django.utils import timezone

from storied.text import clean_text

from .care import grammar
from .fields import AccessibleForm, LineField, SiteField, WordsField
from .models import CareArrangements, CareItem, HelpLine

_NUMBER = re.compile(r"\+?[0-9][0-9 ()./*#-]{1,29}\Z")
_TRIED = "comments.care.tried"  # what signs that these very phrases were tried on a text
_TRIED_LASTS = 60 * 60 * 24  # seconds


class NumberField(LineField):
    """A telephone number, as people write it."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not _NUMBER.match(value):
            raise forms.ValidationError(
                "This is not a number that can be dialled. It should be like +49 123 4567 or 116 123.", code="number"
            )


class HelpLineForm(AccessibleForm):
    """Who listens, and how to reach them."""

    region = LineField(
        required=False, max_length=60, label="Region",
        help_text="A country or a part of one. The same words for all lines of one region. Empty: wherever one is.",
    )  # fmt: skip
    name = LineField(max_length=100, label="Who it is", error_messages={"required": "Who are they?"})
    phone = NumberField(required=False, max_length=40, label="Telephone")
    sms = NumberField(required=False, max_length=40, label="Number for text messages")
    url = SiteField(required=False, max_length=200, label="Web address")
    hours = LineField(required=False, max_length=100, label="When they are there", help_text="“Day and night”")
    about = LineField(
        required=False, max_length=200, label="A few words", help_text="“Free, and nobody asks your name”"
    )
    last_checked = forms.DateField(
        label="Last checked on", help_text="The day on which somebody last tried it. You are reminded after a year.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "When did somebody last try it?", "invalid": "A day like 2026-03-09."},
    )  # fmt: skip

    def clean_last_checked(self) -> Any:
        day = self.cleaned_data["last_checked"]
        if day > timezone.localdate():
            raise forms.ValidationError("This day is still to come.", code="future")
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not self.errors and not (said.get("phone") or said.get("sms") or said.get("url")):
            raise forms.ValidationError("A telephone number, one for text messages, or a web address is needed.")
        return said

    @classmethod
    def of(cls, line: HelpLine, data: Any) -> "HelpLineForm":
        return cls(data, initial={name: getattr(line, name) for name in cls.base_fields})


class ArrangementsForm(AccessibleForm):
    """What happens to a comment whose words may mean danger."""

    is_wanted = forms.BooleanField(required=False, label="Look for words that may mean danger")
    on_match = forms.ChoiceField(
        label="Such a comment", choices=CareArrangements.OnMatch.choices, widget=forms.RadioSelect,
        help_text="Its writer is shown where help is, and an item is opened here, in each case.",
    )  # fmt: skip
    note = LineField(
        required=False, max_length=300, label="The note for readers",
        help_text="It stands above the comment if you chose so, with a link to “Get help now”.",
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )  # fmt: skip
    target_hours = forms.IntegerField(
        min_value=1, max_value=999, label="Somebody should have looked within, in hours",
        help_text="What is older is marked in the queue. Nobody outside of it is told this number.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("on_match") == CareArrangements.OnMatch.NOTE and not said.get("note"):
            self.add_error("note", "What should the note say?")
        return said


class ResponderForm(AccessibleForm):
    """Somebody for the on-call list: one of those who moderate everything."""

    person = forms.ModelChoiceField(
        queryset=None, label="Who", empty_label=None, error_messages={"required": "Who is on call?"}
    )
    when = LineField(
        required=False, max_length=100, label="When they can usually be reached", help_text="“Evenings, Berlin time”"
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


class PhrasesForm(AccessibleForm):
    """A set of phrases, with a text to try it on. It can be saved once it was tried as it stands."""

    is_used = forms.BooleanField(required=False, label="Use this set")
    text = forms.CharField(
        label="Phrases", required=False, strip=False, max_length=grammar.MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 24, "dir": "auto", "spellcheck": "false", "class": "phrases"}),
    )  # fmt: skip
    sample = forms.CharField(
        label="Try it on", required=False, strip=False, max_length=20_000,
        help_text="Sentences of your own: some that should be found, and some that should not.",
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )  # fmt: skip
    tried = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        text = clean_text(self.cleaned_data["text"])
        try:
            grammar.read(text)
        except grammar.PhraseError as problem:
            raise forms.ValidationError(str(problem), code="unreadable") from None
        return text

    def was_tried(self) -> bool:
        """Whether just these phrases were tried on a text before."""
        try:
            tried = signing.TimestampSigner(salt=_TRIED).unsign(self.cleaned_data["tried"], max_age=_TRIED_LASTS)
        except signing.BadSignature:
            return False
        return tried == grammar.digest(self.cleaned_data["text"])


def tried_mark(text: str) -> str:
    return signing.TimestampSigner(salt=_TRIED).sign(grammar.digest(text))


class LanguageForm(AccessibleForm):
    """A language that has no set yet."""

    language = forms.SlugField(
        max_length=12, label="Its short name", help_text="“fr” or “pt-br”",
        error_messages={"required": "Such as fr.", "invalid": "Small letters and hyphens, such as fr."},
    )  # fmt: skip
    name = LineField(
        max_length=60, label="Its name", help_text="“French”", error_messages={"required": "Such as French."}
    )

    def clean_language(self) -> str:
        return self.cleaned_data["language"].lower()


class CloseForm(AccessibleForm):
    """What was done."""

    code = forms.ChoiceField(
        choices=CareItem.Code.choices, widget=forms.RadioSelect, label="What was done",
        error_messages={"required": "Please choose what was done.", "invalid_choice": "Please choose what was done."},
    )  # fmt: skip
    note = WordsField(rows=2, max_length=4_000, required=False, label="A note for the other moderators")
