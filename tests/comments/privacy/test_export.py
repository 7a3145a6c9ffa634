"""Everything of one's own, and nothing of anybody else's, in a file for programs and a page for people."""

import io
import json
import re
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.models import AddressProof, Erasure
from comments.privacy import Belongings, erasure, export, parts
from tests import factories

from .somebody import left_everywhere

pytestmark = pytest.mark.django_db

# What others wrote about them for each other, or what is told to nobody: it is not in an export.
NOT_TOLD = ["noted", " rule", " note", " reason", " desk", " d\"", " name"]  # fmt: skip


def unpacked(made):
    with zipfile.ZipFile(made) as packed:
        assert packed.namelist() == ["data.json", "readable.html"]
        return json.loads(packed.read("data.json")), packed.read("readable.html").decode()


def of(somebody):
    theirs = Belongings.of_account(somebody.account) if somebody.account else Belongings.of_address(somebody.email)
    with export.zip_of(theirs) as made:
        return unpacked(made)


@pytest.mark.parametrize("is_member", [True, False], ids=["member", "guest"])
def test_it_has_all_of_ones_own_and_nothing_of_others(is_member):
    factories.published_guidelines()
    judith = left_everywhere("xyjudith", is_member=is_member)
    left_everywhere("xyother", is_member=is_member)
    data, page = of(judith)
    own = [f"text {state}" for state in ("approved", "pending", "rejected", "removed", "spam", "withdrawn", "imported")]
    own += ["wording", "told", "appeals", "answered", "for you", "mailed"]
    own += ["reports", "worries", "Alias", "muted", "unsent"] if is_member else []
    for text in (json.dumps(data), page):
        for words in own:
            assert f"xyjudith {words}" in text, words
        assert judith.email in text.casefold()
        assert "xyother" not in text
        for words in NOT_TOLD:
            assert f"xyjudith{words}" not in text, words
        assert judith.moderator.display_name not in text
        assert "Somebody else" not in text
    assert (data["format"], data["version"]) == ("storied-export", 1)
    assert set(data) >= {section.name for section in export.sections(Belongings.of_address("a@example.org"))}
    approved = next(one for one in data["comments"] if one["state"] == "approved" and one["agreements"])
    assert approved["agreements"] == [
        {"version": 1, "sentence": "A sentence.", "way": "form", "at": approved["agreements"][0]["at"]}
    ]
    assert data["subscriptions"][0]["what"] == "New articles"
    assert "a new article" in {one["about"] for one in data["mails"]}
    assert data["restrictions"][0]["words"] == "xyjudith for you"
    assert [one["comment"] for one in data["not_mine"]] == ([judith.reply.pk] if is_member else [])
    assert data["proofs"][0]["address"] == judith.email
    assert [one["browser"] for one in data["sessions"]] == (["xyjudith Browser"] if is_member else [])


def test_hostile_words_stay_words_on_the_page_and_it_asks_no_other_host():
    post = factories.post(title="<script>alert(1)</script>")
    body = "</style><script>alert(2)</script> {{ head }} \u202e <img src=https://elsewhere.example/x.png>"
    factories.comment(post, body, author_email="j@example.org", author_name='"><script>')
    with export.zip_of(Belongings.of_address("j@example.org")) as made:
        data, page = unpacked(made)
    assert data["comments"][0]["text"] == body
    assert "<script" not in page
    assert not re.search(r"<(?:img|link|iframe|object)|<[^>]*\ssrc=|url\(|@import", page)
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<main>") == page.count("</main>") == 1


def test_nothing_at_all_is_said_too():
    with export.zip_of(Belongings.of_address("nobody@example.org")) as made:
        data, page = unpacked(made)
    assert (data["comments"], data["mails"]) == ([], [])
    assert "Nothing." in page


@pytest.mark.parametrize("size", [3, 45])
def test_it_costs_the_same_queries_for_each_chunk_whatever_is_in_it(size, monkeypatch):
    monkeypatch.setattr(parts, "CHUNK", 20)
    post = factories.post()
    for _ in range(size):
        factories.comment(post, author_email="j@example.org", status="rejected")
    with CaptureQueriesContext(connection) as queries:
        export.zip_of(Belongings.of_address("j@example.org")).close()
    chunks = size // 20 + 1
    assert len(queries) <= 12 + 8 * chunks


# --- The pages ------------------------------------------------------------------------------------------------


def told(response):
    sent = b"".join(response.streaming_content)
    for close in response._resource_closers:  # `response.close` would end the test's database, too
        close()
    return unpacked(io.BytesIO(sent))[0]


@pytest.fixture
def lately(settings):
    """Logs somebody in as if they had just typed their password."""
    settings.ACCOUNT_RATE_LIMITS = False

    def lately(client, person):
        client.force_login(person)
        client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})

    return lately


def test_a_member_downloads_by_a_post_after_typing_the_password_again(client, lately):
    judith, other = factories.person("Judith"), factories.person("Other")
    factories.comment(factories.post(), "Mine alone.", author=judith)
    client.force_login(judith)
    assert client.get("/privacy/download/").status_code == 405
    answer = client.post("/privacy/download/")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    lately(client, judith)
    answer = client.post("/privacy/download/", {"account": other.pk, "pk": other.pk})
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith('attachment; filename="storied-')
    data = told(answer)
    assert data["person"]["name"] == "Judith"
    assert [one["text"] for one in data["comments"]] == ["Mine alone."]


def test_too_many_downloads_are_refused_in_words(client, lately):
    judith = factories.person()
    lately(client, judith)
    for _ in range(5):
        assert told(client.post("/privacy/download/"))["format"] == "storied-export"
    answer = client.post("/privacy/download/")
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert "in an hour" in answer.text


def test_nobody_gets_anything_without_a_proof(client):
    factories.comment(factories.post(), "Hers.", author_email="judith@example.org")
    said = {"email": "judith@example.org", "how": "withdraw", "typed": "erase me"}
    for path in ("/privacy/download/", "/privacy/erase/"):
        answer = client.post(path, said)
        assert answer.status_code == 403, path
        assert "You are not logged in" in answer.text, path
    for path in ("/privacy/download/address/", "/privacy/erase/address/"):
        answer = client.post(path, said)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith(reverse("comments:mine")), path
    assert not Erasure.objects.exists()


def test_a_guest_downloads_and_is_erased_by_a_proved_address(client, monkeypatch, after):
    comment = factories.comment(factories.post(), "Hers.", author_email="Judith@Example.org")
    factories.comment(factories.post(), "Of another.", author_email="other@example.org")
    proof = AddressProof.objects.create(email="judith@example.org", proved_at=comment.created_at)
    monkeypatch.setattr("comments.proofs._proof_of", lambda request: proof)
    data = told(client.post("/privacy/download/address/", {"email": "other@example.org"}))
    assert [one["text"] for one in data["comments"]] == ["Hers."]
    assert client.get("/privacy/erase/address/").status_code == 200
    refused = client.post("/privacy/erase/address/", {"how": "withdraw", "typed": "yes"})
    assert (refused.status_code, erasure.standing_of(email="judith@example.org")) == (422, None)
    answer = client.post("/privacy/erase/address/", {"how": "withdraw", "typed": "Erase me."})
    page = client.get(answer["Location"])
    assert "You will be erased on" in page.text
    after(days=8)
    assert erasure.carry_out_all() == 1
    comment.refresh_from_db()
    assert comment.body == ""
