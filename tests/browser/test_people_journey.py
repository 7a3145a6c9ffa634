"""One person's way: writes as a guest, hears of an answer and answers by mail, ends the mail with one click, opens an
account with the same address, finds the comments there, takes the name off, and is erased. Mail goes over real SMTP.
"""

import re
import urllib.parse
import urllib.request
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.urls import reverse
from django.utils import timezone

from comments import moderation
from comments.models import Comment, Erasure, MailPreferences, Notification, ReceivedMail, Subscription
from comments.privacy import erasure, letters
from comments.privacy_forms import TYPED
from comments.viewers import Viewer
from storied.accounts.models import User
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADDRESS = "judith@example.org"
SECRET = "a-secret-of-the-mail-server"


@pytest.fixture
def moderator():
    """Somebody who answers, and wants no mail of what waits."""
    person = factories.person("Mod", role="moderator")
    MailPreferences.objects.create(who=f"account:{person.pk}", user=person, alerts="never")
    return person


def text_of(message):
    return message.get_body(("plain",)).get_content()


def link_in(message, path):
    return re.search(rf"http\S+{path}\S*", text_of(message))[0]


# --- The steps ---


def write_as_a_guest(page, post, words):
    """With the tick that asks for mail."""
    page.goto(post.get_absolute_url())
    form = page.locator("form.comment-form")
    form.get_by_label("Name").fill("Judith")
    form.get_by_label("E-mail").fill(ADDRESS)
    form.get_by_label("Your comment").fill(words)
    form.get_by_label("Tell me about replies by mail").check()
    page.wait_for_timeout(2_100)  # faster than anybody types is held for that reason, too
    form.get_by_role("button", name="Submit").click()
    assert page.get_by_text("It waits for a moderator").is_visible()
    return Comment.objects.get(author_name="Judith")


def say_yes_to_mail(page, question):
    """The question comes by mail, and a yes is a click on a button."""
    assert question["To"] == ADDRESS
    page.goto(link_in(question, "/mail/confirm/"))
    page.get_by_role("button", name="Yes, send me mail").click()
    assert page.get_by_role("heading", name="Thank you. You will get mail").is_visible()


def answered(post, parent, words, moderator):
    """Somebody answers, and it is published."""
    reply = factories.comment(post, words, parent=parent, author_name="Jim", status="pending", was_public=False)
    moderation.decide(reply.pk, "approve", Viewer(moderator))
    return reply


def answer_by_mail(live_server, told, words):
    """As a mail program writes it, and as a mail server hands it over; what became of it."""
    message = EmailMessage()
    message["From"] = f"A Name From A Passport <{ADDRESS}>"
    message["To"] = told["Reply-To"]
    message["Subject"] = told["Subject"]
    message["Message-ID"] = "<answer.1@home.example>"
    quoted = "".join(f"> {line}\n" for line in text_of(told).splitlines())
    message.set_content(f"{words}\n\nOn Wed, Nov 25, 2026 at 8:14 PM Storied <{told['From']}> wrote:\n\n{quoted}")
    request = urllib.request.Request(
        f"{live_server.url}/mail/incoming/", message.as_bytes(),
        {"Authorization": f"Bearer {SECRET}", "Content-Type": "message/rfc822"},
    )  # fmt: skip
    with urllib.request.urlopen(request) as done:
        return done.read().decode().strip()


def end_with_one_click(told):
    """As a mail program sends it: no cookie, no page (RFC 8058)."""
    way_out = re.match(r"<(http[^>]+)>", told["List-Unsubscribe"])[1]
    with urllib.request.urlopen(way_out, urllib.parse.urlencode({"List-Unsubscribe": "One-Click"}).encode()) as done:
        assert done.status == 200
        assert done.url == way_out


def open_an_account(page, postbox):
    """With the same address, proved by a code that comes by mail."""
    page.goto("/accounts/signup/")
    form = page.locator("main form")
    form.get_by_label("Name").fill("Judith of the Acre")
    form.get_by_label(re.compile("^E-?mail")).fill(ADDRESS)
    form.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    before = len(postbox.mails)
    form.get_by_role("button", name="Open the account").click()
    [code] = postbox.mails[before:]
    [letters] = re.findall(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})*)\s*$", text_of(code), re.M)
    page.locator("input[name=code]").fill(letters)
    page.locator("main form").get_by_role("button").first.click()
    page.wait_for_url(lambda address: "confirm" not in address)


def take_the_name_off(page):
    page.goto("/accounts/names/")
    page.get_by_role("button", name="Take my name off").click()
    page.get_by_role("button", name="Take my name off").wait_for(state="detached")


def ask_to_be_erased(page, postbox):
    """A mail is to be answered first; then there is time to think, and then it is done."""
    page.goto(reverse("privacy:erase"))
    page.get_by_label("They go, too").check()
    page.get_by_label("To go on, type").fill(TYPED)
    before = len(postbox.mails)
    page.get_by_role("button", name="Send me the mail").click()
    page.get_by_label("Password").fill(factories.PASSWORD)  # who sits down at an open computer cannot do this
    page.get_by_role("button", name="Go on").click()
    page.get_by_text(ADDRESS).wait_for()
    letters.send_owed()
    [asked] = postbox.mails[before:]
    page.goto(link_in(asked, "/privacy/erasure/"))
    page.get_by_role("button", name="Yes, erase me").click()
    page.get_by_role("button", name="Call it off").wait_for()
    assert erasure.carry_out_all() == 0
    Erasure.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert erasure.carry_out_all() == 1


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_from_a_first_comment_to_an_account_and_out_of_sight(
    open_page, live_server, news, postbox, moderator, settings, javascript
):
    settings.STORIED_REPLY_ADDRESS, settings.STORIED_MAIL_HOOK_SECRET = "reply@mail.example.org", SECRET
    post = factories.post(moderator, title="The bench")
    guest = open_page(java_script_enabled=javascript)
    written = write_as_a_guest(guest, post, "I have never said this to anybody.")
    [question] = news()
    say_yes_to_mail(guest, question)

    moderation.decide(written.pk, "approve", Viewer(moderator))
    [decision] = news()
    assert "is published" in text_of(decision)
    answered(post, written, "You are not alone with it.", moderator)
    [told] = news()
    assert "You are not alone with it." in text_of(told)
    guest.goto(link_in(told, "/comment/"))
    assert guest.get_by_text("You are not alone with it.").is_visible()

    assert answer_by_mail(live_server, told, "Thank you, Jim. It helps.") == "taken"
    guest.goto(post.get_absolute_url())
    by_mail = guest.locator("article", has_text="Thank you, Jim. It helps.").last
    assert "Judith" in by_mail.inner_text()
    assert "Passport" not in guest.content()

    end_with_one_click(told)
    answered(post, written, "And another answer.", moderator)
    assert news() == []
    assert Subscription.objects.get().end_reason == "unsubscribed"

    open_an_account(guest, postbox)
    mine = Comment.objects.filter(author__emailaddress__email=ADDRESS)
    assert set(mine.values_list("body", flat=True)) == {
        "I have never said this to anybody.", "Thank you, Jim. It helps."
    }  # fmt: skip

    take_the_name_off(guest)
    reader = open_page(java_script_enabled=javascript)
    reader.goto(post.get_absolute_url())
    assert "Judith" not in reader.content()
    assert reader.get_by_text("I have never said this to anybody.").is_visible()

    ask_to_be_erased(guest, postbox)
    reader.goto(post.get_absolute_url())
    assert not reader.get_by_text("I have never said this to anybody.").is_visible()
    assert reader.get_by_text("You are not alone with it.").is_visible()
    assert reader.get_by_text("And another answer.").is_visible()
    assert not User.objects.filter(emailaddress__email=ADDRESS).exists()
    for model in (Notification, Subscription, ReceivedMail):
        assert not model.objects.filter(who=f"mail:{ADDRESS}").exists()
