"""The guidelines in a browser: the owner writes and publishes the next version, and a writer sees what changed."""

import re

import pytest

from comments import guidelines
from comments.guidelines import Clause, drafts
from comments.models import Comment, GuidelineAcceptance
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Superkalifragilistischexpialidonaudampfschifffahrtsgesellschaft" * 3
FIRST = [
    Clause("kind", "Be kind", "Be kind to all.", "Read twice before you answer."),
    Clause("links", "Links", "Few links.", f"A source is welcome. {LONG}"),
    Clause("any", "מותר לכתוב בכל שפה", "כתבו בשפה שבה קל לכם.", "גם <b>כאן</b> (here) הכול בסדר."),
]
SECOND = [
    Clause("kind", "Be kind, please", "Be kind to everybody.", f"Read it {LONG} before you answer. " * 20),
    Clause("any", "מותר לכתוב בכל שפה", "כתבו בכל שפה שבה קל לכם.", "גם <b>כאן</b> (here) הכול טוב."),
    Clause("new", "New", "A new point.", "With words."),
]


@pytest.fixture
def owner():
    guidelines.publish(FIRST, introduction="Welcome.")
    return factories.person("Ann", "owner")


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_the_owner_writes_the_next_version_and_whoever_writes_sees_just_what_changed(
    open_page, log_in, owner, javascript
):
    post = factories.post(owner)
    writer = open_page(java_script_enabled=javascript)
    writer.goto(post.get_absolute_url())
    form = writer.locator("form.comment-form")
    form.get_by_label("Name").fill("Wren")
    form.get_by_label("E-mail").fill("wren@example.org")
    form.get_by_label("Your comment").fill("My long letter.")

    page = open_page(java_script_enabled=javascript)
    log_in(page, owner)
    page.goto("/guidelines/")
    page.get_by_role("link", name="Write the next version").click()
    page.get_by_role("button", name="Begin the draft").click()
    first = page.get_by_role("group", name="1. Be kind")
    first.get_by_label("Short point").fill("Be kind to everybody.")
    first.get_by_label("Number").fill("2")
    new = page.get_by_role("group", name="A new clause")
    new.get_by_label("Title").fill("Evenings")
    new.get_by_label("Short point").fill("Nobody reads at night.")
    page.get_by_role("group", name="3.").get_by_label("Remove this clause").check()
    page.get_by_label("What has changed, in a sentence").fill("Evenings are slow.")
    page.get_by_role("button", name="Save and look at it").click()
    assert page.get_by_text("Clauses: 1 new, 1 changed, 1 removed, 1 unchanged").is_visible()
    assert page.locator("ins", has_text="everybody.").is_visible()
    page.get_by_label("To put it in force").fill("publish version 2")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Version 2 is in force.").wait_for()
    assert [clause.key for clause in guidelines.current().clauses.all()] == ["links", "kind", "evenings"]

    form.get_by_role("button", name="Submit").click()
    told = writer.get_by_role("region", name="What has changed in the Commenting Guidelines")
    told.wait_for()
    assert told.get_by_role("heading", level=3).all_inner_texts() == [
        "2. Be kind changed, was 1", "3. מותר לכתוב בכל שפה removed", "3. Evenings new",
    ]  # fmt: skip
    assert writer.get_by_label("Your comment").input_value() == "My long letter."
    writer.get_by_role("button", name="Submit").click()
    writer.get_by_text("It waits for a moderator").wait_for()
    assert Comment.objects.get().body == "My long letter."
    assert GuidelineAcceptance.objects.get().version.number == 2


def test_two_owners_meet_on_one_draft_and_both_learn_the_truth(open_page, log_in, owner):
    ann, ben = open_page(), open_page()
    for page, person in ((ann, owner), (ben, factories.person("Ben", "owner"))):
        log_in(page, person)
        page.goto("/guidelines/next/")
        begin = page.get_by_role("button", name="Begin the draft")
        if begin.count():
            begin.click()
    ann.get_by_label("Introduction").fill("Ann's words.")
    ann.get_by_role("button", name="Save", exact=True).click()
    ann.get_by_text("Saved.").wait_for()
    ben.get_by_label("Introduction").fill("Ben's words.")
    ben.get_by_role("button", name="Save", exact=True).click()
    alert = ben.get_by_role("alert")
    alert.wait_for()
    assert "Ann has saved this draft since you opened it." in alert.inner_text()
    assert alert.evaluate("box => box === document.activeElement")
    assert ben.get_by_label("Introduction").input_value() == "Ben's words."
    ben.get_by_role("button", name="Save", exact=True).click()
    ben.get_by_text("Saved.").wait_for()
    ann.get_by_label("Introduction").fill("Ann's other words.")
    ann.get_by_role("button", name="Save", exact=True).click()
    ann.get_by_text("Ben has saved this draft since you opened it.").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (390, "light"), (1280, "light")])
def test_every_page_can_be_used_by_everybody(open_page, log_in, owner, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    post = factories.post(owner)
    old = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    old.goto(post.get_absolute_url())
    guidelines.publish(SECOND, introduction="Be welcome.", summary_of_change="Several things.")
    draft = drafts.begin(owner)
    words = drafts.words_of(draft)
    drafts.save(drafts.Words("Hello.", words.clauses[::-1], "Turned round."), seen=1, by=owner)
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    log_in(page, owner)
    found = []
    addresses = ["", "1/", "1/changes/2/", "next/", "next/text/", "next/preview/"]
    for place in [*addresses, "an old form"]:
        if place in addresses:
            page.goto(f"/guidelines/{place}")
        else:
            page = old
            page.locator("form.comment-form").get_by_role("button", name="Preview").evaluate(
                "button => button.form.submit()"
            )
            page.get_by_role("heading", name="What has changed in the Commenting Guidelines").wait_for()
        found += [f"{place}: {v['id']} ({v['nodes'][0]['html'][:120]})" for v in Axe().run(page).response["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append(f"{place}: scrolls sideways by {wide} pixels")
    assert found == []


def test_a_difference_is_said_in_words(page, owner):
    guidelines.publish(SECOND, summary_of_change="Several things.")
    page.goto("/guidelines/1/changes/2/")
    heard = page.locator(".changes").first.aria_snapshot()
    assert re.search(r"removed: all\.", heard)
    assert re.search(r"added: everybody\.", heard)
