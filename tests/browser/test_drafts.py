"""What is typed is not lost: with an account on every device, and in a guest's own browser as they wish."""

import pytest

from comments import unsent
from comments.models import Comment, HouseRules, UnsentText
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def post():
    factories.published_guidelines()
    HouseRules.change({"hold_newcomers": False, "min_seconds": 0}, by=None)
    return factories.post()


@pytest.fixture
def cleo():
    return factories.person("Cleo")


@pytest.fixture
def device(open_page, log_in, cleo, post):
    """Opens the article on another device of hers."""

    def device(**options):
        page = open_page(**options)
        log_in(page, cleo)
        page.goto(post.get_absolute_url())
        return page

    return device


def box(page):
    return page.locator("form.comment-form").get_by_label("Your comment")


def status(page):
    return page.locator("[data-status]")


def type_and_wait(page, words):
    with page.expect_response(lambda answer: answer.url.endswith("/draft/")) as saved:
        box(page).press_sequentially(words)
    return saved.value


def test_what_a_member_types_is_on_the_next_device_is_sent_from_there_and_gone(device, post):
    page = device()
    assert type_and_wait(page, "A long letter").status == 204
    status(page).get_by_text("Kept in your account").wait_for()
    box(page).press_sequentially(", half done.")
    page.close()
    other = device()
    assert box(other).input_value().startswith("A long letter")
    assert "Your draft is back. Discard it" in status(other).inner_text()
    box(other).fill("A long letter, done.")
    other.get_by_role("button", name="Submit").click()
    other.get_by_text("Your comment is published").wait_for()
    assert Comment.objects.get().body == "A long letter, done."
    assert not UnsentText.objects.exists()
    other.goto(post.get_absolute_url())
    assert box(other).input_value() == ""
    assert box(device()).input_value() == ""


def test_what_was_typed_last_is_saved_as_the_page_goes_out_of_sight(device, post):
    page = device()
    type_and_wait(page, "Half")
    box(page).press_sequentially(", and the rest.")
    page.goto("/archive/")
    for _ in range(50):  # nobody hears the answer
        if UnsentText.objects.get().body.endswith("the rest."):
            break
        page.wait_for_timeout(100)
    page.evaluate("sessionStorage.clear()")
    page.goto(post.get_absolute_url())
    assert box(page).input_value() == "Half, and the rest."
    assert UnsentText.objects.get().body == "Half, and the rest."


def test_two_devices_are_told_of_each_other_and_neither_text_is_lost(device, post):
    one, two = device(), device()
    type_and_wait(one, "Words of one.")
    assert type_and_wait(two, "Words of two.").status == 409
    status(two).get_by_text("It begins: “Words of one.”").wait_for()
    assert box(two).input_value() == "Words of two."
    two.get_by_role("button", name="Use it").click()
    assert box(two).input_value() == "Words of one."
    with two.expect_response(lambda answer: answer.url.endswith("/draft/")) as saved:
        two.get_by_role("button", name="Back to what I had typed here").click()
    assert saved.value.status == 204
    assert (box(two).input_value(), UnsentText.objects.get().body) == ("Words of two.", "Words of two.")
    assert type_and_wait(one, " And more.").status == 409
    with one.expect_response(lambda answer: answer.url.endswith("/draft/")):
        one.get_by_role("button", name="Keep this one").click()
    one.wait_for_function("!document.querySelector('[data-status]').textContent.includes('newer')")
    assert UnsentText.objects.get().body == "Words of one. And more."


def test_what_was_sent_elsewhere_does_not_stop_who_writes_on(device, post, cleo):
    page = device()
    type_and_wait(page, "First")
    unsent.discard(cleo, post.pk)
    with page.expect_response(lambda answer: answer.url.endswith("/draft/") and answer.status == 204):
        box(page).press_sequentially(" and second")
    assert UnsentText.objects.get().body.startswith("First and")


def test_an_answer_comes_back_to_its_place_and_is_discarded_with_and_without_scripts(device, post):
    comment = factories.comment(post, author_name="Michelle")
    page = device()
    page.locator(f"#comment-{comment.pk}").get_by_role("link", name="Reply").click()
    type_and_wait(page, "An answer.")
    other = device()
    assert other.locator(f"#comment-{comment.pk} form.comment-form").count() == 1
    plain = device(java_script_enabled=False)
    assert plain.get_by_role("heading", name="Reply to Michelle").is_visible()
    assert box(plain).input_value() == "An answer."
    with other.expect_response(lambda answer: answer.url.endswith("/draft/")) as gone:
        other.get_by_role("button", name="Discard it").click()
    assert gone.value.status == 204
    assert box(other).input_value() == ""
    assert not UnsentText.objects.exists()
    box(plain).fill("Words to look at.")
    plain.get_by_role("button", name="Preview").click()
    plain.goto(post.get_absolute_url())
    assert box(plain).input_value() == "Words to look at."
    plain.goto("/accounts/comments/")
    assert plain.get_by_text("Words to look at.").is_visible()
    plain.get_by_role("button", name="Discard what you began on").click()
    assert not plain.get_by_text("Not sent yet").is_visible()
    assert not UnsentText.objects.exists()


def test_enter_in_another_box_sends_the_form_and_discards_nothing(device, cleo, post):
    unsent.save(cleo, post, "Words.")
    page = device(java_script_enabled=False)
    page.get_by_text("Use another name in this discussion").click()
    page.get_by_label("Another name, for this discussion alone").press("Enter")
    page.get_by_text("Your comment is published").wait_for()
    assert Comment.objects.get().body == "Words."


def test_who_logged_out_meanwhile_keeps_it_in_the_tab(device, post):
    page = device()
    type_and_wait(page, "First")
    page.context.clear_cookies()
    with page.expect_response(lambda answer: answer.url.endswith("/draft/")) as refused:
        box(page).press_sequentially(" and second")
    assert refused.value.status == 403
    page.reload()
    assert box(page).input_value() == "First and second"


def kept(page):
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('storied:draft'))")


def test_a_guest_may_keep_it_on_the_device(page, post):
    page.goto(post.get_absolute_url())
    keep = page.get_by_label("Keep what I type on this device")
    assert keep.count() == 0
    box(page).press_sequentially("Words of a guest.")
    assert not keep.is_checked()
    assert kept(page) == []
    keep.check()
    assert kept(page) == [f"storied:draft:{post.pk}"]
    again = page.context.new_page()
    again.goto(post.get_absolute_url())
    assert box(again).input_value() == "Words of a guest."
    assert again.get_by_label("Keep what I type on this device").is_checked()
    again.get_by_label("Keep what I type on this device").uncheck()
    assert kept(again) == []
    again.reload()
    assert box(again).input_value() == "Words of a guest."  # in the tab, as ever
    again.get_by_label("Keep what I type on this device").check()
    again.get_by_label("Name").fill("Wren")
    again.get_by_label("E-mail").fill("wren@example.org")
    again.get_by_role("button", name="Submit").click()
    again.wait_for_url("**/comment/own/**" if Comment.objects.get().status != "approved" else "**#comment-*")
    assert kept(again) == []


def test_forget_me_on_this_device_forgets_that_too(page, post):
    HouseRules.change({"hold_everything": True, "min_seconds": 0}, by=None)
    other = factories.post()
    page.goto(other.get_absolute_url())
    box(page).press_sequentially("Half of it.")
    page.get_by_label("Keep what I type on this device").check()
    page.goto(post.get_absolute_url())
    page.get_by_label("Name").fill("Wren")
    page.get_by_label("E-mail").fill("wren@example.org")
    box(page).fill("Words of a guest.")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("It waits for a moderator").wait_for()
    assert kept(page) == [f"storied:draft:{other.pk}"]
    page.get_by_role("button", name="Forget me on this device").click()
    page.wait_for_url("**/")
    assert kept(page) == []
