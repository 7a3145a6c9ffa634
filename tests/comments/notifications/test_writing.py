"""What stands in a mail, in which headers, and what never does."""

import email
import email.policy
import re

import pytest
from django.core import mail

from comments import moderation
from comments.models import Notification, Subscription
from comments.notifications import Recipient, change_preferences, preferences_of, subscriptions
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db
SECRET = "I have not told anybody that I drink"


@pytest.fixture
def post():
    return factories.post(factories.person("Blogger"), title="The bench I never sat on")


@pytest.fixture
def reply(post, michelle, published):
    parent = factories.comment(post, author=michelle)
    return published(post, f"{SECRET}.\n\n> quoted\n\nA second paragraph.", parent=parent, author_name="Jim Secretive")


def parsed(sent):
    """A mail as the other end reads it."""
    return email.message_from_bytes(sent.message().as_bytes(), policy=email.policy.default)


def visible(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(style|title)>.*?</\1>", "", html))).strip()


def test_plain_text_comes_first_and_html_second_without_anything_from_outside(reply, deliver):
    [sent] = deliver()
    message = parsed(sent)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in message.iter_parts())
    for part in (text, html):
        assert SECRET in part
        assert "A second paragraph." in part
        assert "Jim Secretive" in part
    assert "style=" in html
    assert not re.search(r"<(img|script|link|iframe|object)\b|url\(|@import|src=", html)
    addresses = set(re.findall(r'https?://[^\s"<>]+', html))
    assert {address.split("/")[2] for address in addresses} == {"testserver"}


def test_subject_sender_and_the_first_lines_quote_nobody(reply, deliver):
    [sent] = deliver()
    message = parsed(sent)
    text, html = (part.get_content() for part in message.iter_parts())
    for shown in (message["Subject"], message["From"], text[:200], visible(html)[:200]):
        for word in ("drink", "told anybody", "Jim", "Secretive"):
            assert word not in shown


def test_a_plain_subject_names_neither_site_nor_article(reply, michelle, deliver, settings):
    settings.STORIED_SITE_NAME = "Half an Acre"
    change_preferences(preferences_of(Recipient(michelle.pk)), plain_subject=True)
    [sent] = deliver()
    message = parsed(sent)
    text, html = (part.get_content() for part in message.iter_parts())
    for shown in (
        message["Subject"],
        message["From"],
        text[:100],
        visible(html)[:100],
        re.findall("<title>.*", html)[0],
    ):
        assert "Half an Acre" not in shown
        assert "bench" not in shown


def test_the_owner_can_make_all_subjects_plain(reply, deliver, settings):
    settings.STORIED_PLAIN_SUBJECTS = True
    [sent] = deliver()
    assert sent.subject == "Something new for you"


def test_the_headers_of_a_list_and_of_a_robot(reply, deliver):
    [sent] = deliver()
    message = parsed(sent)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "list"
    assert str(message["List-Id"]) == f'"The bench I never sat on" <article-{reply.post_id}.testserver>'
    assert message["List-Archive"] == f"<http://testserver/comment/{reply.pk}/>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://testserver/mail/end/[\w-]{22}/replies/>", message["List-Unsubscribe"])


def test_mails_of_one_conversation_hang_together(post, michelle, published, deliver):
    mine = factories.comment(post, author=michelle)
    first = published(post, parent=mine)
    [about_first] = deliver()
    subscriptions.follow_thread(mine, Recipient(michelle.pk))
    published(post, parent=first)
    [about_second] = deliver()
    first_id = parsed(about_first)["Message-ID"]
    assert re.fullmatch(rf"<comment\.{first.pk}\.\d+\.[a-z2-7]{{16}}@testserver>", first_id)
    message = parsed(about_second)
    assert message["In-Reply-To"] == first_id
    assert message["References"].split() == [
        f"<article.{post.pk}@testserver>", f"<comment.{mine.pk}@testserver>", first_id
    ]  # fmt: skip


def test_a_message_has_the_same_identifier_at_each_attempt(reply, deliver):
    [sent] = deliver()
    Notification.objects.update(state="owed")
    [again] = deliver()
    assert again.extra_headers["Message-ID"] == sent.extra_headers["Message-ID"]


def test_a_long_comment_is_cut_and_says_so(post, michelle, published, deliver):
    parent = factories.comment(post, author=michelle)
    published(post, "word " * 1_500, parent=parent)
    [sent] = deliver()
    assert len(sent.body) < 5_000
    assert "(The rest stands on the page.)" in sent.body


def test_what_somebody_wrote_stays_words(post, michelle, published, deliver):
    parent = factories.comment(post, author=michelle)
    published(
        post, "<script>alert(1)</script> & [a](https://spam.example/track.png) **b**", parent=parent,
        author_name="<img src=x onerror=alert(1)>",
    )  # fmt: skip
    [sent] = deliver()
    html = parsed(sent).get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<img" not in html
    assert "https://spam.example" not in html
    assert "{%" not in sent.body


def test_the_question_holds_nothing_that_a_stranger_typed(post, submitted, deliver):
    submitted(post, body="Buy pills at https://spam.example", author_url="https://spam.example/me")
    [question] = deliver()
    for part in (question.body, question.alternatives[0].content, question.subject):
        assert "spam.example" not in part
        assert "Judith" not in part.replace("Judith@example.org", "")
    assert "/mail/confirm/" in question.body


@pytest.mark.parametrize(("kind", "count"), [("approve", 1), ("reject", 1), ("remove", 1)])
def test_a_decision_never_repeats_the_text(post, michelle, deliver, kind, count):
    moderator = factories.person("Mod", role="moderator")
    status = "approved" if kind == "remove" else "pending"
    comment = factories.comment(post, SECRET, author=michelle, status=status)
    moderation.decide(comment.pk, kind, Viewer(moderator))
    [told] = deliver()
    assert SECRET not in told.body
    assert f"/comment/{comment.pk}/own/" in told.body


def test_every_mail_has_its_way_out(post, michelle, published, submitted, deliver):
    subscriptions.follow_posts(Recipient(michelle.pk))
    published(post, parent=factories.comment(post, author=michelle))
    submitted(post)
    deliver()
    assert len(mail.outbox) >= 2
    for sent in mail.outbox:
        address = sent.extra_headers["List-Unsubscribe"].strip("<>")
        assert address in sent.body
        assert f'href="{address}"' in sent.alternatives[0].content


def test_a_guest_s_mail_about_what_is_followed_ends_just_that(post, submitted, published, deliver):
    parent = submitted(post)
    wish = Subscription.objects.get()
    subscriptions.confirm(wish)
    published(post, parent=parent)
    sent = [m for m in deliver() if "Re:" in m.subject]
    assert sent[0].extra_headers["List-Unsubscribe"] == f"<http://testserver/mail/end/{wish.token}/>"
