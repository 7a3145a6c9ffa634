"""What is discussed: articles, and the pages beside them."""

from typing import Any

from django.conf import settings
from django.core.validators import validate_unicode_slug
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from storied.text import clean_line

from . import rendering


class Category(models.Model):
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = clean_line(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("posts:category", args=[self.slug])


class PostQuerySet(models.QuerySet["Post"]):
    def published(self) -> "PostQuerySet":
        """What everybody may read now."""
        return self.filter(status=Post.Status.PUBLISHED, published_at__lte=timezone.now())

    def articles(self) -> "PostQuerySet":
        return self.filter(kind=Post.Kind.ARTICLE)

    def pages(self) -> "PostQuerySet":
        return self.filter(kind=Post.Kind.PAGE)

    def readable_by(self, user: Any) -> "PostQuerySet":
        """Published ones, and for moderators and a post's author the others too."""
        if getattr(user, "is_moderator", False):
            return self
        if getattr(user, "is_authenticated", False):
            return self.filter(Q(status=Post.Status.PUBLISHED, published_at__lte=timezone.now()) | Q(author=user))
        return self.published()

    def for_lists(self) -> "PostQuerySet":
        """Articles as lists show them: newest first, with their categories, without their bodies."""
        return (
            self.articles()
            .order_by("-is_sticky", "-published_at", "-pk")
            .prefetch_related("categories")
            .defer("body", "body_html")
        )


class Post(models.Model):
    """An article or a page. The source is kept; the HTML beside it is made from it on every save."""

    class Kind(models.TextChoices):
        ARTICLE = "article", "Article"
        PAGE = "page", "Page"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PRIVATE = "private", "Private: for its author and the moderators"
        PUBLISHED = "published", "Published (from its date on)"

    class BodyFormat(models.TextChoices):
        MARKDOWN = "markdown", "Markdown"
        HTML = "html", "HTML"

    class InSearch(models.TextChoices):
        ALL = "all", "May list it and quote it, as the house rules say"
        ARTICLE = "article", "May list it, without its comments"
        NOTHING = "nothing", "May not list it at all"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ARTICLE)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    title = models.CharField(max_length=300, blank=True)
    slug = models.CharField(max_length=200, validators=[validate_unicode_slug], blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts")
    categories = models.ManyToManyField(Category, blank=True, related_name="posts")
    body = models.TextField(blank=True)
    body_format = models.CharField(max_length=10, choices=BodyFormat.choices, default=BodyFormat.MARKDOWN)
    body_html = models.TextField(blank=True, editable=False)
    excerpt = models.TextField(blank=True, help_text="Shown in lists. Left empty, the beginning of the text is.")
    summary = models.TextField(blank=True, editable=False, help_text="what lists show, as plain text")
    editors_note = models.CharField("editor's note", max_length=500, blank=True)
    picture = models.ImageField(
        upload_to="pictures/%Y/%m", blank=True, width_field="picture_width", height_field="picture_height"
    )
    picture_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    picture_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    picture_alt = models.CharField(
        "what the picture shows", max_length=300, blank=True, help_text="For those who cannot see it."
    )
    is_sticky = models.BooleanField("stays on top", default=False)
    in_search = models.CharField(
        "search engines", max_length=10, choices=InSearch.choices, default=InSearch.ALL, db_default=InSearch.ALL
    )
    published_at = models.DateTimeField("published", null=True, blank=True, default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    # Where it came from, for a second import to find it, and the old address, to redirect from.
    source = models.CharField(max_length=200, null=True, blank=True, editable=False)
    source_id = models.CharField(max_length=100, null=True, blank=True, editable=False)
    legacy_path = models.CharField(max_length=500, blank=True, editable=False, db_index=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(fields=["kind", "status", "-published_at"], name="post_list"),
            models.Index(fields=["slug"], name="post_address"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="post_is_imported_once"),
            models.UniqueConstraint(fields=["slug"], condition=Q(kind="page"), name="page_address_is_unique"),
        ]

    def __str__(self) -> str:
        return self.title or "(untitled)"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title = clean_line(self.title)
        self.body_html = rendering.body_html(self.body, self.body_format)
        self.summary = self.excerpt or rendering.beginning(self.body_html)
        self.status_or_title_changed = getattr(self, "_stored", None) != (self.status, self.title)
        super().save(*args, **kwargs)
        self._stored = self.status, self.title

    def get_absolute_url(self) -> str:
        """/2026/11/slug/ for articles, /slug/ for pages, /post/1/ for what has no slug, or no date that it needs."""
        if self.kind == self.Kind.PAGE and self.slug:
            return reverse("posts:page", args=[self.slug])
        if self.published_at and self.slug:
            at = timezone.localtime(self.published_at)
            return reverse("posts:detail", args=[at.year, f"{at.month:02}", self.slug])
        return reverse("posts:by_id", args=[self.pk])

    @classmethod
    def from_db(cls, *args: Any) -> "Post":
        post = super().from_db(*args)
        post._stored = post.__dict__.get("status"), post.__dict__.get("title")
        return post

    @property
    def is_published(self) -> bool:
        return (
            self.status == self.Status.PUBLISHED
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )

    def is_readable_by(self, user: Any) -> bool:
        """What `readable_by` says of one post that is at hand."""
        if self.is_published or getattr(user, "is_moderator", False):
            return True
        return bool(getattr(user, "is_authenticated", False)) and self.author_id == user.pk

    def previous(self) -> "Post | None":
        """The article published before this one."""
        return self._neighbour("lt", "-published_at", "-pk")

    def next(self) -> "Post | None":
        """The article published after this one."""
        return self._neighbour("gt", "published_at", "pk")

    def _neighbour(self, comparison: str, *order: str) -> "Post | None":
        if self.kind != self.Kind.ARTICLE or not self.published_at:
            return None
        beyond = Q(**{f"published_at__{comparison}": self.published_at}) | Q(
            published_at=self.published_at, **{f"pk__{comparison}": self.pk}
        )
        others = Post.objects.published().articles().filter(beyond).order_by(*order)
        return others.only("title", "slug", "published_at", "kind").first()
