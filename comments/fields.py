"""What forms here are made of: fields that clean what is typed, and forms that everybody can use."""

from datetime import UTC, datetime
from typing import Any

from django import forms

from storied.accounts import form_words
from storied.markup import is_web_address
from storied.text import clean_line, clean_text, is_blank

from .conf import MOST_CHARACTERS

_EMAIL_CHARACTERS = 254
_FIRST_YEAR = 2000


class LineField(forms.CharField):
    """One line of text, without what cannot be seen or printed."""

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value) or "")


class SiteField(LineField):
    """An http or https address; the scheme may be left out."""

    def to_python(self, value: Any) -> str:
        address = super().to_python(value)
        if address and "://" not in address and ":" not in address.split("/")[0]:
            address = f"https://{address}"
        return address

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (not is_web_address(value) or "." not in value):
            raise forms.ValidationError(
                "This is not the address of a site. It should begin with https:// — or leave it empty.", code="site"
            )


class AddressField(forms.EmailField):
    """A mail address; `required_because` is what somebody reads who gave none."""

    def __init__(self, *, help_text: str, required_because: str) -> None:
        super().__init__(
            label="E-mail",
            max_length=_EMAIL_CHARACTERS,
            help_text=help_text,
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
            error_messages={
                "required": required_because,
                "invalid": "This does not look like an e-mail address. It should be like name@example.org.",
            },
        )

    def clean(self, value: Any) -> str:
        return clean_line(super().clean(value))


class HoneypotField(forms.CharField):
    """One that people do not see: what fills it in is a program."""

    def __init__(self) -> None:
        attributes = {"tabindex": "-1", "autocomplete": "off"}
        super().__init__(required=False, label="Leave this empty", widget=forms.TextInput(attrs=attributes))


class BodyField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Your comment",
            help_text="*emphasis*, **strong**, > quote, and addresses become links. An empty line begins a paragraph.",
            strip=False,
            widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "").strip("\n")

    def validate(self, value: str) -> None:
        if len(value) > MOST_CHARACTERS:
            raise forms.ValidationError(
                f"This is longer than the {MOST_CHARACTERS:,} characters that fit at the very most. "
                "You could send it in several parts.",
                code="too_long",
            )
        if is_blank(value):
            raise forms.ValidationError("There is no text yet. What would you like to say?", code="empty")


class MarkField(forms.CharField):
    """Which state of a draft a page knows: when it was saved; None for what is no such moment."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> datetime | None:
        try:
            moment = datetime.fromisoformat(super().to_python(value) or "").astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return moment if moment.year >= _FIRST_YEAR else None


class TypedField(forms.CharField):
    """A text as it was typed, without characters that are no text."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class WordsField(TypedField):
    """A few sentences from one person to another; what shows nothing is nothing."""

    def __init__(self, *, rows: int = 4, max_length: int = 2_000, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
        super().__init__(strip=False, max_length=max_length, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        said = super().to_python(value).strip()
        return "" if is_blank(said) else said


class AccessibleForm(forms.Form):
    """Ties each error to its field for those who cannot see where it stands (done by Django 5.2's BoundField)."""

    required_css_class = "required"
    error_css_class = "wrong"
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, form_words.in_our_words(error))
