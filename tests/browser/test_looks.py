"""What one sees: where things stand on a phone, and texts that run from right to left."""

import pytest

from comments.models import HelpLine
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"viewport": {"width": 360, "height": 800}}


def box(page, selector):
    return page.locator(selector).first.bounding_box()


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post(factories.person("Host", "owner"))


def test_on_a_phone_the_way_in_stands_beside_the_name_and_takes_no_line_of_its_own(open_page, post):
    page = open_page(**PHONE)
    page.goto("/")
    name, way_in = box(page, ".brand a"), box(page, ".account a")
    assert way_in["y"] < name["y"] + name["height"]
    assert way_in["x"] >= name["x"] + name["width"]


@pytest.mark.parametrize("width", [390, 360, 320])
def test_on_a_phone_no_word_of_the_menu_stands_alone_in_its_row(open_page, post, width):
    HelpLine.objects.create(name="The Night Line", phone="116 123")
    page = open_page(viewport={"width": width, "height": 800})
    page.goto("/")
    # A wide typeface, which many a phone has.
    page.evaluate("document.documentElement.style.setProperty('--sans', '\"DejaVu Sans\", Verdana, sans-serif')")
    tops = page.locator(".site-nav li").evaluate_all("items => items.map(item => item.getBoundingClientRect().top)")
    assert len(tops) == 5
    assert all(tops.count(top) > 1 for top in tops)
    assert width < 390 or len(set(tops)) == 1


def test_a_box_to_tick_stands_at_the_first_line_of_what_it_means(open_page, post):
    page = open_page(**PHONE)
    page.goto(post.get_absolute_url())
    page.locator(".check label").first.evaluate("label => { label.textContent = 'long words '.repeat(20) }")
    tick, label = box(page, ".check input"), box(page, ".check label")
    assert label["height"] > 3 * tick["height"]
    assert abs(tick["y"] - label["y"]) < tick["height"]


def test_lists_and_quotations_in_a_text_from_right_to_left_begin_at_the_right(open_page, post):
    factories.comment(post, "شكرا جزيلا\n\n- أولا\n\n> اقتباس")
    factories.comment(post, "Thank you\n\n- first\n\n> quoted")
    page = open_page(**PHONE)
    page.goto(post.get_absolute_url())
    for selector in (".words ul", ".words blockquote"):
        directions = page.locator(selector).evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
        assert directions == ["rtl", "ltr"]


def test_the_lists_of_replies_do_not_count_as_levels_of_a_list_in_a_text(open_page, post):
    top = factories.comment(post, "Words.")
    factories.comment(post, "- one\n    - two", parent=top)
    page = open_page(**PHONE)
    page.goto(post.get_absolute_url())
    marks = page.locator(".words ul").evaluate_all("all => all.map(one => getComputedStyle(one).listStyleType)")
    assert marks == ["disc", "circle"]


def test_on_paper_a_wide_table_keeps_to_the_sheet(open_page, post):
    post.body = f"|a|b|\n|-|-|\n|{'w' * 80}|{'w' * 80}|"
    post.save()
    page = open_page(viewport={"width": 700, "height": 900})
    page.goto(post.get_absolute_url())
    page.emulate_media(media="print")
    table = page.locator(".post-body table")
    assert table.evaluate("one => one.scrollWidth <= one.parentElement.clientWidth")


@pytest.mark.parametrize("size", [{"width": 390, "height": 844}, {"width": 1280, "height": 900}])
def test_who_is_answered_is_in_sight_above_the_box_that_has_the_focus(open_page, post, size):
    factories.comment(post, "\n\n".join(["Many words."] * 30), author_name="Michelle")
    page = open_page(viewport=size)
    page.goto(post.get_absolute_url())
    page.get_by_role("link", name="Reply").click()
    heading = page.get_by_role("heading", name="Reply to Michelle")
    assert page.locator("textarea[name=body]").evaluate("box => box === document.activeElement")
    assert heading.bounding_box()["y"] >= 0
    assert box(page, "textarea[name=body]")["y"] < size["height"] - 50


def test_the_heading_of_the_form_looks_the_same_below_the_comment_that_is_answered(open_page, post):
    factories.comment(post, "Words.")
    page = open_page()
    page.goto(post.get_absolute_url())
    look = "one => (({font, color, paddingLeft}) => [font, color, paddingLeft])(getComputedStyle(one))"
    before = page.locator("#respond-title").evaluate(look)
    page.get_by_role("link", name="Reply").click()
    assert page.locator("#respond-title").evaluate(look) == before
