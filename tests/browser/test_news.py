"""What is new since the last visit: two visits of somebody whom only their browser knows, and two of a member."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments import moderation, visits
from comments.models import HouseRules, Visit
from comments.seen import Seen
from comments.viewers import Viewer
from storied import rows
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETS = [[], [1], [3, 1, 2], [5, 7, 9, 10, 11], list(range(4_000, 9_000, 3)), [2**53 - 1, 1]]


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post()


def read_it(page):
    """Stays with the discussion for as long as it takes to have read it."""
    page.locator("#comments").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('comments').scrollIntoView()")
    page.wait_for_timeout(100)
    page.clock.run_for(7_000)


def kept(page):
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('storied:read'))")


def focused(page):
    return page.evaluate("document.activeElement.closest('li')?.id ?? ''")


def test_a_guest_s_browser_tells_what_is_new_and_forgets_it_when_told_to(page, post):
    first = factories.comment(post)
    held = factories.comment(post, status="pending")
    page.clock.install()
    page.goto(post.get_absolute_url())
    assert not page.locator("[data-news]").is_visible()
    assert kept(page) == []  # nothing before anything was read
    read_it(page)
    assert len(kept(page)) == 1
    assert page.context.cookies() == []

    reply = factories.comment(post, "Late words.", parent=first)
    moderation.decide(held.pk, "approve", Viewer(factories.person("Mod", "moderator")))
    last = held.pk
    page.clock.fast_forward("26:00:00")
    for _ in range(2):  # a reload is no new visit
        page.goto(post.get_absolute_url())
        line = page.locator("[data-line]")
        assert re.fullmatch(r"2 new since \w+, \w+ \d+", line.inner_text())
        assert page.locator("li.comment.new").evaluate_all("all => all.map((item) => item.id)") == [
            f"comment-{reply.pk}", f"comment-{last}",
        ]  # fmt: skip
        read_it(page)
    assert page.locator(f"#comment-{reply.pk} h3").inner_text().startswith("New ")

    page.keyboard.press("n")
    assert focused(page) == f"comment-{reply.pk}"
    page.locator(f"#comment-{reply.pk}").get_by_role("link", name="Next new").click()
    assert focused(page) == f"comment-{last}"
    page.keyboard.press("n")
    assert "That was the last new one." in page.get_by_role("status").filter(has_text="new since").inner_text()
    page.keyboard.press("p")
    assert focused(page) == f"comment-{reply.pk}"
    page.get_by_label("Your comment").press("n")
    assert page.get_by_label("Your comment").input_value() == "n"
    page.get_by_role("button", name="Switch keys off").click()
    page.keyboard.press("n")
    assert focused(page) == ""

    page.get_by_role("button", name="Mark all as read").click()
    assert page.locator("li.comment.new").count() == 0
    page.reload()
    assert page.locator("[data-line]").inner_text().startswith("Nothing new since")
    page.get_by_role("button", name="Forget what I have read here").click()
    assert kept(page) == ["storied:read-off"]
    read_it(page)
    assert kept(page) == ["storied:read-off"]


def test_where_the_browser_keeps_nothing_nothing_is_said(open_page, post):
    factories.comment(post)
    page = open_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page.clock.install()
    page.goto(post.get_absolute_url())
    read_it(page)
    assert not page.locator("[data-news]").is_visible()
    assert not page.locator(".remembering:visible").count()


def test_a_member_s_account_tells_on_every_device_with_and_without_scripts(open_page, log_in, post):
    member = factories.person("Cleo")
    factories.comment(post)
    page = open_page()
    log_in(page, member)
    page.clock.install()
    page.goto(post.get_absolute_url())
    assert not Visit.objects.exists()
    with page.expect_response(lambda answer: answer.url.endswith("/seen/")) as noted:
        read_it(page)
    assert noted.value.status == 204

    Visit.objects.update(last_at=timezone.now() - timedelta(days=1))
    late = factories.comment(post, "Late words.")
    other = open_page(java_script_enabled=False)
    log_in(other, member)
    other.goto(post.get_absolute_url())
    assert other.locator("li.comment.new").count() == 1
    other.get_by_role("link", name="1 new").click()
    assert other.url.endswith(f"#comment-{late.pk}")
    page.goto(post.get_absolute_url())
    page.keyboard.press("n")
    assert focused(page) == f"comment-{late.pk}"
    other.get_by_role("button", name="Mark all as read").click()
    assert other.get_by_text("Nothing new since").is_visible()
    page.get_by_role("button", name="Mark all as read").click()
    page.get_by_text("All marked as read.").wait_for()
    assert visits.news_of(rows.first(*visits.asked_for(member, post.pk))).of([late.pk]) == []


def test_the_browser_s_sets_are_the_server_s(page, post):
    page.goto(post.get_absolute_url())
    script = """async (sets) => {
      const { join, of, read, write } = await import("/static/js/seen.js");
      return sets.map((these) => sets.map((those) => write(join(read(write(of(these))), of(those)))));
    }"""
    together = [[str(Seen.of(these) | Seen.of(those)) for those in SETS] for these in SETS]
    assert page.evaluate(script, SETS) == together


class TestTheWayBack:
    """To where somebody was in a long discussion: offered when they open it again, and never forced."""

    @pytest.fixture
    def comments(self, post):
        return [factories.comment(post, "Words that take room. " * 20) for _ in range(40)]

    @staticmethod
    def stay_at(page, comment):
        page.evaluate("(id) => document.getElementById(id).scrollIntoView({block: 'center'})", f"comment-{comment.pk}")
        page.wait_for_timeout(100)
        page.clock.run_for(8_000)

    def test_a_guest_is_led_back_by_their_own_browser(self, page, post, comments):
        page.clock.install()
        page.goto(post.get_absolute_url())
        assert not page.locator("[data-back]").is_visible()
        self.stay_at(page, comments[3])
        page.reload()
        assert not page.locator("[data-back]").is_visible()  # that is no way
        self.stay_at(page, comments[24])
        page.clock.fast_forward("26:00:00")
        page.goto(post.get_absolute_url())
        assert page.evaluate("scrollY") == 0
        # Who only looks at the beginning loses nothing.
        read_it(page)
        page.goto(post.get_absolute_url())
        back = page.get_by_role("link", name="Back to where you were (comment 25)")
        back.focus()
        page.keyboard.press("Enter")
        assert focused(page) == f"comment-{comments[24].pk}"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") < 800
        assert back.count() == 0
        page.goto(f"{post.get_absolute_url()}#comment-{comments[2].pk}")
        assert back.count() == 0
        page.goto("/archive/")
        page.goto(post.get_absolute_url())
        assert back.is_visible()
        page.get_by_role("button", name="Forget what I have read here").click()
        page.reload()
        assert back.count() == 0
        assert page.context.cookies() == []

    def test_who_came_to_the_end_is_led_nowhere(self, page, post, comments):
        page.clock.install()
        page.goto(post.get_absolute_url())
        self.stay_at(page, comments[24])
        page.locator("#respond").scroll_into_view_if_needed()
        self.stay_at(page, comments[-1])
        page.goto(post.get_absolute_url())
        assert not page.locator("[data-back]").is_visible()

    def test_it_leads_to_another_page_too(self, page, post, comments):
        HouseRules.change({"comments_a_page": 20}, by=None)
        page.clock.install()
        page.goto(f"{post.get_absolute_url()}?comments=2")
        self.stay_at(page, comments[25])
        page.goto(post.get_absolute_url())
        page.get_by_role("link", name="Back to where you were, on another page").click()
        page.wait_for_url(f"**/?comments=2#comment-{comments[25].pk}")

    def test_a_member_is_led_back_on_every_device(self, open_page, log_in, post, comments):
        member = factories.person("Cleo")
        page = open_page()
        log_in(page, member)
        page.clock.install()
        page.goto(post.get_absolute_url())
        with page.expect_response(lambda answer: answer.url.endswith("/seen/")):
            self.stay_at(page, comments[20])
        with page.expect_response(lambda answer: answer.url.endswith("/seen/")):
            self.stay_at(page, comments[30])
            page.evaluate(
                """() => {
                    Object.defineProperty(document, 'hidden', { value: true });
                    document.dispatchEvent(new Event('visibilitychange'));
                }"""
            )
        assert Visit.objects.get().place == comments[30].pk
        other = open_page()
        log_in(other, member)
        other.goto(post.get_absolute_url())
        assert other.get_by_role("link", name="Back to where you were (comment 31)").is_visible()
        assert other.evaluate("localStorage.length") == 0
        other.get_by_role("button", name="Forget what I have read here").click()
        other.goto(post.get_absolute_url())
        assert not other.locator("[data-back]").is_visible()
