"""The main path, as a reader, a commenter and a moderator walk it, with JavaScript and without."""

import re

import pytest
from django.core.management import call_command

from comments.models import Comment
from posts.models import Post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "half-an-acre"


@pytest.fixture
def article(live_server, transactional_db):
    call_command("demo", "--yes", verbosity=0)
    return Post.objects.get(slug="the-bench-i-never-sat-on")


def log_in(page, email):
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/")


def write_a_reply(page, comment, words):
    """Presses Reply at a comment, fills the form in and submits it."""
    place = page.locator(f"#comment-{comment.pk} > article")
    place.get_by_role("link", name="Reply").click()
    form = page.locator("form.comment-form")
    form.get_by_label("Name").fill("Wren")
    form.get_by_label("E-mail").fill("wren@example.org")
    form.get_by_label("Your comment").fill(words)
    page.wait_for_timeout(2_100)  # faster than anybody types is held for that reason, too
    form.get_by_role("button", name="Submit").click()


def a_reply_to_a_reply():
    return Comment.objects.filter(level=1, author_name="Delphine").get()


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_reply_is_held_approved_read_reported_and_removed(open_page, article, javascript):
    parent = a_reply_to_a_reply()
    address = article.get_absolute_url()

    # Reading.
    guest = open_page(java_script_enabled=javascript)
    guest.goto(address)
    assert guest.get_by_role("heading", name="27 Responses to “The Bench I Never Sat On”").is_visible()
    assert guest.context.cookies() == []

    # Writing: held, with a private page that says why.
    write_a_reply(guest, parent, "A reply to a reply, with *feeling* :-)")
    assert guest.get_by_text("It waits for a moderator").is_visible()
    assert guest.get_by_text("first comment of everybody new").is_visible()
    written = Comment.objects.get(author_name="Wren")
    assert (written.status, written.parent) == ("pending", parent)
    guest.goto(address)
    own = guest.locator(f"#comment-{written.pk}")
    assert own.get_by_text("Only you can see this").is_visible()
    stranger = open_page(java_script_enabled=javascript)
    stranger.goto(address)
    assert stranger.locator(f"#comment-{written.pk}").count() == 0

    # Moderating.
    moderator = open_page(java_script_enabled=javascript)
    log_in(moderator, "moderator@example.org")
    moderator.goto("/moderation/")
    card = moderator.locator(f"#card-{written.pk}")
    assert card.get_by_text("First comment of somebody new").is_visible()
    assert card.get_by_text("Delphine", exact=True).is_visible()
    card.get_by_role("button", name="Approve").click()
    assert moderator.get_by_text("1 comment approved").is_visible()

    # Everybody sees it under its parent, with its name in words and a link to it.
    stranger.goto(address)
    place = stranger.locator(f"#comment-{parent.pk} > ol > li#comment-{written.pk}")
    assert place.get_by_text("A reply to a reply, with feeling 🙂").is_visible()
    link = place.get_by_role("link", name="Delphine")
    assert link.get_attribute("href") == f"#comment-{parent.pk}"
    assert re.search(r"in reply to\s+Delphine", place.inner_text())
    assert stranger.get_by_role("heading", name="28 Responses to").is_visible()
    stranger.goto(f"/comment/{written.pk}/")
    assert stranger.url.endswith(f"{address}#comment-{written.pk}")

    # Somebody answers, so that something stands below it; somebody reports it.
    member = open_page(java_script_enabled=javascript)
    log_in(member, "member@example.org")
    member.goto(address)
    member.locator(f"#comment-{written.pk} > article").get_by_role("link", name="Reply").click()
    member.locator("form.comment-form").get_by_label("Your comment").fill("An answer below it.")
    member.wait_for_timeout(2_100)
    member.locator("form.comment-form").get_by_role("button", name="Submit").click()
    member.wait_for_url(f"**{address}#comment-*")
    answer = Comment.objects.get(body="An answer below it.")
    assert (answer.status, answer.parent) == ("approved", written)
    stranger.goto(address)
    stranger.locator(f"#comment-{written.pk} > article").get_by_role("link", name="Report").click()
    stranger.get_by_label("Something else").check()
    stranger.get_by_role("button", name="Report").click()
    assert stranger.get_by_text("Thank you").first.is_visible()

    # Removing: the placeholder stays, with the answer below it.
    moderator.goto("/moderation/reported/")
    card = moderator.locator(f"#card-{written.pk}")
    card.get_by_text("Remove…").click()
    card.get_by_label("In your words").fill("Please write to me first.")
    card.get_by_role("button", name="Remove", exact=True).click()
    assert moderator.get_by_text("1 comment removed").is_visible()
    stranger.goto(address)
    gone = stranger.locator(f"#comment-{written.pk}")
    assert gone.get_by_text("This comment was removed by a moderator.").is_visible()
    assert "with feeling" not in stranger.content()
    assert gone.locator(f"#comment-{answer.pk}").get_by_text("An answer below it.").is_visible()

    # Its writer reads why, with the text kept.
    guest.goto(f"/comment/{written.pk}/own/")
    assert guest.get_by_text("Please write to me first.").is_visible()
    assert guest.get_by_text("A reply to a reply").is_visible()
