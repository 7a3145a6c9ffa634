"""The things that tests need, made the way the house makes them."""

from datetime import timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from comments import guidelines, rendering, status, tree
from comments.models import Comment, Discussion, GuidelineVersion, Restriction, WatchedWords
from comments.spam import stamps
from comments.submission import Draft
from comments.viewers import Viewer, guest_key
from posts.models import Post
from storied.accounts.models import User

PASSWORD = "a long pass phrase for tests"
_numbers = count(1)


def person(name: str = "", role: str = "member", **fields: Any) -> User:
    """An account with a verified address."""
    name = name or f"Person {next(_numbers)}"
    address = f"{'.'.join(name.lower().split())}.{next(_numbers)}@example.org"
    user = User.objects.create_user(address, PASSWORD, display_name=name, role=role, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def post(author: User | None = None, **fields: Any) -> Post:
    """A published article."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "title": f"Article {number}",
        "slug": f"article-{number}",
        "body": "Some words.\n\n> Words of somebody else.",
        "status": Post.Status.PUBLISHED,
        "published_at": timezone.now() - timedelta(days=1),
    }
    made = Post.objects.create(author=author or person(), **{**defaults, **fields})
    Discussion.objects.get_or_create(post=made)
    return made


def published_guidelines(*titles: str) -> GuidelineVersion:
    """The next version of the guidelines."""
    clauses = [
        guidelines.Clause(title.lower().replace(" ", "-"), title, f"{title}.", f"More about: {title}.")
        for title in titles or ("Be kind", "Speak for yourself")
    ]
    return guidelines.publish(clauses, summary_of_change="Some words were changed.")


def comment(
    post: Post, body: str = "", *, parent: Comment | None = None, author: User | None = None, **fields: Any
) -> Comment:
    """A stored comment at its place, published unless `status` says otherwise."""
    number = next(_numbers)
    body = body or f"Comment {number}."
    state = fields.pop("status", Comment.Status.APPROVED)
    was_public = fields.pop("was_public", state in {Comment.Status.APPROVED, Comment.Status.REMOVED})
    now = fields.pop("created_at", timezone.now())
    made = Comment(
        post=post,
        author=author,
        author_name=fields.pop("author_name", author.display_name if author else f"Guest {number}"),
        body=body,
        body_html=rendering.body_html(body, fields.get("body_format", "markdown")),
        renderer_version=rendering.RENDERER_VERSION,
        status=state,
        created_at=now,
        published_at=now if was_public else None,
        **fields,
    )
    with transaction.atomic():
        tree.insert(made, tree.lock_thread(parent.pk) if parent else None)
        status.begin(made)
    made.refresh_from_db()
    return made


def restriction(account: User, kind: str = "hold", **fields: Any) -> Restriction:
    """Keeps somebody from writing, or from writing unread."""
    return Restriction.objects.create(account=account, kind=kind, **{"reason": "A test.", **fields})


def watched(words: str, action: str = "hold", language: str = "") -> WatchedWords:
    """A list of watched words, one a line."""
    return WatchedWords.objects.create(language=language, action=action, words=words)


def guest(browser: str = "") -> Viewer:
    """A guest's browser, known by its cookie."""
    return Viewer(guest_key=guest_key(browser or f"browser {next(_numbers)}"))


def draft(post: Post, body: str = "", **fields: Any) -> Draft:
    """What a guest would send from the article's page, filled in as it should be."""
    version = guidelines.current()
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "viewer": guest(),
        "name": f"Guest {number}",
        "email": f"guest{number}@example.org",
        "guidelines_version": version.number if version else None,
        "sentence": guidelines.SENTENCE,
        "stamp": stamp(post),
    }
    return Draft(post=post, body=body or f"Words of a guest, {number}.", **{**defaults, **fields})


def stamp(post: Post, *, seconds_ago: int = 60) -> str:
    """The time stamp of a form that was made a while ago."""
    import time
    from unittest import mock

    with mock.patch("time.time", return_value=time.time() - seconds_ago):
        return stamps.new_stamp(post.pk)


def form(post: Post, body: str = "Words from a form.", **fields: Any) -> dict[str, Any]:
    """The fields that a browser sends for a guest's comment."""
    version = guidelines.current()
    return {
        "name": "Judith",
        "email": "judith@example.org",
        "url": "",
        "body": body,
        "parent": "",
        "guidelines_version": version.number if version else "",
        "stamp": stamp(post),
        "homepage": "",
        **fields,
    }
