"""What tests in a browser share about mail: a real mail server, and a minute that passes."""

import email
import email.policy
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from comments.models import Notification
from comments.notifications import delivery
from tests.ports import free_port


class Postbox:
    """What a mail server took, as a mail program reads it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def postbox(settings: Any, live_server: Any) -> Iterator[Postbox]:
    port = free_port()
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.SITE_URL = live_server.url
    yield box
    controller.stop()


@pytest.fixture
def news(postbox: Postbox) -> Callable[[], list[EmailMessage]]:
    """The mails that arrive when a minute has passed."""

    def news() -> list[EmailMessage]:
        before = len(postbox.mails)
        Notification.objects.owed().update(due_at="2026-01-01T00:00Z")
        delivery.deliver()
        return postbox.mails[before:]

    return news
