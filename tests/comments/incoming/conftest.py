"""What tests of incoming mail share: a mail that was sent, and what a person's program makes of answering it."""

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest

from comments.incoming import receive
from comments.models import Comment, Subscription
from comments.notifications import subscriptions
from tests import factories
from tests.comments.notifications.conftest import deliver, outbox, published, submitted  # noqa: F401

SENDER = "storied@example.org"


@pytest.fixture(autouse=True)
def reply_address(settings):
    settings.STORIED_REPLY_ADDRESS = "reply@mail.example.org"
    settings.DEFAULT_FROM_EMAIL = SENDER
    settings.STORIED_MAIL_HOOK_SECRET = "a-secret-of-the-mail-server"


@pytest.fixture
def post():
    return factories.post(factories.person("Blogger"), title="The bench")


@pytest.fixture
def michelle():
    """A member who has been here for a while."""
    return factories.person("Michelle", standing="trusted")


@pytest.fixture
def told(post, michelle, published, deliver):  # noqa: F811
    """The mail that tells Michelle of a reply."""
    [sent] = [m for m in told_of_a_reply(post, published, deliver, author=michelle) if m.to == [michelle.email]]
    return sent


def told_of_a_reply(post: Any, published: Any, deliver: Any, **parent: Any) -> list[Any]:  # noqa: F811
    published(post, "You are not alone with it.", parent=factories.comment(post, **parent), author_name="Jim")
    return deliver()


@pytest.fixture
def guest_told(post, submitted, published, deliver):  # noqa: F811
    """The mail that tells Judith, a guest with a confirmed address, of a reply."""
    mine = submitted(post)
    subscriptions.confirm(Subscription.objects.get())
    deliver()
    published(post, "You are not alone with it.", parent=mine, author_name="Jim")
    [sent] = [m for m in deliver() if "Re:" in m.subject]
    return sent


def as_read(sent: Any) -> EmailMessage:
    return email.message_from_bytes(sent.message().as_bytes(), policy=email.policy.default)


def answer(sent: Any, words: str = "Thank you, Jim.", **headers: Any) -> EmailMessage:
    """What somebody's mail program sends when they answer; a header of None is left out."""
    got = as_read(sent)
    message = EmailMessage()
    fields = {
        "From": f"Somebody With A Passport <{sent.to[0]}>", "To": got["Reply-To"], "Subject": got["Subject"],
        "Message-ID": "<answer.1@home.example>", "In-Reply-To": got["Message-ID"],
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    for name, value in fields.items():
        if value is not None:
            message[name] = value
    quoted = "".join(f"> {line}\n" for line in got.get_body(("plain",)).get_content().splitlines())
    message.set_content(f"{words}\n\nOn Wed, Nov 25, 2026 at 8:14 PM Storied <{SENDER}> wrote:\n\n{quoted}")
    return message


def come_in(message: Any, **envelope: Any) -> str:
    return receive(message if isinstance(message, bytes) else message.as_bytes(), **envelope)


def newest():
    return Comment.objects.order_by("-pk").first()


def refusal(told, deliver, **headers):  # noqa: F811
    """What is said to an answer that is not taken."""
    assert come_in(answer(told, "My long thoughts.", **headers)) == "refused"
    assert not Comment.objects.filter(body="My long thoughts.").exists()
    [said] = deliver()
    assert said.to == told.to
    assert "My long thoughts." in said.body
    assert "My long" not in said.subject + said.body[:150]
    assert said.extra_headers["Auto-Submitted"] == "auto-generated"
    return said
