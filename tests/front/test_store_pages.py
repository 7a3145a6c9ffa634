"""Which kept pages are stored for a web server in front, when, and that a change takes them away before its commit."""

import gzip
import logging
from datetime import timedelta

import brotli
import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from django.utils.http import parse_http_date

from comments import moderation
from comments.viewers import Viewer
from storied.front import board
from storied.front import store as stores
from storied.front.headers import headers_mark
from storied.front.store import SPAN, place_of, span_of
from tests import factories

from .test_kept_pages import House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

# The beginning of a span, far enough from the present that nothing is published in between.
NOON = timezone.now().replace(microsecond=0) + timedelta(days=1)
NOON -= timedelta(seconds=NOON.timestamp() % SPAN - 5)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture
def house(settings, tmp_path, clock, post):
    settings.PAGE_STORE = str(tmp_path / "pages")
    stores.store.cache_clear()
    yield House()
    stores.store.cache_clear()


@pytest.fixture
def stored(tmp_path, clock):
    """The file that a web server would send now for an address; None where there is none."""

    def stored(address, ending=""):
        place = place_of(*address.partition("?")[::2])
        span = span_of(timezone.now().timestamp())
        file = tmp_path / "pages" / "live" / f"headers-{headers_mark()}{place}" / f"{span}.html{ending}"
        return file if file.exists() else None

    return stored


def test_a_page_is_stored_when_it_is_asked_for_a_second_after_it_was_made(house, post, clock, stored):
    address = post.get_absolute_url()
    page = house.read(address)
    house.read(address)
    assert stored(address) is None
    clock.shift(1)
    house.read(address)
    assert stored(address).read_bytes() == page["body"]
    assert gzip.decompress(stored(address, ".gz").read_bytes()) == page["body"]
    assert brotli.decompress(stored(address, ".br").read_bytes()) == page["body"]
    assert house.asked == 1


@pytest.mark.parametrize("accepted", ["", "gzip", "br"])
def test_storied_names_and_dates_a_stored_page_as_a_web_server_does(house, post, clock, stored, accepted):
    address = post.get_absolute_url()
    house.read(address)
    clock.shift(1)
    said = house.read(address, accept_encoding=accepted)
    file = stored(address, {"": "", "gzip": ".gz", "br": ".br"}[accepted]).stat()
    assert said["headers"]["etag"] == f'"{int(file.st_mtime):x}-{file.st_size:x}"'
    assert parse_http_date(said["headers"]["last-modified"]) == file.st_mtime
    again = house.read(address, accept_encoding=accepted, if_none_match=said["headers"]["etag"])
    assert again["status"] == 304


def test_the_name_that_a_page_had_in_its_first_second_is_still_known(house, post, clock):
    address = post.get_absolute_url()
    etag = house.read(address)["headers"]["etag"]
    clock.shift(1)
    assert house.read(address, if_none_match=etag)["status"] == 304


def test_a_page_of_the_same_second_is_told_by_its_name_from_the_one_before(house, post, clock):
    address = post.get_absolute_url()
    before = house.read(address)["headers"]["etag"]
    factories.comment(post, "News.")
    assert house.read(address, if_none_match=before)["status"] == 200


def test_a_change_takes_stored_pages_away_before_its_commit_and_leaves_others(house, post, clock, stored):
    other = factories.post(post.author)
    addresses = [post.get_absolute_url(), other.get_absolute_url(), "/"]
    comment = factories.comment(post, "Words to see.", status="pending")
    for _ in range(2):
        for address in addresses:
            house.read(address)
        clock.shift(1)
    assert all(stored(address) for address in addresses)
    with transaction.atomic():
        moderation.decide(comment.pk, "approve", Viewer(factories.person("Mod", "moderator")))
        assert stored(addresses[0]) is None
        assert stored("/") is None
    house.read(addresses[0])
    clock.shift(1)
    assert b"Words to see." in house.read(addresses[0])["body"]
    assert b"Words to see." in stored(addresses[0]).read_bytes()


def test_pages_are_taken_away_once_the_board_speaks_of_the_change(house, post, monkeypatch):
    told = []

    def note(slots):
        told.append([board.board().settled(slot) for slot in slots])

    monkeypatch.setattr(board, "before_commit", [note])
    with transaction.atomic():
        board.discussion_changes(post.pk)
        board.discussion_changes(post.pk)
    assert told == [[None, None]]


def test_a_change_whose_pages_cannot_be_taken_away_is_undone(house, post, monkeypatch):
    def refuse(_slots):
        raise PermissionError("not mine")

    monkeypatch.setattr(board, "before_commit", [refuse])
    post.title = "Never said"
    with pytest.raises(PermissionError), transaction.atomic():
        post.save()
    assert b"Never said" not in house.read(post.get_absolute_url())["body"]


def test_a_change_of_one_discussion_leaves_the_others(house, post, clock, stored):
    other = factories.post(post.author)
    for _ in range(2):
        house.read(other.get_absolute_url())
        clock.shift(1)
    with transaction.atomic():
        board.discussion_changes(post.pk)
    assert stored(other.get_absolute_url())
    with transaction.atomic():
        board.site_changes()
    assert stored(other.get_absolute_url()) is None


def test_nothing_is_stored_while_a_change_is_under_way(house, post, clock, stored):
    address = post.get_absolute_url()
    house.read(address)
    clock.shift(1)
    with transaction.atomic():
        board.discussion_changes(post.pk)
        house.read(address)
        assert stored(address) is None


def test_in_the_next_span_it_is_stored_anew_without_being_made_anew(house, post, clock, stored):
    address = post.get_absolute_url()
    house.read(address)
    clock.shift(1)
    house.read(address)
    clock.shift(SPAN)
    assert stored(address) is None
    house.read(address)
    assert stored(address)
    assert house.asked == 1


def test_what_ends_by_itself_is_stored_only_for_spans_that_it_outlives(house, post, clock, stored):
    factories.post(post.author, title="To come", published_at=NOON + timedelta(seconds=1.5 * SPAN))
    house.read("/")
    clock.shift(1)
    house.read("/")
    assert stored("/")
    clock.shift(SPAN)
    house.read("/")
    assert stored("/") is None
    clock.shift(SPAN)
    # The clock by which memory forgets is another one, and stands still here.
    house = House()
    assert b"To come" in house.read("/")["body"]
    assert stored("/") is None
    clock.shift(1)
    house.read("/")
    assert b"To come" in stored("/").read_bytes()


@pytest.mark.parametrize(
    "asked",
    [{"host": "localhost"}, {"cookie": "storied_guest=x"}, {"cookie": "storied_session=x"}, {"method": "HEAD"}],
)
def test_only_what_everybody_gets_by_the_site_s_own_name_is_stored(house, post, clock, stored, settings, asked):
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    for _ in range(2):
        house.read(post.get_absolute_url(), **asked)
        clock.shift(1)
    assert bool(stored(post.get_absolute_url())) is ("method" in asked)  # HEAD makes the page for everybody


def test_a_page_with_a_header_that_the_others_lack_is_left_to_storied(house, post, clock, stored):
    django = house._django

    def with_another_header(environ, start_response):
        return django(environ, lambda status, sent, *error: start_response(status, [*sent, ("X-Own", "1")], *error))

    house._django = with_another_header
    for _ in range(2):
        house.read(post.get_absolute_url())
        clock.shift(1)
    assert house.asked == 1
    assert stored(post.get_absolute_url()) is None


def test_where_a_page_cannot_be_stored_it_is_sent_all_the_same(house, post, clock, tmp_path, caplog):
    house.read(post.get_absolute_url())
    clock.shift(1)
    (tmp_path / "pages").rename(tmp_path / "gone")
    with caplog.at_level(logging.WARNING):
        assert house.read(post.get_absolute_url())["status"] == 200
    assert "could not be stored" in caplog.text


def test_who_starts_anew_finds_nothing_stored(house, post, clock, stored):
    for _ in range(2):
        house.read(post.get_absolute_url())
        clock.shift(1)
    assert stored(post.get_absolute_url())
    House()
    assert stored(post.get_absolute_url()) is None


def test_what_another_process_made_is_kept_without_asking_django(house, post):
    neighbour = House()
    page = house.read(post.get_absolute_url())
    assert neighbour.read(post.get_absolute_url())["body"] == page["body"]
    assert (house.asked, neighbour.asked) == (1, 0)
    factories.comment(post, "News.")
    assert b"News." in neighbour.read(post.get_absolute_url())["body"]
    assert b"News." in house.read(post.get_absolute_url())["body"]
    assert (house.asked, neighbour.asked) == (1, 1)
