"""The shape of what is sent about decisions: second looks, removed passages, words for refusals."""

from typing import Any

from django import forms

from storied.text import clean_text

from .fields import AccessibleForm, LineField, WordsField
from .models import GuidelineVersion, Redaction


class AppealForm(AccessibleForm):
    """Why somebody should look again."""

    words = WordsField(
        rows=6, label="What should be looked at again?",
        help_text="In your own words. Only the moderators read it.",
        error_messages={"required": "Please say in a few words what should be looked at again."},
    )  # fmt: skip


class AnswerForm(AccessibleForm):
    """The answer to that."""

    answer = WordsField(
        label="Your answer, for the author to read",
        error_messages={"required": "Please tell the author why, in a few words."},
    )


class UnmaskForm(AccessibleForm):
    """Why it has to be known who wrote something under another name."""

    reason = WordsField(
        label="Why does this have to be known?",
        help_text="For the log and for the owner. Other moderators can read it, so please name nobody.",
        error_messages={"required": "Please say why this has to be known."},
    )  # fmt: skip


class ClauseField(forms.ChoiceField):
    def __init__(self, version: GuidelineVersion | None, **kwargs: Any) -> None:
        clauses = version.clauses.all() if version else []
        choices = [("", "None in particular"), *((clause.key, str(clause)) for clause in clauses)]
        super().__init__(choices=choices, required=False, label="Clause of the guidelines", **kwargs)


class RedactionForm(AccessibleForm):
    """A passage of a comment's source, and what it is."""

    passage = forms.CharField(
        strip=False, max_length=20_000, label="The passage to take out",
        help_text="Copy it from the text above, letter for letter.",
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": "Which words are to be taken out?"},
    )  # fmt: skip
    occurrence = forms.IntegerField(
        min_value=0, max_value=9_999, initial=1, label="Which one, if it stands there more than once",
        help_text="1 is the first from the top; 0 takes out all of them.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Which one is meant? 1 is the first from the top."},
    )  # fmt: skip
    what = forms.ChoiceField(
        choices=Redaction.What.choices, label="What it is",
        help_text="Everybody reads this in its place, and nothing else: words of your own cannot be put there.",
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31)

    def __init__(self, *args: Any, version: GuidelineVersion | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"] = ClauseField(version)
        self.order_fields(["passage", "occurrence", "what", "clause"])

    def clean_passage(self) -> str:
        return clean_text(self.cleaned_data["passage"])


class RefusalForm(AccessibleForm):
    """The owner's words for one reason to refuse."""

    title = LineField(
        max_length=100, label="What moderators choose it by", widget=forms.TextInput(attrs={"dir": "auto"})
    )
    words = WordsField(
        rows=6, label="What the author reads",
        help_text="{name} stands for the author’s name, {article} for the article, {clause} for the clause’s title.",
        error_messages={"required": "What should the author read?"},
    )  # fmt: skip
    is_gentle = forms.BooleanField(
        required=False, label="For somebody who is in a bad place",
        help_text="Neither their page nor their mail says anything of rules.",
    )  # fmt: skip
    is_offered = forms.BooleanField(required=False, initial=True, label="Offer it to moderators")

    def __init__(self, *args: Any, version: GuidelineVersion | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"] = ClauseField(version)
        self.order_fields(["title", "words", "clause", "is_gentle", "is_offered"])
