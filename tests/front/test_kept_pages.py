"""Kept pages: the same bytes for everybody, without Django, and never a moment out of date."""

import gzip
import time
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import brotli
import pytest
import time_machine
from django.core.signals import request_finished
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.utils import timezone
from django.utils.http import http_date

from comments import moderation, submission
from comments.models import HouseRules
from comments.viewers import Viewer
from posts.models import Category
from storied.front.cache import KeptPages
from tests import factories
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


class House:
    """The application behind its kept pages, counting what gets through to Django."""

    def __init__(self):
        self.asked = 0
        self._django = get_wsgi_application()
        self._pages = KeptPages(self._count)

    def _count(self, environ, start_response):
        self.asked += 1
        return self._django(environ, start_response)

    def read(self, path, method="GET", **headers):
        path, _, query = path.partition("?")
        said = {}

        def start_response(status, sent, *_error):
            said["status"] = int(status[:3])
            said["headers"] = {name.lower(): value for name, value in sent}

        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "testserver",
            "SERVER_NAME": "testserver", "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(),
            "REMOTE_ADDR": "127.0.0.1",
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }  # fmt: skip
        answer = self._pages(environ, start_response)
        said["body"] = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return said

    def text(self, path):
        answer = self.read(path)
        assert answer["status"] == 200
        return answer["body"].decode()


@pytest.fixture
def house():
    return House()


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture
def moderator(post):
    return Viewer(factories.person("Mod", "moderator"))


def test_a_page_is_made_once_and_then_comes_without_django(house, post):
    first, second = house.read(post.get_absolute_url()), house.read(post.get_absolute_url())
    assert first["body"] == second["body"]
    assert house.asked == 1
    assert second["headers"]["cache-control"] == "public, no-cache"
    assert "content-security-policy" in second["headers"]
    assert "set-cookie" not in second["headers"]


def test_the_next_read_shows_whatever_was_decided(house, post, moderator):
    address = post.get_absolute_url()
    comment = factories.comment(post, "Words to see.", status="pending")
    other = factories.comment(post, "Another.")
    assert "Words to see" not in house.text(address)
    moderation.decide(comment.pk, "approve", moderator)
    assert "Words to see" in house.text(address)
    moderation.move(comment.pk, other.pk, moderator)
    assert f'in reply to <a href="#comment-{other.pk}">' in house.text(address)
    moderation.decide(comment.pk, "remove", moderator)
    assert "Words to see" not in house.text(address)
    moderation.undo(comment.pk, moderator)
    assert "Words to see" in house.text(address)
    assert house.asked == 5


def test_the_next_read_shows_whatever_was_written_edited_and_withdrawn(house, post):
    address, writer = post.get_absolute_url(), Viewer(post.author)
    house.text(address)
    draft = factories.draft(post, "First words.", viewer=writer)
    comment = submission.submit(draft)
    assert "First words." in house.text(address)
    submission.edit(comment, replace(draft, body="Second words."), seen_revision=1)
    assert "Second words." in house.text(address)
    submission.withdraw(comment, writer)
    assert "Second words." not in house.text(address)


def test_a_discussion_that_closes_shows_it_and_other_articles_are_left_alone(house, post, moderator):
    other = factories.post(post.author)
    house.text(post.get_absolute_url()), house.text(other.get_absolute_url())
    asked = house.asked
    factories.comment(post)
    house.text(other.get_absolute_url())
    assert house.asked == asked
    moderation.close_discussion(post, moderator)
    assert "This discussion is closed." in house.text(post.get_absolute_url())


def test_a_branch_that_is_locked_and_a_pace_that_is_set_show_at_once(house, post, moderator):
    address, comment = post.get_absolute_url(), factories.comment(post)
    assert f"replytocom={comment.pk}" in house.text(address)
    moderation.lock(comment.pk, moderator)
    assert "No more replies here" in house.text(address)
    moderation.unlock(comment.pk, moderator)
    assert f"replytocom={comment.pk}" in house.text(address)
    moderation.slow_down(post, 10, moderator)
    assert "once in 10 minutes" in house.text(address)
    moderation.slow_down(post, 0, moderator)
    assert "once in" not in house.text(address)


def test_the_numbers_of_openness_are_kept_for_everybody(house, post):
    first, second = house.read("/openness/"), house.read("/openness/")
    assert (first["status"], house.asked) == (200, 1)
    assert first["body"] == second["body"]


def test_the_home_page_counts_anew(house, post, moderator):
    assert "1 response" not in house.text("/")
    comment = factories.comment(post, status="pending")
    moderation.decide(comment.pk, "approve", moderator)
    assert "1 response" in house.text("/")


def test_what_stands_around_a_discussion_is_never_old(house, post):
    address = post.get_absolute_url()
    category = Category.objects.create(name="Garden", slug="garden")
    house.text(address)
    post.title = "A better title"
    post.save()
    assert "A better title" in house.text(address)
    post.categories.add(category)
    assert "Garden" in house.text(address)
    category.name = "Orchard"
    category.save()
    assert "Orchard" in house.text(address)
    HouseRules.change({"guests_may_write": False}, by=None)
    assert "Log in to comment" in house.text(address)
    HouseRules.change({}, by=None)
    factories.published_guidelines("A brand new clause")
    assert "A brand new clause" in house.text(address)


def test_what_was_rolled_back_changes_nothing_and_leaves_nothing_open(house, post):
    address = post.get_absolute_url()
    before = house.text(address)

    @transaction.atomic
    def change_one_s_mind():
        factories.comment(post, "Never said.")
        raise LookupError

    with pytest.raises(LookupError):
        change_one_s_mind()
    assert "Never said" not in house.text(address)
    request_finished.send(sender=None)
    house.text(address)
    asked = house.asked
    assert house.text(address) == before
    assert house.asked == asked


def test_a_page_that_changes_at_a_time_is_not_kept_beyond_it(house, post):
    later = timezone.now() + timedelta(minutes=30)
    factories.post(post.author, title="To come", published_at=later)
    assert "To come" not in house.text("/")
    with time_machine.travel(later + timedelta(seconds=1), tick=True):
        assert "To come" in House().text("/")
    kept = next(iter(house._pages._kept.values()))
    assert kept.until - time.monotonic() < 31 * 60


@pytest.mark.parametrize(
    ("accepted", "decode"), [("", bytes), ("gzip, deflate", gzip.decompress), ("gzip, br", brotli.decompress)]
)
def test_each_encoding_holds_the_same_page_under_an_etag_of_its_own(house, post, accepted, decode):
    plain = house.read(post.get_absolute_url())
    answer = house.read(post.get_absolute_url(), accept_encoding=accepted)
    assert decode(answer["body"]) == plain["body"]
    assert answer["headers"].get("content-encoding", "") == accepted.rpartition(" ")[2].replace("deflate", "gzip")
    assert int(answer["headers"]["content-length"]) == len(answer["body"])
    assert "Accept-Encoding" in answer["headers"]["vary"]
    again = house.read(post.get_absolute_url(), accept_encoding=accepted, if_none_match=answer["headers"]["etag"])
    assert (again["status"], again["body"]) == (304, b"")


def test_an_encoding_that_a_client_refuses_is_not_sent(house, post):
    answer = house.read(post.get_absolute_url(), accept_encoding="br;q=0, gzip;q=0.0")
    assert "content-encoding" not in answer["headers"]


def test_etags_of_encodings_differ_and_another_one_is_no_match(house, post):
    plain = house.read(post.get_absolute_url())["headers"]["etag"]
    zipped = house.read(post.get_absolute_url(), accept_encoding="gzip", if_none_match=plain)
    assert zipped["status"] == 200
    assert zipped["headers"]["etag"] != plain
    assert not plain.startswith("W/")


def test_if_modified_since_is_answered_too_once_no_other_page_can_have_the_same_date(house, post):
    now = timezone.now().replace(microsecond=0)
    with time_machine.travel(now, tick=False) as clock:
        assert "last-modified" not in house.read(post.get_absolute_url())["headers"]
        assert house.read(post.get_absolute_url(), if_modified_since=http_date(now.timestamp()))["status"] == 200
        clock.shift(1)
        modified = house.read(post.get_absolute_url())["headers"]["last-modified"]
        assert modified == http_date(now.timestamp())
        assert house.read(post.get_absolute_url(), if_modified_since=modified)["status"] == 304


def test_head_gets_the_headers_and_no_body(house, post):
    page = house.read(post.get_absolute_url())
    head = house.read(post.get_absolute_url(), "HEAD")
    assert head["body"] == b""
    assert head["headers"]["content-length"] == page["headers"]["content-length"]
    fresh = House().read(post.get_absolute_url(), "HEAD")
    assert (fresh["status"], fresh["body"]) == (200, b"")


@pytest.mark.parametrize("cookie", ["storied_session=abc", "storied_guest=abc", "a=b; storied_guest=x"])
def test_somebody_known_gets_a_page_of_their_own(house, post, cookie):
    house.text(post.get_absolute_url())
    asked = house.asked
    answer = house.read(post.get_absolute_url(), cookie=cookie)
    assert house.asked == asked + 1
    assert answer["headers"]["cache-control"] == "private, no-cache"
    assert "Cookie" in answer["headers"]["vary"]


@pytest.mark.parametrize("query", ["replytocom=1", "q=x", "comments=1&x=2", "comments=1%00"])
def test_other_questions_go_to_django(house, post, query):
    for _ in range(2):
        house.read(f"{post.get_absolute_url()}?{query}")
    assert house.asked == 2


def test_what_is_not_found_is_not_kept(house, post):
    for _ in range(2):
        assert house.read("/2020/01/nothing/")["status"] == 404
    assert house.asked == 2


def test_an_unknown_host_gets_no_kept_page(house, post):
    house.text(post.get_absolute_url())
    assert house.read(post.get_absolute_url(), host="evil.example")["status"] == 400


def test_a_hundred_readers_at_the_moment_of_a_change_have_the_page_made_once(house, post):
    house.text(post.get_absolute_url())
    factories.comment(post, "News.")
    asked = house.asked
    pages = at_once(*[lambda: house.text(post.get_absolute_url())] * 100)
    assert all("News." in page for page in pages)
    assert house.asked == asked + 1
