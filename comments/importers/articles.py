"""Articles, pages and categories of the old site."""

from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.text import slugify

from posts.models import Category, Post
from storied.text import clean_line, clean_text

from . import ledger as kinds
from .ledger import Ledger
from .moments import moment
from .people import People
from .records import SourceCategory, SourcePost

_SLUG_CHARACTERS = 190  # leaves room for "-2" and the like
# Whatever is not known to have been public stays a draft.
_STATUSES = {
    "publish": Post.Status.PUBLISHED,
    "future": Post.Status.PUBLISHED,  # public from its date on, as on the old site
    "private": Post.Status.PRIVATE,
}


class CategoryShelf:
    """The site's categories by slug, with the old site's added once."""

    def __init__(self, categories: list[SourceCategory], ledger: Ledger) -> None:
        self._by_slug = {category.slug: category for category in Category.objects.all()}
        there_already = set(self._by_slug)
        added: dict[str, str] = {}
        for source in categories:
            slug = _category_slug(source)
            if not slug:
                ledger.skip(kinds.CATEGORIES, "has no name")
            elif slug in there_already or slug in added:
                ledger.merged[kinds.CATEGORIES] += 1
            else:
                self.get(source)
                added[slug] = slugify(source.parent_slug, allow_unicode=True)
                ledger.imported[kinds.CATEGORIES] += 1
        for slug, parent_slug in added.items():
            self._put_under(self._by_slug[slug], self._by_slug.get(parent_slug))

    def get(self, source: SourceCategory) -> Category | None:
        """The category of an article; an article may name one that the file does not list."""
        slug = _category_slug(source)
        if not slug:
            return None
        if slug not in self._by_slug:
            name = clean_line(source.name)[:200] or slug
            self._by_slug[slug] = Category.objects.create(slug=slug, name=name)
        return self._by_slug[slug]

    def _put_under(self, category: Category, parent: Category | None) -> None:
        above = parent
        while above is not None:
            if above.pk == category.pk:
                return  # they would stand under each other
            above = above.parent
        if parent is not None:
            category.parent = parent
            category.save(update_fields=["parent"])


class PostWriter:
    """Writes articles and pages, each once."""

    def __init__(
        self, source: str, people: People, shelf: CategoryShelf, picture_alts: dict[str, str], ledger: Ledger
    ) -> None:
        self._source = source
        self._people = people
        self._shelf = shelf
        self._picture_alts = picture_alts
        self._ledger = ledger

    def write(self, record: SourcePost, kind: str) -> Post:
        """The post of this record: the one from an earlier import as it is now, or a new one."""
        post = Post.objects.filter(source=self._source, source_id=record.source_id).first()
        if post is not None:
            self._ledger.merged[kind] += 1
            return post
        post = self._new(record, Post.Kind.PAGE if kind == kinds.PAGES else Post.Kind.ARTICLE)
        self._ledger.imported[kind] += 1
        return post

    def _new(self, record: SourcePost, kind: str) -> Post:
        status = _STATUSES.get(record.status, Post.Status.DRAFT)
        if record.has_password and status == Post.Status.PUBLISHED:
            status = Post.Status.PRIVATE
            self._ledger.notes["article had a password: it is private now, with its comments"] += 1
        published_at = moment(record.published_at, record.published_local)
        if published_at is None and status == Post.Status.PUBLISHED:
            published_at = timezone.now()
            self._ledger.notes["published article had no date: it got today's"] += 1
        post = Post(
            kind=kind,
            status=status,
            title=_cut(clean_line(record.title), 300),
            author=self._people.by_login(record.author_login),
            body=clean_text(record.content),
            body_format=Post.BodyFormat.HTML,
            excerpt=clean_text(record.excerpt),
            is_sticky=record.is_sticky,
            published_at=published_at,
            created_at=published_at or timezone.now(),
            picture_alt=_cut(clean_line(self._picture_alts.get(record.picture_id, "")), 300),
            source=self._source,
            source_id=record.source_id,
            legacy_path=clean_text(record.path).strip("/")[:500],
        )
        post.slug = self._free_slug(post, record)
        post.save()
        categories = [self._shelf.get(category) for category in record.categories]
        post.categories.set([category for category in categories if category is not None])
        return post

    def _free_slug(self, post: Post, record: SourcePost) -> str:
        """The old slug where it is free and leads to the post; a draft may have none."""
        slug = slugify(record.slug, allow_unicode=True)[:_SLUG_CHARACTERS]
        if not slug and post.status == Post.Status.PUBLISHED:
            slug = slugify(record.title, allow_unicode=True)[:_SLUG_CHARACTERS] or f"{post.kind}-{record.source_id}"
        if not slug:
            return ""
        free, suffix = slug, 2
        while _is_taken(post, free):
            free, suffix = f"{slug}-{suffix}", suffix + 1
        if free != slug:
            self._ledger.notes["address was taken: a number was added"] += 1
        return free


def _is_taken(post: Post, slug: str) -> bool:
    if post.kind == Post.Kind.PAGE:
        return not _leads_to_a_page(slug) or Post.objects.filter(kind=post.kind, slug=slug).exists()
    if post.published_at is None:
        return False
    at = timezone.localtime(post.published_at)
    same = Post.objects.filter(kind=post.kind, slug=slug)
    return same.filter(published_at__year=at.year, published_at__month=at.month).exists()


def _leads_to_a_page(slug: str) -> bool:
    try:
        return resolve(f"/{slug}/").view_name == "posts:page"
    except Resolver404:
        return False


def _category_slug(source: SourceCategory) -> str:
    return slugify(source.slug, allow_unicode=True)[:200] or slugify(source.name, allow_unicode=True)[:200]


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"
