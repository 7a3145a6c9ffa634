"""The shape of what is sent; whether it may be said is for the house rules."""

from dataclasses import fields as rule_fields
from typing import Any

from django import forms

from storied.accounts import names
from storied.markup import is_web_address
from storied.text import clean_line, clean_text, is_blank

from . import guidelines
from .conf import Rules
from .guidelines import drafts
from .models import Frequency, GuidelineVersion, MailPreferences, Mute
from .spam import stamps

NAME_CHARACTERS, EMAIL_CHARACTERS, SITE_CHARACTERS = 100, 254, 200
BODY_CHARACTERS = 20_000  # whatever the house rule on length says


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
        if len(value) > BODY_CHARACTERS:
            raise forms.ValidationError(
                f"This is longer than the {BODY_CHARACTERS:,} characters that fit at the very most. "
                "You could send it in several parts.",
                code="too_long",
            )
        if is_blank(value):
            raise forms.ValidationError("There is no text yet. What would you like to say?", code="empty")


class AccessibleForm(forms.Form):
    """Ties each error to its field for those who cannot see where it stands (done by Django 5.2's BoundField)."""

    required_css_class = "required"
    error_css_class = "wrong"
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class CommentForm(AccessibleForm):
    """A comment by a guest or a member, with the guidelines that stood beside it."""

    name = LineField(
        label="Name", max_length=NAME_CHARACTERS, help_text="Everybody can read it. A nickname is welcome.",
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
        error_messages={"required": "What may we call you? A nickname is enough."},
    )  # fmt: skip
    email = forms.EmailField(
        label="E-mail", max_length=EMAIL_CHARACTERS, help_text="Never shown to anybody but the moderators.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Please give an e-mail address. It is never shown.",
            "invalid": "This does not look like an e-mail address. It should be like name@example.org.",
        },
    )  # fmt: skip
    url = SiteField(
        label="Your site", required=False, max_length=SITE_CHARACTERS, help_text="Optional. Your name will link to it.",
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
    )  # fmt: skip
    # Of members alone: a name for this discussion, and, once they have one, which of the two should stand here.
    alias = LineField(
        label="Another name, for this discussion alone", required=False, max_length=NAME_CHARACTERS,
        help_text="Readers and moderators do not see that it is you. You keep it here, and cannot change it later. "
        "For a stated reason, which is put on record, a moderator of the whole site can look up whose it is.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )  # fmt: skip
    sign = forms.ChoiceField(
        label="Which of your names should stand here?", required=False, initial="alias", widget=forms.RadioSelect,
        choices=[("alias", ""), ("name", "Your own name")],
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
    # People do not see this one.
    homepage = forms.CharField(
        required=False,
        label="Leave this empty",
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, rules: Rules, is_member: bool, own_alias: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "comment-%s")
        super().__init__(*args, **kwargs)
        self.own_alias = own_alias
        self.fields["sign"].choices = [("alias", f"{own_alias} (only here)"), ("name", "Your own name")]
        if not is_member:
            del self.fields["alias"]
        if not own_alias:
            del self.fields["sign"]
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

    def clean_email(self) -> str:
        return clean_line(self.cleaned_data["email"])

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


class FollowForm(AccessibleForm):
    """Where mail about something should go; an account's address is known."""

    email = forms.EmailField(
        label="E-mail", max_length=EMAIL_CHARACTERS, help_text="Never shown. We first send you a link to confirm it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Please say where the mail should go.",
            "invalid": "This does not look like an e-mail address. It should be like name@example.org.",
        },
    )  # fmt: skip
    # People do not see this one.
    homepage = forms.CharField(
        required=False,
        label="Leave this empty",
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, is_member: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_member:
            del self.fields["email"]

    def clean_email(self) -> str:
        return clean_line(self.cleaned_data["email"])


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
    plain_subject = forms.BooleanField(
        required=False, label="Plain subjects",
        help_text="“Something new for you” instead of the names of the site and the article.",
    )  # fmt: skip

    def __init__(self, *args: Any, preferences: MailPreferences, moderates: bool, **kwargs: Any) -> None:
        names = ("replies", "follows", "decisions", "posts", "alerts", "plain_subject")
        super().__init__(*args, initial={name: getattr(preferences, name) for name in names}, **kwargs)
        if not moderates:
            del self.fields["alerts"]


class RulesForm(AccessibleForm):
    """The house rules: one field a rule, made from the list in `conf`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for rule in rule_fields(Rules):
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
    long = "line" in rule.metadata["reason"]
    widget = forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput()
    return forms.CharField(required=False, max_length=20_000, widget=widget, **said)


def blank_comment_form(
    viewer: Any,
    rules: Rules,
    version: GuidelineVersion | None,
    stamp: str,
    parent_id: int | None = None,
    alias: str = "",
) -> CommentForm:
    """The form below an article, with its stamp and the version of the guidelines that stands beside it.

    `alias` is the name that a member uses only there, if they have taken one.
    """
    hidden = {"parent": parent_id, "guidelines_version": version.number if version else None, "stamp": stamp}
    return CommentForm(initial=hidden, rules=rules, is_member=viewer.is_member, own_alias=alias)


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
    return CommentForm(fresh, rules=rules, is_member=viewer.is_member, own_alias=alias)
