"""The shape of what is sent by somebody who wants to be erased."""

from django import forms

from .fields import AccessibleForm, LineField
from .models import Erasure

TYPED = "erase me"


class EraseForm(AccessibleForm):
    """How, and the words that nobody types by mistake."""

    how = forms.ChoiceField(
        label="What should become of your comments?", widget=forms.RadioSelect,
        choices=[
            (Erasure.How.DETACH, "They stay, as by “a reader”. Your name, address and site are taken away from them."),
            (
                Erasure.How.WITHDRAW,
                "They go, too. Where others have replied, a note stands in their place, so that the replies can stay.",
            ),
        ],
        error_messages={"required": "Please choose one of the two."},
    )  # fmt: skip
    typed = LineField(
        label=f"To go on, type: {TYPED}", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": f"Nothing was done yet. Please type “{TYPED}”."},
    )  # fmt: skip

    def clean_typed(self) -> str:
        typed = self.cleaned_data["typed"]
        if typed.strip(" .“”\"'").casefold() != TYPED:
            raise forms.ValidationError(f"Nothing was done yet. Please type “{TYPED}”.", code="not_confirmed")
        return typed
