"""Writes generated discussions into the database as fast as it takes them: COPY on PostgreSQL, one transaction."""

import hashlib
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Model

from comments import rendering
from comments.models import Comment, Discussion
from posts.models import Post
from storied.accounts.models import User
from storied.front import site_changes

from .generator import SEED, Place
from .texts import FIRST_NAMES, sentence, texts

_OWNER = "owner@example.org"
_BATCH = 5_000  # rows in one statement of SQLite
_TEXTS, _WRITERS = 500, 400


@dataclass
class Loaded:
    """What was written: the articles by name, and how long it took."""

    posts: dict[str, dict[str, Any]]
    comments: int
    seconds: float


class Loader:
    """Articles with their discussions; `finish` mends the counters of the database's own keys."""

    def __init__(self, seed: int = SEED) -> None:
        chance = random.Random(seed)
        self._texts = texts(chance, _TEXTS)
        self._html = [rendering.body_html(text, "markdown") for text in self._texts]
        self._writers = [
            (f"{chance.choice(FIRST_NAMES)} {number}", hashlib.sha1(str(number).encode()).hexdigest())
            for number in range(_WRITERS)
        ]
        self._article = "\n\n".join(" ".join(sentence(chance, 14) for _ in range(6)) for _ in range(8))
        self.owner = User.objects.filter(email=_OWNER).first() or User.objects.create_user(
            _OWNER, display_name="The owner", role="owner"
        )
        self._next_comment = (Comment.objects.aggregate(last=Max("pk"))["last"] or 0) + 1

    def load(self, discussions: Iterable[tuple[str, list[Place]]]) -> Loaded:
        """Each (name, discussion) as an article of that name, all in one transaction."""
        before, count = time.perf_counter(), 0
        posts: dict[str, dict[str, Any]] = {}
        with transaction.atomic():
            with _writing(Comment, self._template()) as write:
                for name, places in discussions:
                    post = self._post(name, places)
                    first = self._next_comment
                    write(self._rows(post.pk, first, places))
                    self._next_comment += len(places)
                    count += len(places)
                    posts[name] = {"pk": post.pk, "path": post.get_absolute_url(), "first": first, "n": len(places)}
            for statement in connection.ops.sequence_reset_sql(_no_style(), [Comment]):
                with connection.cursor() as cursor:
                    cursor.execute(statement)
            site_changes()
        return Loaded(posts, count, time.perf_counter() - before)

    def _post(self, name: str, places: Sequence[Place]) -> Post:
        at = min(place.at for place in places) - timedelta(hours=2)
        post = Post(
            title=f"The article with {name} comments", slug=f"with-{name}", author=self.owner, status="published",
            body=self._article, published_at=at, created_at=at,
        )  # fmt: skip
        post.save()
        Discussion.objects.create(post=post, comment_count=len(places), public_count=len(places))
        return post

    def _template(self) -> Comment:
        return Comment(
            status="approved", renderer_version=rendering.RENDERER_VERSION, lft=0, rght=0, tree_id=0, level=0
        )

    def _rows(self, post_id: int, first: int, places: Sequence[Place]) -> Iterator[dict[str, Any]]:
        for place in places:
            pk = first + place.number
            name, key = self._writers[place.writer]
            yield {
                "id": pk,
                "post_id": post_id,
                "parent_id": None if place.parent is None else first + place.parent,
                "tree_id": place.tree_id,
                "lft": place.left,
                "rght": place.right,
                "level": place.level,
                "author_name": name,
                "author_email": f"{key[:8]}@example.org",
                "guest_key": key,
                "body": self._texts[place.text],
                "body_html": self._html[place.text],
                "created_at": place.at,
                "published_at": place.at,
                "fingerprint": f"{pk:064x}",
            }


Write = Callable[[Iterable[dict[str, Any]]], None]


@contextmanager
def _writing(model: type[Model], template: Model) -> Iterator[Write]:
    """A function that writes rows given by column; columns that a row does not name are as in the template."""
    fields = model._meta.concrete_fields
    columns = [field.column for field in fields]
    usual = {field.column: field.get_db_prep_save(getattr(template, field.attname), connection) for field in fields}
    named = ", ".join(connection.ops.quote_name(column) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    if connection.vendor == "postgresql":
        _unwrap(usual)
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:

            def write(rows: Iterable[dict[str, Any]]) -> None:
                for row in rows:
                    copy.write_row([row.get(column, usual[column]) for column in columns])

            # The articles are written in between, over a line of their own.
            yield write
        return
    times = {field.column for field in fields if field.get_internal_type() == "DateTimeField"}
    marks = ", ".join(["%s"] * len(columns))
    adapt = connection.ops.adapt_datetimefield_value

    def insert(rows: Iterable[dict[str, Any]]) -> None:
        batch = [
            [adapt(row[c]) if c in times and row.get(c) else row.get(c, usual[c]) for c in columns] for row in rows
        ]
        with connection.cursor() as cursor:
            for start in range(0, len(batch), _BATCH):
                cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", batch[start : start + _BATCH])

    yield insert


def _unwrap(usual: dict[str, Any]) -> None:
    """What COPY writes as text: JSON as such, not in psycopg's wrapper."""
    for column, value in usual.items():
        if type(value).__name__ in {"Json", "Jsonb"}:
            usual[column] = "[]"


def _no_style() -> Any:
    from django.core.management.color import no_style

    return no_style()
