"""A guest asks for replies by mail, confirms, is answered, reads the mail, ends it with one click: over real SMTP."""

import email
import email.policy
import re
import socket
import urllib.parse
import urllib.request

import pytest
from aiosmtpd.controller import Controller
from axe_playwright_python.sync_playwright import Axe

from comments import moderation
from comments.models import Comment, MailPreferences, Notification, Subscription
from comments.notifications import Recipient, delivery, preferences_of, subscriptions
from comments.viewers import Viewer
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Postbox:
    """What a mail server took, as a mail program reads it."""

    def __init__(self) -> None:
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def postbox(settings, live_server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.SITE_URL = live_server.url
    yield box
    controller.stop()


@pytest.fixture
def news(postbox):
    """The mails that arrive when a minute has passed."""

    def news():
        before = len(postbox.mails)
        Notification.objects.owed().update(due_at="2026-01-01T00:00Z")
        delivery.deliver()
        return postbox.mails[before:]

    return news


def text_of(message):
    return message.get_body(("plain",)).get_content()


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_guest_is_told_of_an_answer_and_ends_it_from_the_mail(open_page, news, javascript):
    moderator = factories.person("Mod", role="moderator")
    MailPreferences.objects.create(who=f"account:{moderator.pk}", user=moderator, alerts="never")
    post = factories.post(moderator, title="The bench")
    guest = open_page(java_script_enabled=javascript)

    # Writing, with the tick.
    guest.goto(post.get_absolute_url())
    form = guest.locator("form.comment-form")
    form.get_by_label("Name").fill("Judith")
    form.get_by_label("E-mail").fill("judith@example.org")
    form.get_by_label("Your comment").fill("I have never said this to anybody.")
    form.get_by_label("Tell me about replies by mail").check()
    guest.wait_for_timeout(2_100)  # faster than anybody types is held for that reason, too
    form.get_by_role("button", name="Submit").click()
    assert guest.get_by_text("It waits for a moderator").is_visible()

    # The question comes by mail, and a yes is a click on a button.
    [question] = news()
    assert question["To"] == "judith@example.org"
    link = re.search(r"http\S+/mail/confirm/\S+", text_of(question))[0]
    guest.goto(link)
    guest.get_by_role("button", name="Yes, send me mail").click()
    assert guest.get_by_role("heading", name="Thank you. You will get mail").is_visible()

    # The decision, then an answer.
    written = Comment.objects.get(author_name="Judith")
    moderation.decide(written.pk, "approve", Viewer(moderator))
    [decision] = news()
    assert "is published" in text_of(decision)
    answer(post, written, "You are not alone with it.", moderator)
    [reply] = news()
    assert "You are not alone with it." in text_of(reply)
    guest.goto(re.search(r"http\S+/comment/\d+/", text_of(reply))[0])
    assert guest.get_by_text("You are not alone with it.").is_visible()

    # One click, as a mail program sends it: no cookie, no page.
    way_out = reply["List-Unsubscribe"].strip("<>")
    with urllib.request.urlopen(way_out, urllib.parse.urlencode({"List-Unsubscribe": "One-Click"}).encode()) as done:
        assert done.status == 200
        assert done.url == way_out
    answer(post, written, "And another answer.", moderator)
    assert news() == []
    assert Subscription.objects.get().end_reason == "unsubscribed"


def answer(post, parent, words, moderator):
    reply = factories.comment(post, words, parent=parent, status="pending", was_public=False)
    moderation.decide(reply.pk, "approve", Viewer(moderator))


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_pages_about_mail_can_be_used_by_everybody(open_page, log_in, postbox, news, width, scheme):
    owner = factories.person("Host", "owner")
    post = factories.post(owner, title="Onalonglongwordthatnobodyeverbrokeandthatgoesonandonandonandonandon")
    comment = factories.comment(post, author=owner, body="w" * 300)
    subscriptions.follow_article(post, Recipient(owner.pk))
    subscriptions.mute_thread(comment, Recipient(owner.pk))
    asked = subscriptions.follow_article(post, Recipient(email="judith@example.org"))
    Notification.objects.filter(kind="confirm").update(
        state="failed", why="550 " + "x" * 250, ended_at="2026-01-01T00:00Z"
    )
    token = preferences_of(Recipient(email="judith@example.org")).token
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    addresses = [
        f"/mail/follow/article/{post.pk}/", f"/mail/follow/thread/{comment.pk}/", "/mail/follow/",
        f"/mail/settings/{token}/", f"/mail/end/{asked.token}/", f"/mail/end/{token}/all/",
        f"/mail/confirm/{subscriptions.confirmation_token(asked)}/", "/mail/settings/", "/moderation/mail/",
    ]  # fmt: skip
    for address in addresses:
        if address == "/mail/settings/":
            log_in(page, owner)
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        assert violations == [], (address, violations)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
