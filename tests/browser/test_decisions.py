"""A refusal from end to end in two browsers: the reader's without JavaScript, the moderator's with it."""

import pytest

from comments import private_links
from comments.models import Comment
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def post():
    factories.published_guidelines("Be kind", "Speak for yourself")
    return factories.post()


def test_declined_with_words_asked_about_and_published_after_all(open_page, page_without_javascript, log_in, post):
    comment = factories.comment(post, "My **own** words.", status="pending", author_name="Ruth")
    desk, writer = open_page(), page_without_javascript
    log_in(desk, factories.person("Mod", "moderator"))
    desk.goto("/moderation/pending/")
    desk.get_by_text("Decline…").click()
    desk.get_by_label("Words to begin with").first.select_option(label="It may hurt somebody")
    box = desk.get_by_label("In your words, for the author to read").first
    assert box.input_value().startswith("Thank you for writing, {name}.")
    desk.get_by_role("button", name="Decline", exact=True).click()
    desk.get_by_text("1 comment declined").wait_for()

    writer.goto(private_links.link_to(comment.pk))
    assert writer.get_by_text("Thank you for writing, Ruth.").is_visible()
    writer.get_by_role("link", name="Ask for a second look").click()
    writer.get_by_label("What should be looked at again?").fill("I meant myself.")
    writer.get_by_role("button", name="Ask for a second look").click()
    assert writer.get_by_text("You have asked for a second look").is_visible()

    other = open_page()
    log_in(other, factories.person("Other", "moderator"))
    other.goto("/moderation/appeals/")
    assert other.get_by_text("I meant myself.").is_visible()
    other.get_by_label("Your answer, for the author to read").fill("You are right.")
    other.get_by_role("button", name="Publish it after all").click()
    other.get_by_text("was published again").wait_for()
    writer.goto(private_links.link_to(comment.pk))
    assert writer.get_by_text("You are right.").is_visible()
    assert Comment.objects.get(pk=comment.pk).is_approved


def test_a_passage_is_selected_in_the_text_and_taken_out(page, log_in, post):
    comment = factories.comment(post, "One secret here. One secret there.")
    log_in(page, factories.person("Mod", "moderator"))
    page.goto(f"/moderation/comment/{comment.pk}/redact/")
    page.locator("[data-source]").evaluate(
        """source => {
            const text = source.firstChild, at = text.data.lastIndexOf("secret"), range = document.createRange();
            range.setStart(text, at);
            range.setEnd(text, at + "secret".length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            source.dispatchEvent(new Event("mouseup"));
        }"""
    )
    assert page.get_by_label("The passage to take out").input_value() == "secret"
    assert page.locator("[name=occurrence]").input_value() == "2"
    page.get_by_role("button", name="Show what it would be").click()
    assert page.get_by_text("One secret here. One [removed: method detail] there.").is_visible()
    page.get_by_role("button", name="Take it out").click()
    page.get_by_role("button", name="Put it back").wait_for()
    assert "[removed: method detail\\] there." in Comment.objects.get(pk=comment.pk).body
    page.get_by_role("button", name="Put it back").click()
    page.get_by_text("The passage is back where it was.").wait_for()
    assert Comment.objects.get(pk=comment.pk).body == "One secret here. One secret there."


def test_a_passage_that_is_selected_at_the_desk_comes_along_and_stands_in_no_address(page, log_in, post):
    comment = factories.comment(post, "I live at 12 Elm Road, alone.", status="pending")
    other = factories.comment(post, "Something else.", status="pending")
    log_in(page, factories.person("Mod", "moderator"))
    page.goto("/moderation/pending/")
    page.keyboard.press("j")
    page.locator(f"[data-number='{comment.pk}'] [data-words] p").evaluate(
        """words => {
            const range = document.createRange(), at = words.firstChild.data.indexOf("12 Elm Road");
            range.setStart(words.firstChild, at);
            range.setEnd(words.firstChild, at + "12 Elm Road".length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    page.keyboard.press("e")
    page.wait_for_url(f"**/moderation/comment/{comment.pk}/redact/")
    assert page.get_by_label("The passage to take out").input_value() == "12 Elm Road"
    for again in (comment, other):
        page.goto(f"/moderation/comment/{again.pk}/redact/")
        assert page.get_by_label("The passage to take out").input_value() == ""
