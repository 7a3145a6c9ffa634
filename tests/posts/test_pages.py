"""Pages of articles."""

from datetime import UTC, datetime, timedelta
from xml.dom.minidom import parseString

import pytest
from django.utils import timezone

from posts.models import Category, Post
from tests import factories

pytestmark = pytest.mark.django_db


def read(client, address, **query):
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def at(year, month, day):
    return datetime(year, month, day, 12, tzinfo=UTC)


@pytest.fixture
def articles():
    author = factories.person("Ada")
    return [
        factories.post(author, title="In March", slug="in-march", published_at=at(2025, 3, 4)),
        factories.post(author, title="In April", slug="in-april", published_at=at(2025, 4, 5)),
        factories.post(author, title="In May", slug="in-may", published_at=at(2025, 5, 6)),
    ]


def test_home_shows_the_newest_first_with_their_responses(client, articles):
    factories.comment(articles[2])
    page = read(client, "/")
    assert page.index("In May") < page.index("In April") < page.index("In March")
    assert "1 response" in page


@pytest.mark.parametrize("number", [1, 9])
def test_home_costs_the_same_queries_for_one_article_as_for_nine(client, number, django_assert_num_queries):
    author = factories.person()
    for _ in range(number):
        factories.post(author)
    # What is to come; how many, the articles, their categories, their responses; where help is; the house rules.
    with django_assert_num_queries(7):
        client.get("/")


def test_a_sticky_article_stays_on_top(client, articles):
    articles[0].is_sticky = True
    articles[0].save()
    page = read(client, "/")
    assert page.index("In March") < page.index("In May")


def test_months_years_and_categories_list_their_articles(client, articles):
    garden = Category.objects.create(name="Garden", slug="garden")
    articles[1].categories.add(garden)
    for address in ("/2025/04/", "/category/garden/"):
        page = read(client, address)
        assert "In April" in page
        assert "In May" not in page
    assert "In March" in read(client, "/2025/")
    index = read(client, "/archive/")
    assert "Garden" in index
    assert "/2025/03/" in index


@pytest.mark.parametrize(
    "address", ["/2025/13/", "/2025/00/", "/0000/01/", "/2025/4/", "/category/none/", "/2025/04/no/"]
)
def test_what_does_not_exist_is_not_found(client, articles, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("page", ["0", "99", "x", "-1", "9" * 30])
def test_a_page_of_the_list_that_does_not_exist_is_not_found(client, articles, page):
    assert client.get("/", {"page": page}).status_code == 404


def test_an_article_shows_what_belongs_to_it(client, articles):
    post = articles[1]
    post.editors_note = "This is a revised version of a post from the archives."
    post.body = "Words with a [link](https://example.org/) and\n\n> a quotation."
    post.save()
    page = read(client, post.get_absolute_url())
    for said in (
        "In April",
        "Ada",
        "revised version",
        "<blockquote>",
        'href="https://example.org/"',
        "In March",
        "In May",
    ):
        assert said in page
    assert 'rel="canonical"' in page


def test_the_newest_article_has_no_next_and_the_oldest_no_previous(articles):
    assert articles[2].next() is None
    assert articles[0].previous() is None
    assert articles[1].next() == articles[2]
    assert articles[1].previous() == articles[0]


@pytest.mark.parametrize(
    "hidden", [{"status": "draft"}, {"status": "private"}, {"published_at": timezone.now() + timedelta(days=1)}]
)
def test_what_is_not_published_is_for_its_author_and_moderators(client, hidden):
    author = factories.person("Author")
    post = factories.post(author, title="Unfinished", **hidden)
    address = post.get_absolute_url()
    assert client.get(address).status_code == 404
    assert "Unfinished" not in read(client, "/")
    for person, status in [(factories.person(), 404), (author, 200), (factories.person(role="moderator"), 200)]:
        client.force_login(person)
        assert client.get(address).status_code == status


def test_a_page_stands_at_its_name(client):
    factories.post(kind="page", title="About", slug="about")
    assert "About" in read(client, "/about/")
    assert "About" not in read(client, "/archive/")


def test_old_addresses_lead_to_the_new_ones(client, articles):
    Post.objects.filter(pk=articles[0].pk).update(legacy_path="journal/old-march", source="wordpress:x", source_id="77")
    new = articles[0].get_absolute_url()
    assert client.get("/journal/old-march/").url == new
    assert client.get("/", {"p": "77"}).url == new
    assert client.get("/2019/01/in-march/").url == new


def test_a_draft_without_a_slug_has_an_address(client):
    author = factories.person(role="owner")
    post = factories.post(author, slug="", status="draft")
    client.force_login(author)
    assert client.get(post.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("address", ["/feed/", "/feed/atom/", "/sitemap.xml"])
def test_feeds_and_sitemap_name_what_is_published_and_nothing_else(client, articles, address):
    factories.post(title="Unfinished", slug="unfinished", status="draft")
    answer = client.get(address)
    assert answer.status_code == 200
    assert b"in-may" in answer.content
    assert b"unfinished" not in answer.content.lower()


def test_the_feed_is_well_formed_with_awkward_titles(client):
    from lxml import etree

    factories.post(title='A & B <c> "d" ]]>', body="& < > ]]>")
    etree.fromstring(client.get("/feed/").content, etree.XMLParser(resolve_entities=False))


def test_pictures_of_other_hosts_become_links(client):
    post = factories.post(body='<img src="https://elsewhere.example/a.png" alt="A shore"> text', body_format="html")
    page = read(client, post.get_absolute_url())
    assert "<img" not in page.split("<main")[1]
    assert ">[picture: A shore]</a>" in page


def test_the_owner_writes_an_article_in_the_admin(client):
    owner = factories.person("Owner", "owner")
    client.force_login(owner)
    form = client.get("/admin/posts/post/add/")
    assert form.status_code == 200
    answer = client.post(
        "/admin/posts/post/add/",
        {
            "title": "Written here", "slug": "written-here", "kind": "article", "status": "published",
            "published_at_0": "2025-06-01", "published_at_1": "10:00:00", "author": owner.pk, "body": "Some *words*.",
            "body_format": "markdown", "discussion-TOTAL_FORMS": "1", "discussion-INITIAL_FORMS": "0",
            "discussion-0-is_open": "on", "in_search": "all",
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["errors"]
    assert "<em>words</em>" in read(client, "/2025/06/written-here/")


def test_a_character_pasted_along_that_is_no_text_keeps_nobody_from_the_feeds(client):
    author = factories.person("Ada \x0bLovelace")
    post = factories.post(author, title="Notes\x0b on\x08 birds\ufffe")
    post.categories.add(Category.objects.create(name="In\x1f the garden", slug="garden"))
    factories.comment(post)
    for feed in ("/feed/", "/feed/atom/", "/comments/feed/"):
        assert "Notes on birds" in parseString(read(client, feed)).toxml()


def test_the_admin_bears_the_name_of_the_site_and_spells_what_it_lists(client, settings):
    client.force_login(factories.person("Owner", "owner"))
    page = client.get("/admin/").text
    assert f"{settings.STORIED_SITE_NAME}: administration" in page
    assert "Django administration" not in page
    assert "entrys" not in page
