"""The shape of a draft of the guidelines, and of the word that publishes it."""

from typing import Any

from django import forms

from .fields import AccessibleForm, LineField
from .guidelines import drafts


class GuidelineDraftForm(AccessibleForm):
    """What a draft of the guidelines says besides its clauses."""

    introduction = forms.CharField(
        required=False, label="Introduction", strip=False, max_length=drafts.BODY_CHARACTERS,
        help_text="Before the clauses. Markdown; an empty line begins a paragraph.",
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )  # fmt: skip
    summary_of_change = LineField(
        required=False, label="What has changed, in a sentence", max_length=drafts.SUMMARY_CHARACTERS,
        help_text="It stands in the history, and above the changes that writers are shown.",
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip
    is_material = forms.TypedChoiceField(
        label="Does it change what people agree to?", coerce=lambda value: value == "yes", initial="yes",
        choices=[
            ("yes", "Yes. Everybody is shown what has changed before they write again."),
            ("no", "No, it says the same in other words. Nobody is interrupted."),
        ],
        widget=forms.RadioSelect, error_messages={"required": "Please choose one of the two."},
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31)


class GuidelineTextForm(GuidelineDraftForm):
    """The same with all clauses in one text."""

    text = forms.CharField(
        required=False, label="The guidelines", strip=False, max_length=400_000,
        help_text=(
            "First the introduction, then each clause: “## Title {#key}”, its short point in the next line, an empty "
            "line, and more words. The key stays when the title changes: by it earlier decisions find their clause. "
            "A heading without one begins a new clause."
        ),
        widget=forms.Textarea(attrs={"rows": 24, "dir": "auto", "spellcheck": "true"}),
    )  # fmt: skip
    field_order = ("text", "summary_of_change", "is_material")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["introduction"]


class GuidelineClauseForm(AccessibleForm):
    """One clause of a draft."""

    number = forms.IntegerField(
        required=False, label="Number", min_value=1, max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    title = LineField(
        required=False, label="Title", max_length=drafts.TITLE_CHARACTERS, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    short_point = LineField(
        required=False, label="Short point", max_length=drafts.POINT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )  # fmt: skip
    body = forms.CharField(
        required=False, label="More words", strip=False, max_length=drafts.BODY_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )  # fmt: skip
    key = forms.CharField(
        required=False, label="Key", max_length=50,
        help_text="Small letters, digits, hyphens. It stays when the title changes. Empty: made from the title.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    remove = forms.BooleanField(required=False, label="Remove this clause")


GuidelineClauseForms = forms.formset_factory(
    GuidelineClauseForm, extra=1, max_num=drafts.MOST_CLAUSES + 1, absolute_max=2 * drafts.MOST_CLAUSES
)


class PublishGuidelinesForm(AccessibleForm):
    """The owner's word that the draft, as it was read, is to be in force."""

    confirm = LineField(required=False, max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31)
    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31)

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = f"publish version {number}"
        self.fields["confirm"].label = f"To put it in force, type: {self.words}"

    def clean_confirm(self) -> str:
        typed = self.cleaned_data["confirm"]
        if typed.strip(" .“”\"'").casefold() != self.words:
            raise forms.ValidationError(f"Nothing was published. Please type “{self.words}”.", code="not_confirmed")
        return typed
