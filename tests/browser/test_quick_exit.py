"""The way out: at once, by the button or by Shift alone, and the page does not stay behind in the history."""

import pytest

from comments.models import HouseRules
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def post(live_server):
    factories.published_guidelines()
    # A page of this machine, since no test may ask another.
    HouseRules.change({"quick_exit": True, "quick_exit_to": f"{live_server.url}/healthz"}, by=None)
    post = factories.post()
    factories.comment(post)
    return post


def test_the_button_takes_the_place_of_the_page_in_the_history(page, post):
    page.goto("/archive/")
    page.goto(post.get_absolute_url())
    with page.expect_request("**/healthz") as asked:
        page.get_by_role("link", name="Leave this site").click()
    page.wait_for_url("**/healthz")
    assert "referer" not in asked.value.headers or asked.value.headers["referer"] == ""
    page.go_back()
    assert page.url.endswith("/archive/")


def test_without_scripts_it_is_a_link(page_without_javascript, post):
    page = page_without_javascript
    page.goto(post.get_absolute_url())
    page.get_by_role("link", name="Leave this site").click()
    page.wait_for_url("**/healthz")


def test_three_presses_of_shift_alone_do_the_same_and_are_counted_aloud(page, post):
    page.clock.install()
    page.goto(post.get_absolute_url())
    said = page.locator("[data-exit-said]")
    page.get_by_label("Your comment").fill("")
    page.get_by_label("Your comment").press_sequentially("ABCD")  # each with Shift
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    assert said.inner_text() == ""
    page.keyboard.press("Shift")
    assert said.inner_text() == "Shift. Press it 2 more times to leave this site."
    page.clock.run_for(6_000)
    assert said.inner_text().startswith("Not leaving")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    assert said.inner_text() == "Shift. Press it 1 more time to leave this site."
    page.keyboard.press("a")
    assert said.inner_text() == ""
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("**/healthz")


def test_the_bar_hides_nothing_that_has_the_focus(open_page, post):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(viewport={"width": 320, "height": 500}, bypass_csp=True)
    page.goto(post.get_absolute_url())
    assert [found["id"] for found in Axe().run(page).response["violations"]] == []
    bar = page.locator(".quick-exit").bounding_box()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    for _ in range(25):
        page.keyboard.press("Tab")
        top, bottom, is_bar = page.evaluate(
            """() => { const it = document.activeElement; const { top, bottom } = it.getBoundingClientRect();
               return [top, bottom, it.closest(".quick-exit") !== null]; }"""
        )
        is_tall = bottom - top > 300
        assert is_bar or bottom <= bar["y"] + 1 or is_tall, page.evaluate("document.activeElement.outerHTML")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    foot = page.locator(".site-footer").bounding_box()
    assert foot["y"] + foot["height"] <= bar["y"] + 1
