"""What scripts make nicer: each of it also works without them, as the journey shows."""

import pytest

from comments.models import Comment
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post()


def form(page):
    return page.locator("form.comment-form")


def test_reply_moves_the_form_below_the_comment_and_cancel_gives_the_focus_back(page, post):
    comment = factories.comment(post, author_name="Michelle")
    page.goto(post.get_absolute_url())
    reply = page.locator(f"#comment-{comment.pk}").get_by_role("link", name="Reply")
    reply.click()
    inside = page.locator(f"#comment-{comment.pk} form.comment-form")
    assert inside.get_by_label("Your comment").evaluate("box => box === document.activeElement")
    assert page.get_by_role("heading", name="Reply to Michelle").is_visible()
    page.keyboard.press("Escape")
    assert reply.evaluate("link => link === document.activeElement")
    assert page.locator(f"#comment-{comment.pk} form").count() == 0


def test_a_draft_survives_a_reload_and_is_forgotten_once_it_was_sent(page, post):
    page.goto(post.get_absolute_url())
    form(page).get_by_label("Your comment").fill("A long letter, half done.")
    page.reload()
    assert form(page).get_by_label("Your comment").input_value() == "A long letter, half done."
    form(page).get_by_label("Name").fill("Wren")
    form(page).get_by_label("E-mail").fill("wren@example.org")
    form(page).get_by_role("button", name="Submit").click()
    page.get_by_text("It waits for a moderator").wait_for()
    page.goto(post.get_absolute_url())
    assert form(page).get_by_label("Your comment").input_value() == ""


def test_a_preview_appears_without_leaving_the_page(page, post):
    page.goto(post.get_absolute_url())
    form(page).get_by_label("Your comment").fill("Some *words* <script>alert(1)</script>")
    form(page).get_by_role("button", name="Preview").click()
    preview = form(page).get_by_role("region", name="Preview")
    preview.get_by_text("words", exact=True).wait_for()
    assert preview.locator("em").inner_text() == "words"
    assert "<script>alert(1)</script>" in preview.inner_text()
    assert not Comment.objects.exists()


def test_a_double_click_on_submit_makes_one_comment(page, post):
    page.goto(post.get_absolute_url())
    form(page).get_by_label("Name").fill("Wren")
    form(page).get_by_label("E-mail").fill("wren@example.org")
    form(page).get_by_label("Your comment").fill("Once is enough.")
    form(page).get_by_role("button", name="Submit").dblclick()
    page.get_by_text("It waits for a moderator").wait_for()
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_refused_form_shows_each_error_at_its_field_and_keeps_the_text(open_page, post, javascript):
    page = open_page(java_script_enabled=javascript)
    page.goto(post.get_absolute_url())
    form(page).get_by_label("Your comment").fill("Words worth keeping.")
    form(page).get_by_label("E-mail").fill("nobody")
    form(page).get_by_role("button", name="Submit").click()
    name = form(page).get_by_label("Name")
    assert name.get_attribute("aria-invalid") == "true"
    described = name.get_attribute("aria-describedby").split()
    assert any("What may we call you?" in page.locator(f"#{element}").inner_text() for element in described)
    assert form(page).get_by_label("E-mail").input_value() == "nobody"
    assert form(page).get_by_label("Your comment").input_value() == "Words worth keeping."


def test_a_moderator_clears_the_queue_by_keyboard(page, log_in, post):
    waiting = [factories.comment(post, status="pending") for _ in range(3)]
    log_in(page, factories.person("Mod", "moderator"))
    page.goto("/moderation/pending/")
    for _ in waiting:
        page.keyboard.press("j")
        page.keyboard.press("a")
        page.get_by_text("1 comment approved").wait_for()
    assert page.get_by_text("Nobody is waiting.").is_visible()
    assert Comment.objects.approved().count() == 3
