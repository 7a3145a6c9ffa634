"""What a moderator looks for: an e-mail address stands in the address of no page, and so in no log."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone

from comments.models import Comment, DeskLogEntry
from comments.moderation.sought import from_address, in_address
from storied.network import key_of
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "ruth.secret@example.org"


@pytest.fixture
def moderator(client):
    person = factories.person("Mod", "moderator")
    client.force_login(person)
    return person


@pytest.fixture
def written():
    post = factories.post(factories.person("Host", "owner"))
    factories.comment(post, "Words of another.", status="pending")
    fields = {"author_name": "Ruth", "author_email": ADDRESS, "guest_key": factories.guest().guest_key}
    return factories.comment(post, "Words of hers.", status="pending", **fields)


def tells(address):
    return "@" in unquote(address) or "secret" in address


def links_in(page):
    return re.findall(r'(?:href|action)="([^"]*)"', page)


def seek(client, room, words, **fields):
    return client.post("/moderation/seek/", {"room": room, "q": words, **fields})


@pytest.mark.parametrize("room", ["pending", "recent", "decided"])
def test_a_queue_is_narrowed_to_an_address_that_no_page_s_address_tells(client, moderator, written, room):
    answer = seek(client, room, ADDRESS, age="week", view="short")
    assert answer.url.startswith(f"/moderation/{room}/?q=sealed.")
    assert "age=week" in answer.url
    assert "view=short" in answer.url
    assert not tells(answer.url)
    page = client.get(answer.url).text
    assert f'value="{ADDRESS}"' in page
    assert [address for address in links_in(page) if tells(address)] == []
    if room == "pending":
        assert "Words of hers." in page
        assert "Words of another." not in page


def test_it_stays_when_one_has_decided(client, moderator, written):
    page = client.get(seek(client, "pending", ADDRESS).url).text
    asked = re.search(r'name="asked" value="([^"]*)"', page)[1].replace("&amp;", "&")
    answer = client.post(
        "/moderation/decide/", {"one": f"approve:{written.pk}", "queue": "pending", "asked": asked}
    )  # fmt: skip
    assert Comment.objects.get(pk=written.pk).is_approved
    assert not tells(answer.url)
    assert f'value="{ADDRESS}"' in client.get(answer.url).text


def test_so_are_people(client, moderator, written):
    answer = seek(client, "people", ADDRESS)
    assert not tells(answer.url)
    page = client.get(answer.url).text
    assert "1 found" in page
    assert [address for address in links_in(page) if tells(address)] == []


@pytest.mark.parametrize(("room", "leads_to"), [
    ("people", "/moderation/people/?q=Ruth+L."), ("spam", "/moderation/spam/?q=Ruth+L."),
    ("//evil.example/", "/moderation/pending/?q=Ruth+L."),
])  # fmt: skip
def test_other_words_can_be_read_in_it(client, moderator, room, leads_to):
    assert seek(client, room, "Ruth L.").url == leads_to
    assert seek(client, room, "").url == leads_to.partition("?")[0]


@pytest.mark.parametrize("path", ["/moderation/", "/moderation/recent/", "/moderation/people/"])
def test_a_page_that_is_asked_for_with_one_forgets_it(client, moderator, path):
    for browser in (client, Client()):
        answer = browser.get(path, {"q": ADDRESS, "page": "2"})
        assert answer.status_code == 302
        assert answer.url.startswith(f"{path}?q=sealed.")
        assert "page=2" in answer.url
        assert not tells(answer.url)
        assert answer["Cache-Control"] == "private, no-store"


def test_after_a_day_nobody_reads_it_any_more(client, moderator, written, time_machine):
    there = in_address(ADDRESS)
    assert from_address(there) == ADDRESS
    assert not tells(there)
    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))
    assert from_address(there) == ""
    assert from_address(there[:-8]) == ""
    page = client.get("/moderation/pending/", {"q": there}).text
    assert ADDRESS not in page
    assert "Words of another." in page
    assert from_address("sealed. envelopes") == "sealed. envelopes"


def test_the_way_to_block_somebody_s_address_does_not_tell_it(client, moderator, written):
    record = f"/moderation/people/guest/{written.guest_key}/"
    page = client.post(f"{record}contact/").text
    assert ADDRESS in page
    assert DeskLogEntry.objects.exists()
    [way] = [address for address in links_in(page) if "kind=address" in address]
    assert not tells(way)
    assert f'value="{ADDRESS}"' in client.get(way.replace("&amp;", "&")).text


def test_it_is_for_moderators_and_needs_their_own_form(client, moderator, written):
    assert client.get("/moderation/seek/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(moderator)
    assert seek(strict, "people", ADDRESS).status_code == 403
    stranger = Client()
    stranger.force_login(factories.person())
    assert seek(stranger, "people", ADDRESS).status_code == 403
    assert "You are not logged in" in seek(Client(), "people", ADDRESS).text


# --- By network: the address is compared with the keyed hash that comments carry, and stands nowhere ---


@pytest.mark.parametrize(("asked", "is_found"), [
    ("203.0.113.77", True), ("::ffff:203.0.113.77", True), ("203.0.114.77", False), ("203.0.113", False),
])  # fmt: skip
def test_what_came_from_a_network_is_found_by_one_of_its_addresses(client, moderator, written, asked, is_found):
    Comment.objects.filter(pk=written.pk).update(network=key_of("203.0.113.5"))
    answer = seek(client, "pending", asked)
    assert ("203." in answer.url) is (asked == "203.0.113")
    page = client.get(answer.url).text
    assert ("Words of hers." in page) is is_found
    assert "Words of another." not in page


def test_a_page_that_is_asked_for_with_a_network_address_forgets_it(client, moderator):
    answer = client.get("/moderation/recent/", {"q": "2001:db8:1:2::3"})
    assert answer.status_code == 302
    assert answer.url.startswith("/moderation/recent/?q=sealed.")


def test_no_network_leads_to_a_name_used_only_here_and_none_is_told_to_who_keeps_no_people(client, written):
    Comment.objects.filter(pk=written.pk).update(network=key_of("203.0.113.5"), signed="alias")
    client.force_login(factories.person("Mod", "moderator"))
    assert "Words of hers." not in client.get(seek(client, "pending", "203.0.113.5").url).text
    Comment.objects.filter(pk=written.pk).update(signed="name")
    client.force_login(written.post.author)
    assert "Words of hers." in client.get(seek(client, "pending", "203.0.113.5").url).text
    host = factories.person("Another host")
    own = factories.post(host)
    Comment.objects.filter(pk=written.pk).update(post=own)
    client.force_login(host)
    page = client.get("/moderation/pending/").text
    assert "Words of hers." in page
    assert "Words of hers." not in client.get(seek(client, "pending", "203.0.113.5").url).text
