"""Writes generated discussions into the database as fast as it takes them: COPY on PostgreSQL, one transaction."""

import hashlib
import random
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max

from comments import rendering
from comments.models import Comment, Discussion
from posts.models import Post
from storied.accounts.models import User
from storied.front import site_changes

from .generator import SEED, Place
from .texts import FIRST_NAMES, sentence, texts

_OWNER = "owner@example.org"
_TEXTS, _WRITERS = 500, 400
_ARTICLES_AT_ONCE = 200


@dataclass
class Loaded:
    """What was written: the articles by name, and how long it took."""

    posts: dict[str, dict[str, Any]]
    comments: int
    seconds: float


def load(discussions: Iterable[tuple[str, list[Place]]], seed: int = SEED) -> Loaded:
    """Each (name, discussion) as an article of that name, all in one transaction."""
    before, count = time.perf_counter(), 0
    posts: dict[str, dict[str, Any]] = {}
    rows = _Rows(seed)
    write = _copy if connection.vendor == "postgresql" else _insert
    with transaction.atomic(), ThreadPoolExecutor(1) as ahead:
        bare = _article(seed)
        waiting = iter(discussions)
        # While the database takes one batch, the next is made.
        coming = ahead.submit(_some, waiting)
        while some := coming.result():
            coming = ahead.submit(_some, waiting)
            made = Post.objects.bulk_create(_like(bare, name, places) for name, places in some)
            Discussion.objects.bulk_create(
                Discussion(post=post, comment_count=len(places), public_count=len(places))
                for post, (_name, places) in zip(made, some, strict=True)
            )
            first = rows.next
            for post, (name, places) in zip(made, some, strict=True):
                posts[name] = {
                    "pk": post.pk, "path": post.get_absolute_url(), "first": first, "comments": len(places)
                }  # fmt: skip
                first += len(places)
            write(rows.columns, (row for post, (_, places) in zip(made, some, strict=True)
                                 for row in rows.of(post.pk, places)))  # fmt: skip
            count += sum(len(places) for _name, places in some)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Comment]):
                cursor.execute(statement)
        site_changes()
    return Loaded(posts, count, time.perf_counter() - before)


def _some(waiting: Iterator[tuple[str, list[Place]]]) -> list[tuple[str, list[Place]]]:
    return list(islice(waiting, _ARTICLES_AT_ONCE))


def _article(seed: int) -> Post:
    owner = User.objects.filter(email=_OWNER).first()
    owner = owner or User.objects.create_user(_OWNER, display_name="The owner", role="owner")
    chance = random.Random(seed)
    words = "\n\n".join(" ".join(sentence(chance, 14) for _ in range(6)) for _ in range(8))
    bare = Post(title="First of all", slug="first", author=owner, status="published", body=words)
    bare.save()
    return bare


def _like(bare: Post, name: str, places: list[Place]) -> Post:
    at = places[0].at - timedelta(hours=2)
    return Post(
        title=f"With {name} comments", slug=f"with-{name}", author=bare.author, status=bare.status, body=bare.body,
        body_html=bare.body_html, summary=bare.summary, published_at=at, created_at=at,
    )  # fmt: skip


class _Rows:
    """Rows of the table of comments, in the order of `columns`."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self._texts = texts(chance, _TEXTS)
        self._html = [rendering.body_html(text, "markdown") for text in self._texts]
        self._writers = [
            (f"{chance.choice(FIRST_NAMES)} {number}", hashlib.sha1(str(number).encode()).hexdigest())
            for number in range(_WRITERS)
        ]
        self.next = (Comment.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        fields = Comment._meta.concrete_fields
        self.columns = [field.column for field in fields]
        usual = Comment(status="approved", renderer_version=rendering.RENDERER_VERSION, lft=0, rght=0, level=0)
        # JSON goes in as text; psycopg would wrap it in a type that COPY does not write.
        self._usual = [
            "[]" if field.get_internal_type() == "JSONField" else getattr(usual, field.attname) for field in fields
        ]
        self._at = {name: self.columns.index(name) for name in self.columns}

    def of(self, post_id: int, places: list[Place]) -> Iterator[list[Any]]:
        first, at, as_stored = self.next, self._at, connection.ops.adapt_datetimefield_value
        for place in places:
            row, pk = self._usual.copy(), first + place.number
            name, key = self._writers[place.writer]
            row[at["id"]] = pk
            row[at["post_id"]] = post_id
            row[at["parent_id"]] = None if place.parent is None else first + place.parent
            row[at["tree_id"]], row[at["lft"]], row[at["rght"]] = place.tree_id, place.left, place.right
            row[at["level"]] = place.level
            row[at["author_name"]], row[at["author_email"]] = name, f"{key[:8]}@example.org"
            row[at["guest_key"]] = key
            row[at["body"]], row[at["body_html"]] = self._texts[place.text], self._html[place.text]
            row[at["created_at"]] = row[at["published_at"]] = as_stored(place.at)
            row[at["fingerprint"]] = f"{pk * 0x9E3779B97F4A7C15 % 2**64:064x}"
            yield row
        self.next += len(places)


def _named(columns: list[str]) -> tuple[str, str]:
    quote = connection.ops.quote_name
    return quote(Comment._meta.db_table), ", ".join(quote(column) for column in columns)


def _copy(columns: list[str], rows: Iterable[list[Any]]) -> None:
    table, named = _named(columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert(columns: list[str], rows: Iterable[list[Any]]) -> None:
    table, named = _named(columns)
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", list(rows))
