"""The way between the pages about oneself: a menu on a phone, rows in a wide window, never a script."""

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"viewport": {"width": 390, "height": 800}, "java_script_enabled": False}
WIDE = {"viewport": {"width": 1280, "height": 800}, "java_script_enabled": False}


@pytest.fixture
def own_page(open_page, log_in):
    def own_page(options):
        page = open_page(**options)
        log_in(page, factories.person("Frances"))
        page.goto("/accounts/profile/")
        return page

    return own_page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_one_line_opens_them_by_the_keyboard_too(own_page, scheme):
    page = own_page(PHONE | {"color_scheme": scheme})
    menu = page.get_by_role("navigation", name="Your pages")
    links = menu.get_by_role("link")
    expect(links).to_have_count(0)
    assert menu.bounding_box()["height"] < 60
    menu.get_by_text("Your pages").focus()
    page.keyboard.press("Enter")
    expect(links).to_have_count(8)
    for number in range(8):
        box = links.nth(number).bounding_box()
        assert box["height"] >= 24
        assert box["x"] + box["width"] <= 390
    page.keyboard.press("Tab")
    expect(links.first).to_be_focused()
    menu.get_by_role("link", name="Your data").click()
    expect(page).to_have_url("/privacy/yours/")


def test_in_a_wide_window_they_stand_there(own_page):
    page = own_page(WIDE)
    menu = page.get_by_role("navigation", name="Your pages")
    expect(menu.get_by_text("Your pages", exact=True)).to_be_hidden()
    expect(menu.get_by_role("link")).to_have_count(8)
    expect(menu.get_by_role("link", name="Name and site")).to_have_attribute("aria-current", "page")
    menu.get_by_role("link", name="Muted people").click()
    expect(page).to_have_url("/accounts/muted/")
