"""The care lane: how the owner arranged it, where people find help, and who may need somebody now."""

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .comment import Comment

# A help line's number goes out of date: after this time the owner is asked to look again.
CHECK_AGAIN_AFTER = timedelta(days=365)
# Whoever took an item on may have been called away; then somebody else can.
CLAIM_HOLDS = timedelta(hours=1)


class CareArrangements(models.Model):
    """What happens to a comment whose words may mean danger: a single row."""

    class OnMatch(models.TextChoices):
        PUBLISH = "publish", "Publish it, as the other rules say"
        HOLD = "hold", "Hold it until a moderator has read it"
        NOTE = "note", "Publish it, as the other rules say, with a note for readers"

    is_wanted = models.BooleanField("look for words that may mean danger", default=True)
    on_match = models.CharField("such a comment", max_length=10, choices=OnMatch.choices, default=OnMatch.PUBLISH)
    note = models.CharField(
        "the note for readers", max_length=300, blank=True,
        default="This comment speaks of very dark hours. If you are in one yourself, please do not stay alone with it.",
    )  # fmt: skip
    target_hours = models.PositiveSmallIntegerField("somebody should have looked within, in hours", default=4)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_way_of_care")]

    def __str__(self) -> str:
        return "Care"


class CarePhrases(models.Model):
    """The phrases of one language as the owner edited them; languages without a row have the set that was shipped."""

    language = models.SlugField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    text = models.TextField(blank=True)
    is_used = models.BooleanField(default=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"Phrases in {self.name}"


class HelpLine(models.Model):
    """People who listen, and how to reach them; shown to everybody under “Get help now”."""

    region = models.CharField(
        max_length=60, blank=True, help_text="A country or a part of one. Empty: for people wherever they are."
    )
    name = models.CharField("who it is", max_length=100)
    phone = models.CharField("telephone", max_length=40, blank=True)
    sms = models.CharField("number for text messages", max_length=40, blank=True)
    url = models.URLField("web address", max_length=200, blank=True)
    hours = models.CharField("when they are there", max_length=100, blank=True)
    about = models.CharField("a few words", max_length=200, blank=True)
    last_checked = models.DateField("last checked on", default=timezone.localdate)

    class Meta:
        ordering = ["region", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def tel(self) -> str:
        """The number as a telephone dials it."""
        return _dialled(self.phone)

    @property
    def sms_number(self) -> str:
        return _dialled(self.sms)

    @property
    def is_stale(self) -> bool:
        """Whether it is more than a year since somebody tried it."""
        return timezone.localdate() - self.last_checked > CHECK_AGAIN_AFTER


def _dialled(number: str) -> str:
    return re.sub(r"(?!^)\+|[^0-9+*#]", "", number)


class CareResponder(models.Model):
    """Somebody who is told when an item is opened: the on-call list. That is no promise that they are awake."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="on_call")
    when = models.CharField("when they can usually be reached", max_length=100, blank=True)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.person)


class CareItemQuerySet(models.QuerySet["CareItem"]):
    def open(self) -> "CareItemQuerySet":
        return self.filter(closed_at=None)

    def closed(self) -> "CareItemQuerySet":
        return self.filter(closed_at__isnull=False)

    def overdue(self, target_hours: int) -> "CareItemQuerySet":
        """Open for longer than the owner wants."""
        return self.open().filter(opened_at__lt=timezone.now() - timedelta(hours=target_hours))


class CareItem(models.Model):
    """Somebody may be in danger: a person has to read this. It says nothing about anybody but that.

    Its clock begins when it was opened. A comment has one open item at the most.
    """

    class By(models.TextChoices):
        MATCH = "match", "Words in it"
        READER = "reader", "A reader is worried"
        MODERATOR = "moderator", "A moderator"

    class Code(models.TextChoices):
        REPLIED = "replied", "Somebody replied"
        RESOURCES = "resources", "Ways to help were sent"
        ESCALATED = "escalated", "Handed on to somebody else"
        NOT_A_CONCERN = "not_a_concern", "Not a concern"

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="care_items")
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.CharField(max_length=10, choices=By.choices)
    # Whether readers see the owner's note above the comment.
    is_noted = models.BooleanField(default=False)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_by_name = models.CharField(max_length=100, blank=True)
    code = models.CharField(max_length=15, choices=Code.choices, blank=True)
    note = models.TextField(blank=True, help_text="for moderators")

    objects = CareItemQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "pk"]
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(closed_at=None), name="open_care"),
            models.Index(fields=["-closed_at"], condition=Q(closed_at__isnull=False), name="closed_care"),
            models.Index(fields=["comment"], condition=Q(is_noted=True), name="noted_for_readers"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["comment"], condition=Q(closed_at=None), name="one_open_care_a_comment")
        ]

    def __str__(self) -> str:
        return f"Care about comment {self.comment_id}"

    @property
    def state(self) -> str:
        """open, claimed or closed."""
        if self.closed_at is not None:
            return "closed"
        return "claimed" if self.is_claimed else "open"

    @property
    def is_claimed(self) -> bool:
        """Whether somebody is at it. A claim ends by itself."""
        return self.claimed_by_id is not None and timezone.now() - self.claimed_at < CLAIM_HOLDS

    @property
    def age(self) -> timedelta:
        """How long it has been, or was, open."""
        return (self.closed_at or timezone.now()) - self.opened_at

    def is_overdue(self, target_hours: int) -> bool:
        return self.closed_at is None and self.age > timedelta(hours=target_hours)


class CareSignal(models.Model):
    """What led somebody to look: the words that were found, or what a reader or a moderator said."""

    item = models.ForeignKey(CareItem, on_delete=models.CASCADE, related_name="signals")
    by = models.CharField(max_length=10, choices=CareItem.By.choices)
    # A reader's account or browser: who writes twice changes what they wrote. Readers are never named to the writer.
    key = models.CharField(max_length=50, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    words = models.CharField(max_length=1_000, blank=True)
    # Of a match: a list of {"words": …, "phrase": …, "language": …}, in that revision of the comment.
    found = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "key"], condition=~Q(key=""), name="a_reader_worries_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_by_display()} about {self.item_id}"

    @property
    def found_words(self) -> list[str]:
        return list(dict.fromkeys(one["words"] for one in self.found))


def found_as_stored(found: Any) -> list[dict[str, str]]:
    """The finds of a match, as a signal keeps them."""
    return [{"words": one.words, "phrase": one.phrase[:200], "language": one.language} for one in found]
