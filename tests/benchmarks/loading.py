"""Writes generated discussions into the database by `tree.insert_many`, the way of the importers."""

import hashlib
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from types import SimpleNamespace
from typing import Any

from django.db import transaction

from comments import rendering, tree
from comments.models import Comment, Discussion
from posts.models import Post
from storied.accounts.models import User

from .generator import SEED, Place
from .texts import FIRST_NAMES, sentence, texts

_OWNER = "owner@example.org"
_TEXTS, _WRITERS = 500, 400
_ARTICLES_AT_ONCE = 100


@dataclass
class Loaded:
    """What was written: the articles by name, and how long it took."""

    posts: dict[str, dict[str, Any]]
    comments: int
    seconds: float


# What is made of the rows of the article of that name, which are all published otherwise.
Change = Callable[[str, list[SimpleNamespace]], None]


def load(discussions: Iterable[tuple[str, list[Place]]], seed: int = SEED, change: Change | None = None) -> Loaded:
    """Each (name, discussion) as an article of that name; the time is that of the writing alone."""
    seconds, count = 0.0, 0
    posts: dict[str, dict[str, Any]] = {}
    bare, rows = _article(seed), _Rows(seed)
    waiting = iter(discussions)
    while some := list(islice(waiting, _ARTICLES_AT_ONCE)):
        made = [_like(bare, name, places) for name, places in some]
        before = time.perf_counter()
        with transaction.atomic():
            Post.objects.bulk_create(made)
            comments: list[Any] = []
            discussions_made = []
            for post, (name, places) in zip(made, some, strict=True):
                of_post = list(rows.of(post.pk, places))
                if change is not None:
                    change(name, of_post)
                public = sum(row.published_at is not None for row in of_post)
                discussions_made.append(Discussion(post=post, comment_count=public, public_count=public))
                comments += of_post
            Discussion.objects.bulk_create(discussions_made)
            tree.insert_many(comments)
        seconds += time.perf_counter() - before
        first = comments[0].id
        for post, (name, places) in zip(made, some, strict=True):
            posts[name] = {"pk": post.pk, "path": post.get_absolute_url(), "first": first, "comments": len(places)}
            first += len(places)
        count += len(comments)
    return Loaded(posts, count, seconds)


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
    """Comments, as little of them as the database needs: ten thousand of the model itself take half the time."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self._texts = texts(chance, _TEXTS)
        self._html = [rendering.body_html(text, "markdown") for text in self._texts]
        self._writers = [
            (f"{chance.choice(FIRST_NAMES)} {number}", hashlib.sha1(str(number).encode()).hexdigest())
            for number in range(_WRITERS)
        ]
        usual = Comment(status="approved", renderer_version=rendering.RENDERER_VERSION)
        self._usual = {field.attname: getattr(usual, field.attname) for field in Comment._meta.concrete_fields}
        self._count = 0

    def of(self, post_id: int, places: list[Place]) -> Iterator[SimpleNamespace]:
        made: list[SimpleNamespace] = []
        for place in places:
            self._count += 1
            name, key = self._writers[place.writer]
            row = SimpleNamespace(**self._usual)
            row.post_id, row.parent = post_id, None if place.parent is None else made[place.parent]
            row.author_name, row.author_email, row.guest_key = name, f"{key[:8]}@example.org", key
            row.body, row.body_html = self._texts[place.text], self._html[place.text]
            row.created_at = row.published_at = place.at
            row.fingerprint = hashlib.blake2b(b"%d.%d" % (post_id, self._count), digest_size=16).hexdigest()
            made.append(row)
            yield row
