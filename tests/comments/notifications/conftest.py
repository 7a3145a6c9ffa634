"""What tests of mail share: events told in a transaction, time that passes, and what went out."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction

from comments import status
from comments.events import CommentSubmitted, publish
from comments.models import Notification
from comments.notifications import delivery
from tests import factories


@pytest.fixture
def outbox(settings) -> list[Any]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def deliver(outbox):
    """Sends what is owed, as if so much time had passed since it was."""

    def deliver(after: timedelta = timedelta(minutes=2)) -> list[Any]:
        before = len(outbox)
        for row in Notification.objects.owed():
            Notification.objects.filter(pk=row.pk).update(due_at=row.due_at - after, created_at=row.created_at - after)
        delivery.deliver()
        return outbox[before:]

    return deliver


@pytest.fixture
def submitted():
    """A guest's comment, submitted with the tick for replies by mail."""

    def submitted(post: Any, *, browser: str = "browser", email: str = "Judith@example.org", **fields: Any) -> Any:
        guest = factories.guest(browser)
        comment = factories.comment(post, author_email=email, guest_key=guest.guest_key, author_name="Judith", **fields)
        draft = factories.draft(post, viewer=guest, email=email, replies_by_mail=True)
        with transaction.atomic():
            publish(CommentSubmitted(comment, draft))
        return comment

    return submitted


@pytest.fixture
def published():
    """A stored comment that has just been published by a moderator's decision."""

    def published(post: Any, body: str = "", *, by: Any = None, **fields: Any) -> Any:
        comment = factories.comment(post, body, status="pending", was_public=False, **fields)
        with transaction.atomic():
            status.change_status(comment.pk, "approve", actor=by)
        comment.refresh_from_db()
        return comment

    return published


@pytest.fixture
def post():
    return factories.post(factories.person("Blogger"), title="The bench")


@pytest.fixture
def moderator():
    return factories.person("Mod", role="moderator")


@pytest.fixture
def michelle():
    return factories.person("Michelle")


@pytest.fixture
def reply(post, michelle, published):
    """A reply to Michelle, published just now."""
    parent = factories.comment(post, author=michelle)
    return published(post, "Dear Michelle, the green chair.", parent=parent, author_name="Jim")


def only(kind):
    return Notification.objects.get(kind=kind)
