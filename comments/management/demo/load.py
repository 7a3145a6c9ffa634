"""Writes the demo into an empty database, as if the blog had been there for fourteen months."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from comments import guidelines, moderation, rendering, searching, status, tree
from comments.models import Comment, Discussion
from comments.viewers import Viewer
from posts.models import Category, Post
from storied import search
from storied.accounts import names
from storied.accounts.models import User

from .content import PICTURES, DemoBlog, DemoComment, DemoPerson, DemoPost

# Known to everybody who reads this file; only the demo's accounts ever get it.
PASSWORD = "half-an-acre"  # noqa: S105
_PUBLISHED_AT = {"hour": 6, "minute": 40, "second": 0, "microsecond": 0}  # the blogger writes early
_LINK = re.compile(r"\b(post|page):([a-z0-9-]+)")
# What a comment is stored as before it gets to its state in the way that leaves a log entry.
_FIRST_STATUS = {"removed": "approved", "withdrawn": "approved", "spam": "pending"}
_DECISIONS = {"removed": "remove", "spam": "mark_spam"}


def load(blog: DemoBlog, now: datetime | None = None) -> None:
    """Everything or nothing. Comments come in like imported ones: nothing is announced, nobody gets mail about them.

    What a moderator or reader did (a removal, a withdrawal, a report) is done anew, and leaves its log entry.
    """
    writer = _Writer(blog, timezone.localtime(now))
    with transaction.atomic():
        writer.write()


class _Writer:
    def __init__(self, blog: DemoBlog, now: datetime) -> None:
        self._blog = blog
        self._now = now
        self._people: dict[str, User] = {}
        self._posts: dict[str, Post] = {}

    def write(self) -> None:
        self._people = {person.key: account_of(person) for person in self._blog.people}
        self._publish_guidelines()
        categories = self._categories()
        for source in self._blog.posts:
            self._posts[source.slug] = self._bare_post(source)
        for source in self._blog.posts:
            self._write_post(source, [categories[slug] for slug in source.categories])
        self._write_about()
        for source in self._blog.posts:
            self._write_discussion(self._posts[source.slug], source)

    def _publish_guidelines(self) -> None:
        if guidelines.current() is not None:
            return
        guidelines.publish(
            [guidelines.Clause(clause.id, clause.title, clause.short, clause.body) for clause in self._blog.clauses],
            introduction=self._blog.guidelines_introduction,
            summary_of_change=self._blog.guidelines_summary,
        )

    def _categories(self) -> dict[str, Category]:
        return {
            slug: Category.objects.get_or_create(slug=slug, defaults={"name": name})[0]
            for slug, name in self._blog.categories
        }

    def _bare_post(self, source: DemoPost) -> Post:
        at = (self._now - timedelta(days=source.days_ago)).replace(**_PUBLISHED_AT)
        return Post(
            title=source.title,
            slug=source.slug,
            author=self._people["owner"],
            status=Post.Status.PUBLISHED,
            published_at=at,
            created_at=at,
            excerpt=source.excerpt,
            editors_note=source.editors_note,
            picture_alt=source.picture_alt,
        )

    def _write_post(self, source: DemoPost, categories: Sequence[Category]) -> None:
        post = self._posts[source.slug]
        post.body = self._with_addresses(source.body)
        if source.picture:
            with (PICTURES / source.picture).open("rb") as file:
                post.picture.save(source.picture, File(file), save=False)
        post.save()
        post.categories.set(categories)
        Discussion.objects.create(post=post, is_open=source.discussion == "open")

    def _write_about(self) -> None:
        about = self._blog.about
        page = Post.objects.create(
            kind=Post.Kind.PAGE,
            status=Post.Status.PUBLISHED,
            author=self._people["owner"],
            title=about["title"],
            slug=about["slug"],
            body=self._with_addresses(about["body"].strip()),
            published_at=min(post.published_at for post in self._posts.values()),
        )
        Discussion.objects.create(post=page, is_open=False)

    def _write_discussion(self, post: Post, source: DemoPost) -> None:
        built: dict[str, Comment] = {}
        for row in sorted(source.comments, key=lambda row: self._moment(post, row)):
            built[row.key] = self._comment(post, row)
            built[row.key].parent = built[row.parent] if row.parent else None
        tree.insert_many(list(built.values()))
        status.recount(post.pk)
        search.index(searching.documents(comment for comment in built.values() if comment.is_approved))
        for row in source.comments:
            self._live_through(row, built[row.key])

    def _comment(self, post: Post, row: DemoComment) -> Comment:
        author = self._people[row.account] if row.account else None
        at = self._moment(post, row)
        state = _FIRST_STATUS.get(row.status, row.status)
        body = self._with_addresses(row.body, settings.SITE_URL)
        return Comment(
            post=post,
            kind=row.kind,
            status=state,
            author=author,
            author_name=author.display_name if author else row.name or names.GENERIC,
            author_email="" if author else row.email,
            author_url=self._with_addresses(row.url, settings.SITE_URL),
            body=body,
            body_html=rendering.body_html(body, "markdown"),
            renderer_version=rendering.RENDERER_VERSION,
            created_at=at,
            published_at=at if state == Comment.Status.APPROVED else None,
            reasons=[{"code": row.held_because, "detail": ""}] if row.held_because else [],
        )

    def _live_through(self, row: DemoComment, comment: Comment) -> None:
        """What happened to the comment after it was written."""
        if row.status in _DECISIONS:
            moderator = Viewer(self._people["moderator"])
            moderation.decide(comment.pk, _DECISIONS[row.status], moderator, clause=row.clause, reason=row.reason)
        elif row.status == Comment.Status.WITHDRAWN:
            status.change_status(comment.pk, "withdraw", actor=comment.author)
        elif row.status == Comment.Status.PENDING and (version := guidelines.current()) is not None:
            guidelines.record(comment, version, guidelines.SENTENCE)
        if row.reported_by:
            reader = self._people[row.reported_by]
            moderation.flag(
                comment.pk,
                Viewer(reader),
                reporter_key=f"account:{reader.pk}",
                reason=row.reported_as,
                words=row.report_note,
            )

    def _moment(self, post: Post, row: DemoComment) -> datetime:
        if row.minutes_ago is not None:
            return self._now - timedelta(minutes=row.minutes_ago)
        return post.published_at + timedelta(minutes=row.minutes_after)

    def _with_addresses(self, text: str, site: str = "") -> str:
        """The text with `post:slug` and `page:guidelines` as the addresses that they have here."""

        def address(found: re.Match[str]) -> str:
            kind, slug = found.groups()
            return site + (self._posts[slug].get_absolute_url() if kind == "post" else reverse(f"{slug}:current"))

        return _LINK.sub(address, text)


def account_of(person: DemoPerson) -> User:
    """The demo account, made if nobody has its address; an account that is there stays as it is."""
    account = User.objects.filter(email__iexact=person.email).first()
    if account is None:
        account = User.objects.create_user(person.email, PASSWORD, display_name=person.name, role=person.role)
        EmailAddress.objects.create(user=account, email=person.email, verified=True, primary=True)
    return account
