"""Hostile texts in Chromium with the page's own policy switched off: no script runs, nobody else is asked."""

from django.test import Client

from comments.models import HouseRules
from storied.text import clean_text
from tests import factories

from .corpus import LINES, SAMPLE


def fill(owner):
    stored = [clean_text(text) for text in SAMPLE]  # as forms and imports do
    article = factories.post(owner, title=LINES[0], body="\n\n".join(stored), body_format="html")
    HouseRules.change({"comments_a_page": 2_000}, by=owner)
    names = [line.replace("\r\n", " ").replace("\u2028", "").replace("\u2029", "")[:100] for line in LINES]
    for number, text in enumerate(stored):
        factories.comment(
            article, text, body_format="html" if number % 2 else "markdown", author_name=names[number % len(names)],
            author_url="javascript:window.caught=1", status="approved" if number % 9 else "pending",
        )  # fmt: skip
    return article


def poke(page):
    """Moves over, focuses and clicks what could run something; says what ran."""
    return page.evaluate(
        """() => {
            for (const element of document.querySelectorAll('main *')) {
                for (const kind of ['mouseover', 'focus', 'pointerover', 'animationstart', 'toggle', 'error', 'load'])
                    element.dispatchEvent(new Event(kind));
            }
            for (const link of document.querySelectorAll('main .words a[href], main .prose a[href]:not([href^="/"])')) {
                if (!/^(https?|mailto):$/.test(link.protocol)) throw new Error(link.outerHTML);
                link.addEventListener('click', event => event.preventDefault());
                link.click();
            }
            return window.caught ?? null;
        }"""
    )


def test_no_script_runs_and_nobody_is_asked_though_the_policy_is_off(open_page, live_server, transactional_db):
    owner = factories.person("Owner", role="owner")
    factories.published_guidelines()
    article = fill(owner)
    page = open_page(bypass_csp=True)
    page.goto(article.get_absolute_url())
    page.wait_for_load_state("networkidle")
    assert poke(page) is None
    assert (
        page.locator(
            "main .words :is(script,style,iframe,object,form,input,button,svg,math,img,[id],[class],[style])"
        ).count()
        == 0
    )
    assert (
        page.locator(
            "main .prose :is(script,style,iframe,object,form,input,button,svg,math,[id],[class],[style])"
        ).count()
        == 0
    )


def test_no_script_runs_on_moderators_though_the_policy_is_off(open_page, live_server, transactional_db, settings):
    owner = factories.person("Owner", role="owner")
    factories.published_guidelines()
    fill(owner)
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    page = open_page(bypass_csp=True)
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": live_server.url,
            }
        ]
    )
    for path in ("/moderation/pending/", "/moderation/recent/", "/moderation/recent/?page=2", "/admin/posts/post/"):
        answer = page.goto(path)
        assert answer.status == 200
        assert page.url.endswith(path)
        assert poke(page) is None


def test_with_the_policy_on_no_script_runs_even_if_the_sanitiser_lets_everything_through(
    open_page, live_server, transactional_db
):
    """The second wall, alone."""
    from comments.models import Comment

    post = factories.post()
    made = factories.comment(post)
    Comment.objects.filter(pk=made.pk).update(
        body_html="<script>window.caught=1</script><img src=/x onerror='window.caught=1'>"
        "<svg onload='window.caught=1'></svg><a id=trap href='javascript:window.caught=1'>x</a>"
    )
    browser_page = open_page()
    # Complaints of the policy are what this is about.
    for event in ("console", "response", "request"):
        browser_page._impl_obj.remove_all_listeners(event)
    browser_page.goto(post.get_absolute_url())
    browser_page.locator("#trap").click(force=True)
    browser_page.wait_for_timeout(200)
    assert browser_page.evaluate("window.caught ?? null") is None
