"""Every kind of page: no violation that axe knows, and no sideways scroll on the smallest phone."""

import pytest

from tests import factories
from tests.everybody import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    """An article with everything in its discussion, and something for the moderators."""
    factories.published_guidelines("Be kind")
    factories.published_guidelines("Be kind", "Speak for yourself")
    post = factories.post(
        factories.person("Host", "owner"),
        title="Onalonglongwordthatnobodyeverbrokeandthatgoesonandonandonandonandon",
        body="Words.\n\n> Said.\n\n" + "https://example.org/" + "a" * 200 + "\n\n    code " + "x" * 200,
        editors_note="Revised.",
    )
    parent = None
    for depth in range(9):
        parent = factories.comment(post, "w" * 300 if depth == 3 else "Words.", parent=parent)
    removed = factories.comment(post, status="removed")
    factories.comment(post, parent=removed, author=post.author, author_url="https://example.org/")
    factories.comment(post, kind="pingback")
    factories.comment(
        post, status="pending", reasons=[{"code": "newcomer", "detail": ""}], author_email="g@example.org"
    )
    return post


def pages(post):
    comment = post.comments.first()
    return {
        "home": "/",
        "article": post.get_absolute_url(),
        "reply": f"{post.get_absolute_url()}?replytocom={comment.pk}#respond",
        "archive": "/archive/",
        "guidelines": "/guidelines/",
        "search": "/search/?q=words",
        "report": f"/comment/{comment.pk}/report/",
        "log in": "/accounts/login/",
        "sign up": "/accounts/signup/",
        "not found": "/nothing/here/",
        "queue": "/moderation/pending/",
        "card": f"/moderation/comment/{comment.pk}/",
        "rules": "/moderation/rules/",
        "people": "/moderation/people/?q=w",
        "person": f"/moderation/people/account/{post.author.pk}/",
        "words": "/moderation/words/",
        "blocks": "/moderation/blocks/",
        "roles": "/moderation/roles/",
        "role": f"/moderation/roles/{factories.person().pk}/",
        "figures": "/moderation/figures/?days=90",
        "openness": "/openness/",
        "record": "/accounts/record/",
        "profile": "/accounts/profile/",
        "own comments": "/accounts/comments/",
        "by e-mail address": "/comments/mine/",
        "security": "/accounts/2fa/",
        "doors": "/moderation/accounts/",
    }


FOR_THE_OWNER = {
    "queue", "card", "rules", "profile", "people", "person", "words", "blocks", "roles", "role", "figures", "record",
    "own comments", "security", "doors",
}  # fmt: skip


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_can_be_used_by_everybody(open_page, log_in, house, width):
    options = {"viewport": {"width": width, "height": 800}, "bypass_csp": True}
    stranger, owner = open_page(**options), open_page(**options)
    log_in(owner, house.author)
    found = []
    for name, address in pages(house).items():
        page = owner if name in FOR_THE_OWNER else stranger
        page.goto(address)
        found += faults(page, name)
    assert found == []


def test_a_form_with_errors_can_be_used_by_everybody(open_page, house):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(viewport={"width": 320, "height": 800}, bypass_csp=True)
    page.goto(house.get_absolute_url())
    page.locator("form.comment-form").get_by_role("button", name="Submit").click()
    page.get_by_role("alert").wait_for()
    assert [v["id"] for v in Axe().run(page).response["violations"]] == []
