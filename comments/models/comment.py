"""A comment, or a linkback, and its place in its tree: besides `tree`, the only module that knows mptt."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey
from mptt.querysets import TreeQuerySet

from comments.exceptions import Gone
from posts.models import Post
from storied import rows

from .moderator_scope import ModeratorScope
from .risk import Risk

if TYPE_CHECKING:
    from comments.viewers import Viewer


class CommentQuerySet(TreeQuerySet):
    def approved(self) -> "CommentQuerySet":
        return self.filter(status=Comment.Status.APPROVED)

    def pending(self) -> "CommentQuerySet":
        return self.filter(status=Comment.Status.PENDING)

    def spam(self) -> "CommentQuerySet":
        return self.filter(status=Comment.Status.SPAM)

    def comments(self) -> "CommentQuerySet":
        """What people wrote, without linkbacks."""
        return self.filter(kind=Comment.Kind.COMMENT)

    def linkbacks(self) -> "CommentQuerySet":
        return self.exclude(kind=Comment.Kind.COMMENT)

    def signed_by_name(self) -> "CommentQuerySet":
        """What may be found by its writer: not what stands under a name used only there, or under none."""
        return self.filter(signed=Comment.Signature.NAME)

    def shown_as_by(self, account: Any) -> "CommentQuerySet":
        """What readers see as this account's: under its present name, and not under another or under none."""
        return self.signed_by_name().filter(author=account, author_name=account.display_name)

    def on_published_posts(self) -> "CommentQuerySet":
        return self.filter(post__in=Post.objects.published())

    def visible_to(self, viewer: "Viewer") -> "CommentQuerySet":
        """What this viewer may read: approved comments, one's own, and everything for moderators."""
        if viewer.is_moderator:
            return self
        own = Q(author__isnull=True, guest_key=viewer.guest_key) if viewer.guest_key else Q(pk__in=[])
        if viewer.is_member:
            own |= Q(author=viewer.user) | Q(post__author=viewer.user)
            scope = ModeratorScope.of(viewer.user)
            if scope:
                own |= Q(post__in=Post.objects.filter(scope.articles).values("pk"))
        return self.on_published_posts().filter(Q(status=Comment.Status.APPROVED) | own)


class CommentManager(TreeManager.from_queryset(CommentQuerySet)):
    """mptt's manager with the vocabulary above."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> CommentQuerySet:
        # mptt's own manager orders every query by (tree_id, lft), counts and existence checks too.
        return CommentQuerySet(self.model, using=self._db)

    def locked(self, pk: int | None) -> "Comment":
        """The comment with its article, for whoever is about to change it: nobody else does till the transaction ends.

        Gone where it is no more. By hand, since decisions wait for it.
        """
        comment = rows.first(self.model, "id = %s", [pk], lock=True)
        if comment is None:
            raise Gone()
        comment.post = rows.first(Post, "id = %s", [comment.post_id], without=("body", "body_html"))
        return comment

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Any:
        raise TypeError("Comments get their places by comments.tree: mptt's own numbers leave no room between them.")

    insert_node = move_node = _move_node = rebuild = partial_rebuild = _refuse


class Comment(MPTTModel):
    """Born in `submission` and `importers` only; its status changes in `status`, its place in `tree`, nowhere else."""

    class Kind(models.TextChoices):
        COMMENT = "comment", "Comment"
        PINGBACK = "pingback", "Pingback"
        TRACKBACK = "trackback", "Trackback"
        WEBMENTION = "webmention", "Webmention"

    class Status(models.TextChoices):
        PENDING = "pending", "Waits for a moderator"
        APPROVED = "approved", "Published"
        REJECTED = "rejected", "Declined"
        REMOVED = "removed", "Removed"
        SPAM = "spam", "Spam"
        WITHDRAWN = "withdrawn", "Withdrawn by its author"

    class Signature(models.TextChoices):
        """Under which name it stands. Whatever shows or links its writer asks `shown_author`."""

        NAME = "name", "Its writer's name"
        ALIAS = "alias", "A name used only in this discussion"
        NOBODY = "nobody", "A reader: the name was taken off later"

    class BodyFormat(models.TextChoices):
        MARKDOWN = "markdown", "Markdown"
        HTML = "html", "HTML"

    # Two of the foreign keys have no index of their own: one below begins with them.
    post = models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name="comments", db_index=False)
    parent = TreeForeignKey("self", null=True, blank=True, on_delete=models.RESTRICT, related_name="replies")
    # A number that no other tree can get: see tree.new_number. The two edges are spaced: see numbering.
    tree_id = models.BigIntegerField(editable=False)
    lft = models.BigIntegerField(editable=False)
    rght = models.BigIntegerField(editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.COMMENT)
    status = models.CharField(max_length=10, choices=Status.choices)

    # Who. The name is what stands there, for everybody; an account may be renamed later. The account itself is for
    # rules, and for what is one's own: it is never shown but where the comment is signed by name.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="comments",
        db_index=False,
    )  # fmt: skip
    signed = models.CharField(
        max_length=6, choices=Signature.choices, default=Signature.NAME, db_default=Signature.NAME.value
    )
    author_name = models.CharField(max_length=100)
    author_email = models.EmailField(max_length=254, blank=True)
    author_url = models.URLField(max_length=200, blank=True)
    guest_key = models.CharField(max_length=40, blank=True)
    network = models.CharField(max_length=32, blank=True)

    # Whether nobody may reply to it; its replies have it too (see moderation.branches).
    is_locked = models.BooleanField(default=False, db_default=False)

    # What. The source is the truth; the HTML is made from it once, by the renderer of that version.
    body = models.TextField()
    body_format = models.CharField(max_length=10, choices=BodyFormat.choices, default=BodyFormat.MARKDOWN)
    body_html = models.TextField()
    renderer_version = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)

    # When.
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    # When its text was taken out for good, and when its writer was: see `emptying`.
    emptied_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    # What its placeholder says after "This comment was removed"; empty where nothing is to be said.
    gone_note = models.CharField(max_length=300, blank=True, default="", db_default="")
    # Why it was held: a list of {"code": …, "detail": …}.
    reasons = models.JSONField(default=list)
    # Two live comments cannot say the same in the same place; empty once it is no longer there.
    fingerprint = models.CharField(max_length=64, null=True)
    # Where it came from, for a second import to find it.
    source = models.CharField(max_length=200, null=True)
    source_id = models.CharField(max_length=100, null=True)

    objects = CommentManager()

    class Meta:
        indexes = [
            # The page of a discussion: what was ever public, in reading order.
            models.Index(
                fields=["post", "tree_id", "lft", "level"],
                condition=Q(published_at__isnull=False, kind="comment"),
                name="discussion_page",
            ),
            models.Index(
                fields=["post", "tree_id"],
                condition=Q(published_at__isnull=False) & ~Q(status="approved"),
                name="gone_of_a_post",
            ),
            models.Index(fields=["tree_id", "lft"], name="tree_order"),
            models.Index(fields=["tree_id", "rght"], name="tree_ends"),
            models.Index(fields=["post", "created_at"], name="of_a_post"),
            models.Index(fields=["status", "created_at"], name="queue"),
            models.Index(fields=["guest_key", "created_at"], condition=~Q(guest_key=""), name="guest_history"),
            models.Index(
                Lower("author_email"),
                condition=Q(author__isnull=True) & ~Q(author_email=""),
                name="written_with_address",
            ),
            models.Index(fields=["network", "created_at"], condition=~Q(network=""), name="network_history"),
            models.Index(fields=["author", "created_at"], condition=Q(author__isnull=False), name="author_history"),
            models.Index(fields=["post", "created_at"], condition=Q(status="pending"), name="pending_of_a_post"),
            # What waits for a moderator, as the desk shows it. Without the status, which is always the same, SQLite
            # would rather take the index that begins with it, and sort.
            models.Index(
                "status", Risk("reasons").desc(), "created_at", "id", condition=Q(status="pending"), name="held_by_risk"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tree_id"], condition=Q(parent__isnull=True), name="one_root_a_tree"),
            models.UniqueConstraint(
                fields=["fingerprint"], condition=Q(fingerprint__isnull=False), name="comment_is_said_once"
            ),
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=Q(source_id__isnull=False), name="comment_is_imported_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Comment {self.pk} by {self.author_name}"

    def get_absolute_url(self) -> str:
        """The short address that leads to the right page and place."""
        return reverse("comments:permalink", args=[self.pk])

    def get_descendant_count(self) -> int:
        """mptt's own reads it off the two edges, which are spaced here."""
        return Comment.objects.filter(tree_id=self.tree_id, lft__gt=self.lft, lft__lt=self.rght).count()

    def is_leaf_node(self) -> bool:
        return not self.replies.exists()

    @property
    def anchor(self) -> str:
        return f"comment-{self.pk}"

    @property
    def is_approved(self) -> bool:
        return self.status == self.Status.APPROVED

    @property
    def shown_author(self) -> Any:
        """The account that readers may be told of, with its marks and links; None for guests and other signatures."""
        return self.author if self.is_signed_by_name else None

    @property
    def shown_author_id(self) -> int | None:
        """The same by number, without a query."""
        return self.author_id if self.is_signed_by_name else None

    @property
    def is_signed_by_name(self) -> bool:
        return self.signed == self.Signature.NAME

    @property
    def is_linkback(self) -> bool:
        return self.kind != self.Kind.COMMENT
