"""A small site with somebody in every role and a comment in every state, and eyes that see each change."""

import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.signing import get_cookie_signer
from django.db import transaction
from django.test import Client
from django.utils import timezone

from comments import moderation
from comments.models import Comment
from comments.viewers import GUEST_COOKIE_SALT, Viewer, guest_key
from posts.models import Category, Post
from tests import factories

BROWSER_OF_THE_GUEST = "browser of the guest who wrote"
# Rows that reading may leave behind; nothing that anybody said or decided.
_NOT_COUNTED = {"sessions.Session"}


@dataclass
class House:
    owner: Any
    moderator: Any
    host: Any  # a member with an article
    member: Any  # who has written comments
    stranger: Any  # who has not
    post: Post
    other_post: Post
    draft: Post
    private: Post
    future: Post
    closed: Post
    comments: dict[str, Comment] = field(default_factory=dict)  # by state, written by the guest
    of_member: dict[str, Comment] = field(default_factory=dict)
    batch: str = ""

    def client(self, role: str, **options: Any) -> Client:
        """A browser: "guest" (knows nothing), "writer" (the guest who wrote), or a person of the house."""
        client = Client(**options)
        if role == "writer":
            name = settings.GUEST_COOKIE_NAME
            client.cookies[name] = get_cookie_signer(salt=name + GUEST_COOKIE_SALT).sign(BROWSER_OF_THE_GUEST)
        elif role != "guest":
            person = getattr(self, role)
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
            # Coming in is no change that a test looks for.
            type(person).objects.filter(pk=person.pk).update(last_login=None)
        return client


@pytest.fixture(scope="module")
def built_house(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """A house for all tests of a module: it stands in a transaction around theirs, which undo what they change."""
    there = [item for item in request.session.items if item.path == request.path and _commits(item)]
    assert not there, f"{there} would find an empty house and leave none: they belong into a module of their own."
    with django_db_blocker.unblock(), transaction.atomic():
        built = build()
        with django_db_blocker.block():
            yield built
        transaction.set_rollback(True)


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or "transactional_db" in item.fixturenames


@pytest.fixture
def house(built_house: House, db: None) -> House:
    return copy.deepcopy(built_house)


def build() -> House:
    factories.published_guidelines()
    people = {
        name: factories.person(name.title(), role=role)
        for name, role in (
            ("owner", "owner"), ("moderator", "moderator"), ("host", "member"), ("member", "member"),
            ("stranger", "member"),
        )
    }  # fmt: skip
    posts = {
        "post": factories.post(people["host"], title="An open article", slug="open"),
        "other_post": factories.post(people["owner"], title="Another article", slug="other"),
        "draft": factories.post(people["owner"], title="A hidden draft", slug="draft", status="draft"),
        "private": factories.post(people["owner"], title="A hidden diary", slug="private", status="private"),
        "future": factories.post(
            people["owner"], title="A hidden future", slug="future", published_at=timezone.now() + timedelta(days=9)
        ),
        "closed": factories.post(people["owner"], title="A closed article", slug="closed"),
    }
    posts["closed"].discussion.is_open = False
    posts["closed"].discussion.save()
    made = House(**people, **posts)
    factories.post(people["owner"], kind="page", title="A page", slug="page")
    posts["post"].categories.add(Category.objects.create(name="Walks", slug="walks"))
    key = guest_key(BROWSER_OF_THE_GUEST)
    # Long enough ago to be no flood; each in a millisecond of its own, so that no two trees draw lots for a number.
    began = timezone.now() - timedelta(hours=3)
    times = (began + timedelta(milliseconds=number) for number in count())
    for state in Comment.Status.values:
        made.comments[state] = factories.comment(
            made.post, f"Words of the guest, {state}.", status=state, author_name="Ruth", guest_key=key,
            author_email="ruth.secret@example.org", network="0123456789abcdef0123456789abcdef",
            created_at=next(times),
        )  # fmt: skip
        made.of_member[state] = factories.comment(
            made.post, f"Words of the member, {state}.", status=state, author=made.member, created_at=next(times)
        )
    made.comments["elsewhere"] = factories.comment(
        made.other_post, "Elsewhere.", author_name="Ruth", guest_key=key, created_at=next(times)
    )
    made.comments["linkback"] = factories.comment(made.post, "A linkback.", kind="pingback")
    for name in ("draft", "private", "future"):
        made.comments[name] = factories.comment(
            getattr(made, name), f"Below the {name}.", guest_key=key, created_at=next(times)
        )
    batch, _ = moderation.decide_all([made.comments["approved"].pk], "remove", Viewer(made.owner))
    moderation.undo_all(batch, Viewer(made.owner))
    made.batch = str(batch)
    return made


@pytest.fixture
def all_rows() -> Callable[[], dict[str, str]]:
    """A digest of each table, to be compared before and after."""

    def digest() -> dict[str, str]:
        found = {}
        for model in apps.get_models():
            if model._meta.label in _NOT_COUNTED or not model._meta.managed:
                continue
            rows = sorted(map(repr, model._base_manager.values_list()))
            found[model._meta.label] = (
                f"{len(rows)} rows {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()[:12]}"
            )
        return found

    return digest
