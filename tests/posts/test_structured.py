"""What an article says of itself to machines: true, only where it may be listed, and nothing of its readers."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from comments.management import demo
from comments.models import HouseRules
from posts.models import Post
from tests import factories

PICTURE = Path(demo.__file__).parent / "pictures" / "bench.jpg"
pytestmark = pytest.mark.django_db


def data_of(page):
    return [json.loads(found) for found in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)]


@pytest.fixture
def post():
    factories.published_guidelines()
    post = factories.post(factories.person("Ida"), title="A bench", excerpt="A summary.")
    factories.comment(post, "Words of a reader.", author_name="Nobody else")
    return post


def test_it_says_what_stands_on_the_page(client, post):
    address = settings.SITE_URL + post.get_absolute_url()
    page = client.get(post.get_absolute_url()).text
    assert f'<link rel="canonical" href="{address}">' in page
    assert data_of(page) == [{
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": "A bench",
        "url": address,
        "author": {"@type": "Person", "name": "Ida"},
        "isPartOf": {"@type": "Blog", "name": settings.STORIED_SITE_NAME, "url": f"{settings.SITE_URL}/"},
        "description": "A summary.",
        "datePublished": post.published_at.isoformat(timespec="seconds"),
    }]  # fmt: skip


def test_a_picture_has_a_whole_address(client, post, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    post.picture = SimpleUploadedFile("bench.jpg", PICTURE.read_bytes())
    post.save()
    [data] = data_of(client.get(post.get_absolute_url()).text)
    assert data["image"] == settings.SITE_URL + post.picture.url


def test_nothing_of_readers_is_in_it(client, post):
    said = json.dumps(data_of(client.get(post.get_absolute_url()).text))
    assert "Nobody else" not in said
    assert "Words of a reader" not in said
    assert "omment" not in said


@pytest.mark.parametrize(
    "title", ["</script><script>alert(1)</script>", '"quotes" & \\ <!-- <script>', "\u2028\u2029", "שלום é 🙂"]
)
def test_no_title_leaves_its_element(client, post, title):
    Post.objects.filter(pk=post.pk).update(title=title)
    page = client.get(post.get_absolute_url()).text
    [data] = data_of(page)
    assert data["headline"] == title
    assert not re.search(r"<script(?![^>]*(src=|ld\+json))", page)


@pytest.mark.parametrize("why", ["not listed", "draft", "discreet", "answering", "further page", "a page"])
def test_where_it_may_not_be_listed_or_named_it_says_nothing(client, post, why):
    address = post.get_absolute_url()
    if why == "not listed":
        Post.objects.filter(pk=post.pk).update(in_search="nothing")
    elif why == "draft":
        Post.objects.filter(pk=post.pk).update(status=Post.Status.DRAFT)
        client.force_login(post.author)
        address = Post.objects.get(pk=post.pk).get_absolute_url()
    elif why == "discreet":
        HouseRules.change({"discreet_title": "Notes"}, by=None)
    elif why == "answering":
        address += f"?replytocom={post.comments.get().pk}"
    elif why == "further page":
        HouseRules.change({"comments_a_page": 1}, by=None)
        factories.comment(post)
        address += "?comments=2"
    else:
        address = factories.post(kind="page", slug="about", title="About").get_absolute_url()
    answer = client.get(address)
    assert answer.status_code == 200
    assert data_of(answer.text) == []


def test_comments_that_are_kept_out_of_search_leave_the_article_in(client, post):
    HouseRules.change({"comments_in_search": False}, by=None)
    assert [each["headline"] for each in data_of(client.get(post.get_absolute_url()).text)] == ["A bench"]
