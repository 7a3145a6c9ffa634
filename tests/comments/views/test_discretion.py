"""What is said to tabs, search engines and crawlers, and the way out: as the owner wishes, at the next read."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments.conf import Rules
from comments.models import HouseRules
from posts.models import Post
from storied import views
from storied.unavailable import AWAY, unavailable
from tests import factories

pytestmark = pytest.mark.django_db

NOINDEX = '<meta name="robots" content="noindex">'


@pytest.fixture
def post():
    factories.published_guidelines()
    post = factories.post(title="A hard title", excerpt="A telling summary.")
    factories.comment(post)
    return post


def rule(**changes):
    HouseRules.change(changes, by=None)


def everywhere(post):
    comment = post.comments.first()
    return [
        "/", post.get_absolute_url(), "/archive/", "/guidelines/", "/search/?q=words", "/accounts/login/", "/openness/",
        f"/comment/{comment.pk}/report/", "/nothing/here/", "/accounts/signup/",
    ]  # fmt: skip


class TestADiscreetTitle:
    def test_pages_have_names_of_their_own_where_the_owner_says_nothing(self, client, post):
        page = client.get(post.get_absolute_url()).text
        assert "<title>A hard title — " in page
        assert '<meta property="og:title" content="A hard title">' in page

    def test_every_page_has_the_owner_s_word(self, client, post):
        rule(discreet_title="Notes <1>")
        client.force_login(factories.person("Owner", "owner"))
        for address in [*everywhere(post), "/moderation/pending/", "/moderation/rules/", "/accounts/profile/"]:
            assert re.findall(r"<title>(.*?)</title>", client.get(address, follow=True).text) == ["Notes &lt;1&gt;"], (
                address
            )

    def test_what_others_show_of_a_link_is_as_discreet(self, client, post):
        rule(discreet_title="Notes")
        head = client.get(post.get_absolute_url()).text.split("</head>")[0]
        assert '<meta property="og:title" content="Notes">' in head
        assert not re.search(r'property="og:(description|site_name|image)', head)


class TestTheWayOut:
    def test_there_is_none_unless_the_owner_wants_one(self, client, post):
        for address in everywhere(post):
            assert "quick-exit" not in client.get(address).text

    def test_it_is_a_plain_link_on_every_page_and_says_nothing_of_where_one_was(self, client, post):
        rule(quick_exit=True, quick_exit_to='https://example.org/?a="b')
        for address in everywhere(post):
            page = client.get(address).text
            assert page.count("data-quick-exit") == 1, address
            link = re.search(r"<a [^>]*>Leave this site</a>", page)[0]
            assert 'href="https://example.org/?a=&quot;b"' in link
            assert 'rel="noreferrer nofollow"' in link

    @pytest.mark.parametrize("wrong", ["javascript:alert(1)", "", "//example.org", "weather"])
    def test_it_leads_to_an_address_of_the_web_or_to_the_usual_one(self, client, post, wrong):
        rule(quick_exit=True, quick_exit_to=wrong)
        assert f'href="{Rules.quick_exit_to}"' in client.get("/").text

    def test_the_owner_is_told_what_is_no_address(self, client):
        client.force_login(factories.person("Owner", "owner"))
        page = client.get("/moderation/rules/")
        initial = page.context["form"].initial
        form = {name: "on" if value is True else value for name, value in initial.items() if value is not False}
        answer = client.post("/moderation/rules/", {**form, "quick_exit_to": "javascript:alert(1)"})
        assert answer.status_code == 422
        assert "This should be a whole address" in answer.text
        assert client.post("/moderation/rules/", {**form, "quick_exit": "on"}).status_code == 302
        assert HouseRules.current().quick_exit


class TestPagesThatSayWhatWentWrong:
    def refused(self, post):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(factories.person("Cleo"))
        return {
            400: strict.get("/?q=%00"),
            403: strict.get("/moderation/pending/"),
            404: strict.get("/nothing/here/"),
            # A form without its token.
            "forged": strict.post("/accounts/login/", {"login": "ada@example.org"}),
        }

    def test_they_are_as_discreet_as_all_others(self, post):
        rule(quick_exit=True, discreet_title="Notes")
        for what, answer in self.refused(post).items():
            assert answer.status_code == (403 if what == "forged" else what)
            assert answer.text.count("data-quick-exit") == 1, what
            assert re.findall(r"<title>(.*?)</title>", answer.text) == ["Notes"], what

    def without_the_database(self, rf):
        """The pages of a fault, and of a database that is away; neither may ask it for anything."""
        with CaptureQueriesContext(connection) as asked:
            pages = [views.server_error(rf.get("/")).text, unavailable(rf.get("/"), AWAY).text]
        assert len(asked) == 0
        return pages

    def test_what_cannot_ask_the_database_shows_what_was_known_last(self, client, post, rf):
        rule(quick_exit=True, quick_exit_to="https://example.org/?a&b", discreet_title="Notes <1>")
        client.get("/")
        for page in self.without_the_database(rf):
            assert 'class="has-exit"' in page
            assert 'href="https://example.org/?a&amp;b"' in page
            assert "js/quick-exit.js" in page
            assert re.findall(r"<title>(.*?)</title>", page) == ["Notes &lt;1&gt;"]

    def test_it_follows_the_owner_s_next_wish(self, client, post, rf):
        rule(quick_exit=True)
        client.get("/")
        rule(quick_exit=False)
        client.get("/")
        for page in self.without_the_database(rf):
            assert "exit" not in page

    def test_of_what_was_never_read_only_the_installation_s_own_is_known(self, post, rf, settings):
        rule(quick_exit=True)
        assert not any("exit" in page for page in self.without_the_database(rf))
        settings.STORIED_RULES = {"quick_exit": "1", "discreet_title": "Notes"}
        for page in self.without_the_database(rf):
            assert page.count("data-quick-exit") == 1
            assert "<title>Notes</title>" in page


class TestSearchEngines:
    @pytest.fixture
    def long_post(self, post):
        rule(comments_a_page=2)
        for _ in range(3):
            factories.comment(post)
        return post

    def pages(self, client, post):
        return [client.get(f"{post.get_absolute_url()}{query}").text for query in ("", "?comments=2", "?comments=1")]

    def test_they_may_show_comments_unless_somebody_says_no(self, client, long_post):
        for page in self.pages(client, long_post):
            assert NOINDEX not in page
            assert "data-nosnippet" not in page
        assert long_post.get_absolute_url() in client.get("/sitemap.xml").text

    @pytest.mark.parametrize("whose", ["the site's", "the article's"])
    def test_comments_are_kept_out_and_the_article_is_not(self, client, long_post, whose):
        self.pages(client, long_post)
        if whose == "the site's":
            rule(comments_a_page=2, comments_in_search=False)
        else:
            long_post.in_search = Post.InSearch.ARTICLE
            long_post.save()
        first, second, first_again = self.pages(client, long_post)
        assert (NOINDEX in first, NOINDEX in second, NOINDEX in first_again) == (False, True, False)
        for page in (first, second):
            assert re.search(r'<section class="discussion"[^>]* data-nosnippet>', page)
        assert long_post.get_absolute_url() in client.get("/sitemap.xml").text

    def test_an_article_can_be_kept_out_altogether(self, client, long_post):
        other = factories.post()
        long_post.in_search = Post.InSearch.NOTHING
        long_post.save()
        for page in self.pages(client, long_post):
            assert NOINDEX in page
            assert "data-nosnippet" in page
        sitemap = client.get("/sitemap.xml").text
        assert long_post.get_absolute_url() not in sitemap
        assert other.get_absolute_url() in sitemap

    def test_feeds_and_links_to_one_comment_are_never_listed(self, client, post):
        comment = post.comments.first()
        for address in [
            "/feed/",
            "/feed/atom/",
            "/comments/feed/",
            f"/comments/feed/{post.pk}/",
            comment.get_absolute_url(),
        ]:
            assert client.get(address)["X-Robots-Tag"] == "noindex", address

    def test_crawlers_that_train_machines_are_sent_away_as_the_owner_names_them(self, client):
        robots = client.get("/robots.txt").text
        assert re.search(r"User-agent: GPTBot\n(User-agent: \S+\n)+Disallow: /\n\nUser-agent: \*\n", robots)
        rule(refused_crawlers="OneBot, Two-Bot\nthree")
        assert client.get("/robots.txt").text.startswith(
            "User-agent: OneBot\nUser-agent: Two-Bot\nUser-agent: three\nDisallow: /\n\nUser-agent: *\n"
        )
        rule(refused_crawlers="")
        assert client.get("/robots.txt").text.startswith("User-agent: *\nDisallow: /accounts/\n")


@pytest.mark.django_db(transaction=True)
def test_kept_pages_follow_at_the_next_read(client):
    factories.published_guidelines()
    post = factories.post()
    factories.comment(post)
    address = post.get_absolute_url()
    for _ in range(2):
        assert "quick-exit" not in client.get(address).text
    rule(quick_exit=True, discreet_title="Notes", comments_in_search=False)
    page = client.get(address).text
    assert "quick-exit" in page
    assert "<title>Notes</title>" in page
    assert "data-nosnippet" in page
    post.in_search = Post.InSearch.NOTHING
    post.save()
    assert NOINDEX in client.get(address).text
