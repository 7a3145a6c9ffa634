"""What a process keeps has an end, whatever a site grows to."""

import pytest

from posts import views
from storied.front import SITE, Memo, cache, site_changes
from storied.front.cache import KeptPages
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


class Made:
    """Texts by their length, kept by their bytes; `count` of how often one was made."""

    def __init__(self, **bounds):
        self.count = 0
        self._memo = Memo(weigh=len, **bounds)

    def get(self, key, length=10):
        def make():
            self.count += 1
            return "x" * length

        return self._memo.get(key, (SITE,), make)

    def is_kept(self, key):
        before = self.count
        self.get(key)
        return self.count == before


def test_what_weighs_too_much_together_goes_the_oldest_first():
    made = Made(most_bytes=35)
    for key in "abcd":
        made.get(key)
    assert [made.is_kept(key) for key in "bcd"] == [True] * 3
    assert not made.is_kept("a")


def test_what_is_heavier_than_all_together_may_be_is_kept_alone():
    made = Made(most_bytes=35)
    made.get("a")
    made.get("long", 100)
    assert made.is_kept("long")
    assert not made.is_kept("a")
    assert not made.is_kept("long")


def test_what_is_made_anew_counts_once():
    made = Made(most_bytes=35)
    made.get("a")
    for _ in range(5):
        site_changes()
        made.get("b")
        made.get("a")
    assert made.is_kept("a")
    assert made.is_kept("b")


def test_without_a_weight_the_number_alone_counts():
    memo = Memo(most=2)
    for key in range(3):
        memo.get(key, (SITE,), lambda: "x" * 1_000)
    assert len(memo._kept) == 2


def test_an_article_is_kept_without_its_text(client):
    post = factories.post(body="Words to read.")
    assert b"Words to read." in client.get(post.get_absolute_url()).content
    [kept] = [kept.made for kept in views._posts._kept.values()]
    assert kept.pk == post.pk
    assert not {"body", "body_html"} & set(vars(kept))


def test_pages_that_are_kept_make_room_for_newer_ones(monkeypatch):
    monkeypatch.setattr(cache, "_ALL_TOGETHER", 3 * (15_000 + cache._AROUND))
    asked = []

    def application(environ, start_response):
        asked.append(environ["PATH_INFO"])
        environ["storied.keep"] = ((SITE,), 60)
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"x" * 10_000]

    pages = KeptPages(application)

    def read(path):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "of-another-name"}
        assert len(b"".join(pages(environ, lambda *_said: None))) == 10_000

    for path in ("/a", "/b", "/c", "/d", "/d", "/b", "/a"):
        read(path)
    assert asked == ["/a", "/b", "/c", "/d", "/a"]
