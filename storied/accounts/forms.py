"""Shape of what people say about themselves."""

from typing import Any

from allauth.core import context
from django import forms

from storied.text import clean_line, clean_text

from . import doors, form_words, names
from .models import AccountRules, User


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
    instance: User | None = None

    def clean_display_name(self) -> str:
        name = self.cleaned_data["display_name"]
        if names.is_empty(name):
            raise forms.ValidationError("This name shows nothing. Please use letters that can be seen.", code="blank")
        if self._is_ones_own(name):
            return name
        if not self._speaks_for_the_site() and names.is_reserved(name, AccountRules.current().reserved_keys):
            raise forms.ValidationError(
                "This name would look as if the site itself were speaking. Please choose another.", code="reserved"
            )
        if User.objects.is_borne_by_another(name, but=self.own_pk):
            raise forms.ValidationError(
                "Somebody here goes by a name that looks like this one. Please add something to yours.", code="taken"
            )
        return name

    def _is_ones_own(self, name: str) -> bool:
        """Whether one goes by it already, maybe written otherwise."""
        return self.own_pk is not None and self.instance is not None and names.key(name) == self.instance.name_key

    def _speaks_for_the_site(self) -> bool:
        return self.own_pk is not None and self.instance is not None and self.instance.is_owner


class SignupExtras(_OwnName, forms.Form):
    """What the sign-up form asks on top of allauth's e-mail address and password."""

    display_name = DisplayNameField()

    def clean(self) -> dict[str, Any]:
        """An invitation for one address opens the door for nobody else."""
        said = super().clean() or self.cleaned_data
        if AccountRules.current().sign_up == AccountRules.SignUp.INVITED:
            invitation = doors.invitation_at_hand(context.request)
            if invitation is not None and invitation.email and said.get("email", "").lower() != invitation.email:
                self.add_error("email", "This invitation is for another address.")
        return said

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
    about = forms.CharField(
        label="About you",
        required=False,
        max_length=600,
        help_text="Optional. A few plain sentences, for the page about you.",
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    is_public = forms.BooleanField(
        required=False,
        label="A page about me for everybody",
        help_text="With your name, site, these sentences, and what you published here under your name. "
        "Search engines are asked not to list it.",
    )

    class Meta:
        model = User
        fields = ["display_name", "url", "about", "is_public"]

    def clean_about(self) -> str:
        return clean_text(self.cleaned_data["about"]).strip()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_pk = self.instance.pk

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, form_words.in_our_words(error))

    def save(self, commit: bool = True) -> User:
        """These fields alone: a role that was taken away meanwhile, or an account that is gone, does not come back."""
        self.instance.save(update_fields=[*self.Meta.fields, "name_key"])
        return self.instance
