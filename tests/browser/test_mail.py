"""The pages about mail, for everybody."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from comments.models import Notification
from comments.notifications import Recipient, preferences_of, subscriptions
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_pages_about_mail_can_be_used_by_everybody(open_page, log_in, postbox, news, width, scheme):
    owner = factories.person("Host", "owner")
    post = factories.post(owner, title="Onalonglongwordthatnobodyeverbrokeandthatgoesonandonandonandonandon")
    comment = factories.comment(post, author=owner, body="w" * 300)
    subscriptions.follow_article(post, Recipient(owner.pk))
    subscriptions.mute_thread(comment, Recipient(owner.pk))
    asked = subscriptions.follow_article(post, Recipient(email="judith@example.org"))
    Notification.objects.filter(kind="confirm").update(
        state="failed", why="550 " + "x" * 250, ended_at="2026-01-01T00:00Z"
    )
    token = preferences_of(Recipient(email="judith@example.org")).token
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    addresses = [
        f"/mail/follow/article/{post.pk}/", f"/mail/follow/thread/{comment.pk}/", "/mail/follow/",
        f"/mail/settings/{token}/", f"/mail/end/{asked.token}/", f"/mail/end/{token}/all/",
        f"/mail/confirm/{subscriptions.confirmation_token(asked)}/", "/mail/settings/", "/moderation/mail/",
    ]  # fmt: skip
    for address in addresses:
        if address == "/mail/settings/":
            log_in(page, owner)
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        assert violations == [], (address, violations)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
