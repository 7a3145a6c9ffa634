"""A guest mutes somebody for themselves: in their own browser, under a name below one article, and undone there."""

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from comments.models import Comment, Mute
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOLD = "A comment by somebody you have muted"


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post()


@pytest.fixture
def rude(post):
    return factories.comment(post, "Harsh words.", author_name="Rude <b>Rudi</b>")


def mute(page, comment):
    comment.refresh_from_db()
    page.goto(comment.post.get_absolute_url())
    page.locator(f"#comment-{comment.pk}").get_by_role("button", name=f"Mute {comment.author_name}").first.click()
    expect(page.locator(f"#comment-{comment.pk} > article summary")).to_be_focused()


def kept(page):
    return json.loads(page.evaluate("localStorage.getItem('storied:muted')") or "[]")


def test_a_name_is_folded_below_one_article_and_read_again(page, post, rude):
    reply = factories.comment(post, "Kind words.", parent=rude, author_name="Ada")
    factories.comment(post, "More harsh words.", parent=reply, author_name="Rude <b>Rudi</b>")
    elsewhere = factories.comment(factories.post(), "Harsh elsewhere.", author_name="Rude <b>Rudi</b>")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(urlsplit(request.url).path))
    mute(page, rude)
    assert kept(page) == [{"post": str(post.pk), "name": "Rude <b>Rudi</b>"}]
    folds = page.get_by_text(FOLD)
    expect(folds).to_have_count(2)
    expect(page.get_by_text("Harsh words.", exact=True)).to_be_hidden()
    expect(page.get_by_text("Kind words.")).to_be_visible()
    folds.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Harsh words.", exact=True)).to_be_visible()

    page.goto(elsewhere.post.get_absolute_url())
    expect(page.get_by_text("Harsh elsewhere.")).to_be_visible()
    expect(page.get_by_text("Muted below this article")).to_be_hidden()
    expect(page.get_by_role("link", name="All whom you muted in this browser")).to_be_visible()

    page.goto(post.get_absolute_url())
    page.locator("[data-muted-here]").get_by_role("button", name="Read Rude <b>Rudi</b> again").click()
    expect(folds).to_have_count(0)
    expect(page.get_by_role("heading", name="3 Responses")).to_be_focused()
    expect(page.get_by_text("More harsh words.")).to_be_visible()
    assert page.locator(f"#comment-{rude.pk} .doors").first.inner_text().split() == ["Reply", "Report", "Mute"]
    assert kept(page) == []
    assert {path for path in sent if not path.startswith("/static/")} == {
        post.get_absolute_url(),
        elsewhere.post.get_absolute_url(),
    }
    assert not Mute.objects.exists()
    assert page.context.cookies() == []


def test_it_is_undone_at_once_and_at_a_fold(page, post, rude):
    mute(page, rude)
    said = page.get_by_role("status").filter(has_text="Muted")
    expect(said).to_contain_text("whoever uses it, in this browser alone")
    said.get_by_role("button", name="Read Rude <b>Rudi</b> again").click()
    expect(page.locator(f"#comment-{rude.pk} > article")).to_be_focused()
    expect(page.get_by_text(FOLD)).to_have_count(0)
    expect(said).to_have_count(0)
    mute(page, rude)
    page.reload()
    page.get_by_text(FOLD).click()
    page.locator(f"#comment-{rude.pk}").get_by_role("button", name="Read Rude <b>Rudi</b> again").click()
    expect(page.get_by_text(FOLD)).to_have_count(0)
    assert kept(page) == []


def test_a_name_used_only_here_is_muted_like_any_other_and_leads_nowhere(page, post):
    rudi = factories.person("Rudi")
    named = factories.comment(post, "Under the own name.", author=rudi)
    alias = factories.comment(post, "Under another name.", author=rudi)
    Comment.objects.filter(pk=alias.pk).update(signed="alias", author_name="Nightjar")
    mute(page, alias)
    expect(page.get_by_text(FOLD)).to_have_count(1)
    expect(page.get_by_text("Under the own name.")).to_be_visible()
    assert kept(page) == [{"post": str(post.pk), "name": "Nightjar"}]
    assert named.author_name not in json.dumps(kept(page))


def test_of_those_whom_nobody_names_one_comment_is_muted(page, post):
    first, second = (factories.comment(post, f"Words {number}.") for number in range(2))
    Comment.objects.update(signed="nobody", author_name="A reader")
    mute(page, first)
    expect(page.get_by_text(FOLD)).to_have_count(1)
    expect(page.locator(f"#comment-{second.pk} > article")).to_contain_text("Words 1.")
    expect(page.locator("[data-muted-here]")).to_contain_text("A reader (one comment)")


def test_what_is_folded_is_not_new(page, post, rude):
    page.clock.install()
    mute(page, rude)
    page.evaluate("document.getElementById('comments').scrollIntoView()")
    page.wait_for_timeout(100)
    page.clock.run_for(7_000)
    factories.comment(post, "Harsh again.", author_name="Rude <b>Rudi</b>")
    late = factories.comment(post, "Kind.", author_name="Ada")
    page.clock.fast_forward("26:00:00")
    page.goto(post.get_absolute_url())
    assert page.locator("li.comment.new").evaluate_all("all => all.map((item) => item.id)") == [f"comment-{late.pk}"]


def test_a_member_s_page_asks_the_account_and_not_the_browser(page, log_in, post, rude):
    mute(page, rude)
    log_in(page, factories.person("Frances"))
    page.goto(post.get_absolute_url())
    expect(page.get_by_text("Harsh words.")).to_be_visible()
    expect(page.get_by_role("button", name="Mute Rude")).to_have_count(0)


def test_a_page_lists_all_and_each_is_read_again_there(page, post, rude):
    page.goto("/accounts/muted/")
    expect(page.get_by_text("Nobody.", exact=True)).to_be_visible()
    elsewhere = factories.comment(factories.post(), "Harsh elsewhere.", author_name="Ann")
    hidden = factories.comment(elsewhere.post, "Of nobody.")
    Comment.objects.filter(pk=hidden.pk).update(signed="nobody", author_name="A reader")
    for comment in (rude, elsewhere, hidden):
        mute(page, comment)
    page.get_by_role("link", name="All whom you muted in this browser").click()
    lines = page.locator(".muted-people > li")
    expect(lines).to_have_text([
        "A reader: one comment below this article.Read again",
        "Ann: whatever stands under this name below this article.Read again",
        "Rude <b>Rudi</b>: whatever stands under this name below this article.Read again",
    ])  # fmt: skip
    page.get_by_role("button", name="Read Ann again").click()
    expect(page.get_by_role("button", name="Read Rude <b>Rudi</b> again")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="You read Ann again.")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody.", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="People you muted")).to_be_focused()
    assert kept(page) == []
    mute(page, rude)
    page.get_by_role("link", name="All whom you muted in this browser").click()
    page.get_by_role("link", name="this article").click()
    expect(page).to_have_url(post.get_absolute_url())


def test_a_member_finds_there_what_the_browser_keeps_beside_the_account(page, log_in, post, rude):
    page.goto("/accounts/muted/")
    mute(page, rude)
    frances = factories.person("Frances")
    log_in(page, frances)
    page.goto("/accounts/muted/")
    expect(page.get_by_role("heading", name="In this browser, without an account")).to_be_visible()
    page.get_by_role("button", name="Read Rude <b>Rudi</b> again").click()
    expect(page.get_by_role("heading", name="In this browser, without an account")).to_be_hidden()


def test_without_scripts_the_page_says_who_keeps_them(page_without_javascript):
    page_without_javascript.goto("/accounts/muted/")
    expect(page_without_javascript.locator("noscript p")).to_be_visible()
    expect(page_without_javascript.get_by_text("Nobody.", exact=True)).to_be_hidden()


def test_without_scripts_there_is_no_such_button(page_without_javascript, post, rude):
    page_without_javascript.goto(post.get_absolute_url())
    expect(page_without_javascript.get_by_role("link", name="Report")).to_be_visible()
    expect(page_without_javascript.get_by_role("button", name="Mute")).to_have_count(0)
    expect(page_without_javascript.locator("[data-muted-here]")).to_be_hidden()


def test_where_the_browser_keeps_nothing_it_says_so(open_page, post, rude):
    page = open_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page.goto(post.get_absolute_url())
    page.get_by_role("button", name="Mute Rude").click()
    expect(page.get_by_text("This browser keeps nothing")).to_be_visible()
    expect(page.get_by_text("Harsh words.")).to_be_visible()
