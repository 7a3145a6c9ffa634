"""The lane as a writer, a moderator and the owner walk it, without JavaScript too, and usable by everybody."""

import pytest

from comments import care, private_links, submission
from comments.models import CareItem, Comment, HelpLine
from tests import factories
from tests.everybody import faults

from .conftest import DARK, open_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_from_dark_words_to_somebody_who_looks_after_it(open_page, log_in, post, arranged, moderator, javascript):
    HelpLine.objects.create(region="Southland", name="Listening Ear", phone="0555 200")
    writer = open_page(java_script_enabled=javascript)
    writer.goto(post.get_absolute_url())
    form = writer.locator("form.comment-form")
    form.get_by_label("Name").fill("Wren")
    form.get_by_label("E-mail").fill("wren@example.org")
    form.get_by_label("Your comment").fill(DARK)
    writer.wait_for_timeout(2_100)
    form.get_by_role("button", name="Submit").click()
    block = writer.get_by_role("region", name="If things are heavy right now")
    block.wait_for()
    block.get_by_label("Where are you?").select_option("Southland")
    block.get_by_role("button", name="Show").click()
    assert writer.get_by_role("link", name="Call 0555 200").get_attribute("href") == "tel:0555200"
    comment = Comment.objects.get()
    assert comment.status == "pending"

    desk = open_page(java_script_enabled=javascript)
    log_in(desk, moderator.user)
    desk.goto("/moderation/care/")
    assert not desk.get_by_text(DARK).is_visible()  # opened on a click, when one is ready
    desk.get_by_role("button", name="I look after this").click()
    assert desk.get_by_text(DARK).is_visible()
    desk.get_by_text("Close it", exact=True).click()
    desk.get_by_label("Somebody replied").check()
    desk.get_by_role("button", name="Close").click()
    desk.get_by_text("Nobody is waiting here.").wait_for()
    assert CareItem.objects.get().code == "replied"


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_can_be_used_by_everybody(open_page, log_in, post, arrange, owner, width):
    arrange(on_match="note")
    HelpLine.objects.create(
        name="Letters" + "x" * 80, url="https://example.org/" + "a" * 150, last_checked="2020-01-01"
    )
    comment = submission.submit(factories.draft(post, DARK, name="W" * 90))
    published = submission.submit(factories.draft(post, f"{DARK} {'x' * 300}"))
    Comment.objects.filter(pk=published.pk).update(status="approved", published_at=published.created_at)
    care.claim(open_for(published).pk, owner)
    pages = {
        "help": "/help/",
        "note": post.get_absolute_url(),
        "own": f"/comment/{comment.pk}/own/",
        "report": f"/comment/{published.pk}/report/",
        "queue": "/moderation/care/",
        "arrange": "/moderation/care/arrange/",
        "line": f"/moderation/care/arrange/line/{HelpLine.objects.first().pk}/",
        "phrases": "/moderation/care/arrange/phrases/de/",
    }
    options = {"viewport": {"width": width, "height": 800}, "bypass_csp": True}
    stranger, moderator = open_page(**options), open_page(**options)
    log_in(moderator, owner.user)
    found = []
    for name, address in pages.items():
        page = moderator if address.startswith("/moderation/") else stranger
        page.goto(private_links.link_to(comment.pk) if name == "own" else address)
        found += faults(page, name)
    assert found == []
