"""The shape of what is sent; whether it may be said is for the house rules."""

from typing import Any

from django import forms

from storied.accounts import names

from . import guidelines
from .conf import Rules
from .fields import AccessibleForm, AddressField, BodyField, HoneypotField, LineField, MarkField, SiteField, TypedField
from .models import GuidelineVersion, Mute, UnsentText
from .spam import stamps

NAME_CHARACTERS, SITE_CHARACTERS = 100, 200


class DraftForm(forms.Form):
    """What was typed and is not sent yet."""

    body = TypedField(required=False, strip=False)
    parent = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    draft = MarkField(required=False)
    page = forms.SlugField(required=False, max_length=40)


class CommentForm(AccessibleForm):
    """A comment by a guest or a member, with the guidelines that stood beside it."""

    name = LineField(
        label="Name", max_length=NAME_CHARACTERS, help_text="Everybody can read it. A nickname is welcome.",
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
        error_messages={"required": "What may we call you? A nickname is enough."},
    )  # fmt: skip
    email = AddressField(
        help_text="Never shown to anybody but the moderators.",
        required_because="Please give an e-mail address. It is never shown.",
    )
    url = SiteField(
        label="Your site", required=False, max_length=SITE_CHARACTERS, help_text="Optional. Your name will link to it.",
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
    )  # fmt: skip
    # Of members alone: a name for this discussion; once they have one, `sign` says which of the two should stand here.
    alias = LineField(
        label="Another name, for this discussion alone", required=False, max_length=NAME_CHARACTERS,
        help_text="Readers and moderators do not see that it is you. You keep it here, and cannot change it later; "
        "left empty, your own name stands with your comment. "
        "For a stated reason, which is put on record, a moderator of the whole site can look up whose it is.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )  # fmt: skip
    body = BodyField()
    agree = forms.BooleanField(required=False, label=guidelines.CHECKBOX_SENTENCE)
    remember = forms.BooleanField(
        required=False, label="Recognise me on this device for a year",
        help_text="Otherwise until the browser is closed. You can then edit and find your comments without a link.",
    )  # fmt: skip
    replies_by_mail = forms.BooleanField(
        required=False, label="Tell me about replies by mail",
        help_text="And about what moderators decide. We first send you a link by which you confirm the address.",
    )  # fmt: skip
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**62)
    guidelines_version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31)
    changes_seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31)
    stamp = forms.CharField(required=False, widget=forms.HiddenInput, max_length=200)
    draft = MarkField(required=False)  # of members alone
    page = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)  # as well; a script fills it in
    homepage = HoneypotField()

    def __init__(
        self, *args: Any, rules: Rules, is_member: bool, own_alias: str = "", own_name: str = "", **kwargs: Any
    ) -> None:
        kwargs.setdefault("auto_id", "comment-%s")
        super().__init__(*args, **kwargs)
        self.own_alias = own_alias
        if not is_member:
            del self.fields["alias"], self.fields["draft"], self.fields["page"]
        if own_alias:
            self.fields["sign"] = forms.ChoiceField(
                label="Which of your names should stand here?", required=False, initial="alias",
                widget=forms.RadioSelect, choices=[("alias", f"{own_alias} (only here)"), ("name", own_name)],
            )  # fmt: skip
        if is_member:
            for name in ("name", "email", "url", "remember", "replies_by_mail"):
                del self.fields[name]
        else:
            self.fields["email"].required = rules.guests_give_email
            if not rules.guests_give_email:
                self.fields["email"].help_text = "Optional, and never shown to anybody but the moderators."
            if not rules.guests_may_give_site:
                del self.fields["url"]
        if not rules.agree_by_checkbox:
            del self.fields["agree"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if names.is_empty(name):
            raise forms.ValidationError("This name shows nothing. Please use letters that can be seen.", code="blank")
        return name

    def clean_alias(self) -> str:
        alias = self.cleaned_data["alias"]
        if alias and names.is_empty(alias):
            raise forms.ValidationError("This name shows nothing. Please use letters that can be seen.", code="blank")
        if not alias and not self.own_alias and self.data.get("sign") == "alias":
            # Never by their own name what was to stand under another one.
            raise forms.ValidationError("Please type the other name once more, or leave it empty.", code="no_alias")
        return alias

    def signed_with(self) -> str:
        """The name that a member has chosen instead of their own; empty for their own."""
        if self.cleaned_data.get("sign"):
            return self.own_alias if self.cleaned_data["sign"] == "alias" else ""
        return self.cleaned_data.get("alias", "")

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("replies_by_mail") and not said.get("email") and "email" not in self.errors:
            self.add_error(
                "email", "To tell you about replies we need an e-mail address. It is never shown to anybody else."
            )
        return said


class EditForm(AccessibleForm):
    """New words for one's own comment."""

    body = BodyField()
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31)
    guidelines_version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31)
    changes_seen = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0, max_value=2**31)
    agree = forms.BooleanField(required=False, label=guidelines.CHECKBOX_SENTENCE)

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not rules.agree_by_checkbox:
            del self.fields["agree"]


class FlagForm(AccessibleForm):
    """A reader's report: which clause, and a few words."""

    reason = forms.ChoiceField(
        widget=forms.RadioSelect, label="What should a moderator look at?",
        error_messages={"required": "Please choose what it is about."},
    )  # fmt: skip
    words = LineField(
        required=False, max_length=1_000, label="In your words (optional)",
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )  # fmt: skip

    def __init__(self, *args: Any, version: GuidelineVersion | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clauses = [(clause.key, clause.short_point) for clause in version.clauses.all()] if version else []
        self.fields["reason"].choices = [
            *clauses,
            ("worried", "I am worried about this person. This is no complaint"),
            ("other", "Something else"),
        ]


class MuteForm(AccessibleForm):
    """How one would rather not read somebody."""

    kind = forms.ChoiceField(
        widget=forms.RadioSelect, choices=Mute.Kind.choices, initial=Mute.Kind.FOLD,
        label="What should change for you?",
        error_messages={"required": "Please choose one."},
    )  # fmt: skip


def blank_comment_form(
    viewer: Any,
    rules: Rules,
    version: GuidelineVersion | None,
    stamp: str,
    parent_id: int | None = None,
    alias: str = "",
    unsent: UnsentText | None = None,
) -> CommentForm:
    """The form below an article, with its stamp and the version of the guidelines that stands beside it.

    `alias` is the name that a member uses only there, if they have taken one; `unsent` what they have begun to write.
    """
    start = {"parent": parent_id, "guidelines_version": version.number if version else None, "stamp": stamp}
    if unsent is not None:
        start |= {"body": unsent.body, "draft": unsent.mark}
    return CommentForm(initial=start, rules=rules, own_alias=alias, **_who(viewer))


def filled_comment_form(
    data: Any,
    post: Any,
    viewer: Any,
    rules: Rules,
    version: GuidelineVersion | None,
    *,
    changes_are_shown: bool = False,
    alias: str = "",
) -> CommentForm:
    """What was typed, to be shown again: everything kept, but stamped anew and beside the present guidelines.

    `changes_are_shown`: with it stands how the guidelines have changed, so that nobody has to be shown it again.
    """
    fresh = data.copy()
    if version and changes_are_shown:
        fresh["changes_seen"] = str(version.number)
    fresh["stamp"] = stamps.new_stamp(post.pk)
    fresh["guidelines_version"] = str(version.number) if version else ""
    if alias and not fresh.get("sign"):
        # A form from before that name was taken: it said the same in its own way.
        fresh["sign"] = "alias" if fresh.get("alias") else "name"
    return CommentForm(fresh, rules=rules, own_alias=alias, **_who(viewer))


def _who(viewer: Any) -> dict[str, Any]:
    return {"is_member": viewer.is_member, "own_name": viewer.user.display_name if viewer.is_member else ""}
