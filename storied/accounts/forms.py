"""Shape of what people say about themselves."""

from typing import Any

from django import forms

from storied.text import clean_line

from . import names
from .models import User


class DisplayNameField(forms.CharField):
    """A name that shows something and cannot be mistaken for somebody else's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=100,
            label="Name shown with your comments",
            help_text="A nickname is welcome. Everybody can read it.",
            widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value))


class _OwnName:
    """Refuses a name that shows nothing or that looks like another account's."""

    own_pk: int | None = None

    def clean_display_name(self) -> str:
        name = self.cleaned_data["display_name"]
        if names.is_empty(name):
            raise forms.ValidationError("This name shows nothing. Please use letters that can be seen.", code="blank")
        if User.objects.name_is_taken(name, by_anyone_but=self.own_pk):
            raise forms.ValidationError(
                "Somebody here goes by a name that looks like this one. Please add something to yours.", code="taken"
            )
        return name


class SignupExtras(_OwnName, forms.Form):
    """What the sign-up form asks on top of allauth's e-mail address and password."""

    display_name = DisplayNameField()

    def signup(self, request: Any, user: User) -> None:
        """allauth wants this method; the adapter has saved the name already."""


class ProfileForm(_OwnName, forms.ModelForm):
    display_name = DisplayNameField()
    url = forms.URLField(
        label="Your site",
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text="Optional. Your name will link to it.",
    )

    class Meta:
        model = User
        fields = ["display_name", "url"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_pk = self.instance.pk
