"""The Commenting Guidelines in their versions, what is being written for the next one, and who agreed to which."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from .comment import Comment
from .written_once import WrittenOnce


class PutOnRecord(WrittenOnce):
    """What people have agreed to, and that they did. The database refuses changes too: see `guidelines.guards`."""

    refusal = "this is written once. What is published is not changed; publish the next version."

    class Meta:
        abstract = True


class GuidelineVersion(PutOnRecord):
    """One published text of the guidelines; it never changes, since people have agreed to it."""

    number = models.PositiveIntegerField(unique=True)
    body = models.TextField(blank=True)
    body_html = models.TextField(blank=True)
    summary_of_change = models.TextField(blank=True)
    is_material = models.BooleanField(default=True)
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=timezone.now)
    # A name, not a link: it stays when the account goes. Empty: by the command line.
    published_by = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Commenting Guidelines, version {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("guidelines:version", args=[self.number])


class GuidelineClause(PutOnRecord):
    """One clause; `key` is the same in every version that has it, so that decisions can name it."""

    version = models.ForeignKey(GuidelineVersion, on_delete=models.PROTECT, related_name="clauses")
    key = models.SlugField(max_length=50)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    short_point = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    body_html = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="a_clause_stands_once"),
            models.UniqueConstraint(fields=["version", "number"], name="a_clause_has_its_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class GuidelineDraft(models.Model):
    """What the next version is going to say: a single row, so that two owners write on the same one.

    `revision` is raised with each save. Who saves says which one they have read, and learns if there is a newer.
    """

    introduction = models.TextField(blank=True)
    # A list of {"key", "title", "short_point", "body"} in their order; unfinished ones may lack words.
    clauses = models.JSONField(default=list)
    summary_of_change = models.TextField(blank=True)
    is_material = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_draft_at_a_time")]

    def __str__(self) -> str:
        return "The next version of the Commenting Guidelines"


class AnAcceptance(PutOnRecord):
    """To which version, by which words, where and when."""

    class Channel(models.TextChoices):
        FORM = "form", "The form under an article"
        EDIT = "edit", "An edit"
        MAIL = "mail", "An answer by mail"

    version = models.ForeignKey(GuidelineVersion, on_delete=models.PROTECT, related_name="+")
    sentence = models.CharField(max_length=300)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.FORM)
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class GuidelineAcceptance(AnAcceptance):
    """That a comment's author agreed, to what, when, and by which words. Imported comments have none.

    It is about the present text: an edit agrees anew, and the agreement of before is kept as an `EarlierAcceptance`.
    """

    # The database lets it go with its comment and never alone: see `guidelines.guards`.
    comment = models.OneToOneField(Comment, on_delete=models.DO_NOTHING, related_name="acceptance", primary_key=True)
    version = models.ForeignKey(GuidelineVersion, on_delete=models.PROTECT, related_name="acceptances")

    def __str__(self) -> str:
        return f"Comment {self.comment_id} agreed to {self.version_id}"


class EarlierAcceptance(AnAcceptance):
    """What the author had agreed to with an earlier wording of a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.DO_NOTHING, related_name="earlier_acceptances")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Comment {self.comment_id} had agreed to {self.version_id}"
