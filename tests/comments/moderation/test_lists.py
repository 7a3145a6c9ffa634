"""Watched words and block lists: tried before they are saved, and what they do to a comment."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from comments import submission
from comments.exceptions import CommentsError, NotAllowed, Refused
from comments.models import Block, Comment, DeskLogEntry, WatchedWords, handles_of
from comments.moderation import lists
from comments.spam import links
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture
def owner(post):
    return Viewer(post.author)


@pytest.fixture
def known(post):
    """A guest who has been published before."""
    viewer = factories.guest()
    factories.comment(post, guest_key=viewer.guest_key)
    return viewer


# --- Words --------------------------------------------------------------------------------------------------


def test_words_are_tried_on_a_text_and_on_the_newest_comments_and_nothing_is_saved(post):
    hit = factories.comment(post, "A miracle cure!")
    factories.comment(post, "Nothing of the kind.")
    matches, tried = lists.try_words("en", {"hold": "cure*", "spam": "casino"}, "Cures in the casino")
    assert {(match.action, match.words) for match in matches} == {("hold", "cures"), ("spam", "casino")}
    assert [(one.comment, one.matches[0].words) for one in tried] == [(hit, "cure")]
    assert not WatchedWords.objects.exists()


def test_saved_words_hold_and_set_aside_and_say_which(post, owner, known):
    lists.save_words("en", {"hold": "cure*\nharm", "spam": "casino"}, owner)
    lists.save_words("de", {"hold": "heilung", "spam": ""}, owner)
    held = submission.submit(factories.draft(post, "Harm and cures, and Heilung.", viewer=known))
    assert (held.status, held.reasons) == ("pending", [{"code": "watched_word", "detail": "cures, harm, heilung"}])
    spam = submission.submit(factories.draft(post, "A casino with a cure.", viewer=known))
    assert (spam.status, spam.reasons) == ("spam", [{"code": "spam_word", "detail": "casino"}])
    assert submission.submit(factories.draft(post, "Harmless.", viewer=known)).is_approved


def test_many_matches_make_no_endless_detail(post, owner, known):
    words = [f"word{number}" for number in range(30)]
    lists.save_words("", {"hold": "\n".join(words), "spam": ""}, owner)
    held = submission.submit(factories.draft(post, " ".join(words), viewer=known))
    assert held.reasons[0]["detail"].endswith("and 20 more")


def test_what_changed_in_a_list_is_on_record(owner):
    lists.save_words("en", {"hold": "one\ntwo", "spam": ""}, owner)
    lists.save_words("en", {"hold": "two\nthree", "spam": ""}, owner)
    latest = DeskLogEntry.objects.first()
    assert (latest.action, latest.subject) == ("watch_words", "words en")
    assert latest.details == {"list": "hold", "added": ["three"], "taken_away": ["one"]}
    before = DeskLogEntry.objects.count()
    lists.save_words("en", {"hold": "two\nthree", "spam": ""}, owner)
    assert DeskLogEntry.objects.count() == before


def test_words_are_the_owner_s_and_a_list_that_cannot_be_watched_for_is_not_saved(owner, moderator):
    with pytest.raises(NotAllowed):
        lists.save_words("en", {"hold": "x y z", "spam": ""}, moderator)
    for wrong in ({"hold": "fine", "spam": "*"}, {"hold": "a*", "spam": ""}):
        with pytest.raises(CommentsError):
            lists.save_words("en", wrong, owner)
    with pytest.raises(CommentsError, match="no such language"):
        lists.save_words("xx", {"hold": "fine", "spam": ""}, owner)
    assert not WatchedWords.objects.exists()


def test_the_page_tries_and_then_saves(client, owner):
    client.force_login(owner.user)
    said = {"language": "en", "hold": "cure*", "spam": "", "text": "My cures."}
    tried = client.post("/moderation/words/", {**said, "try": "yes"})
    assert tried.status_code == 200
    assert "cures" in tried.text
    assert not WatchedWords.objects.exists()
    refused = client.post("/moderation/words/", {**said, "hold": "c*", "save": "yes"})
    assert refused.status_code == 422
    assert "would match almost everything" in refused.text
    assert client.post("/moderation/words/", {**said, "save": "yes"}).status_code == 302
    assert WatchedWords.objects.get(language="en", action="hold").words == "cure*"
    assert "cure*</textarea>" in client.get("/moderation/words/?language=en").text
    assert "cure*</textarea>" not in client.get("/moderation/words/?language=de").text


# --- Blocks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "fields"),
    [
        ("address", "bad@example.net", {"email": "Bad@Example.NET"}),
        ("address", "bad@example.net", {"email": "bad+tag@example.net"}),
        ("domain", "example.net", {"email": "anybody@mail.example.net"}),
        ("domain", "pills.example", {"body": "Look at https://www.pills.example/buy?now=1 today"}),
        ("domain", "pills.example", {"body": "[look](http://PILLS.example:8080/)"}),
        ("domain", "pills.example", {"url": "https://pills.example/"}),
        ("domain", "xn--mnchen-3ya.example", {"body": "https://münchen.example/"}),
        ("network", "ab" * 16, {"network": "ab" * 16}),
    ],
)
def test_what_is_blocked_is_held_set_aside_or_refused(post, known, moderator, kind, value, fields):
    body = fields.pop("body", "")
    for effect, outcome in (("hold", "pending"), ("spam", "spam")):
        block = lists.block(kind, value, effect, moderator)
        comment = submission.submit(factories.draft(post, body and f"{body} {effect}", viewer=known, **fields))
        assert (comment.status, comment.reasons) == (outcome, [{"code": "blocked", "detail": block.told}])
    lists.block(kind, value, "refuse", moderator)
    with pytest.raises(Refused) as refused:
        submission.submit(factories.draft(post, body, viewer=known, **fields))
    assert refused.value.code == "blocked"
    assert submission.submit(factories.draft(post, "Others pass.", viewer=known)).is_approved
    assert Block.objects.count() == 1


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ("example.net", {"email": "a@notexample.net"}),
        ("pills.example", {"body": "https://pills.example.org/"}),
        ("pills.example", {"body": "the words pills.examples alone"}),
        ("mail.example.net", {"email": "a@example.net"}),
    ],
)
def test_what_only_looks_like_it_passes(post, known, moderator, value, fields):
    lists.block("domain", value, "refuse", moderator)
    assert submission.submit(factories.draft(post, fields.pop("body", ""), viewer=known, **fields)).is_approved


def test_the_author_of_an_article_learns_no_address_from_a_block_on_it(client, moderator):
    host = factories.person("Host")
    lists.block("address", "ann.secret@example.org", "hold", moderator)
    submission.submit(factories.draft(factories.post(host), email="Ann.Secret@example.org"))
    client.force_login(host)
    page = client.get("/moderation/pending/").text
    assert "On a block list" in page
    assert "an e-mail address" in page
    assert "ann.secret" not in page.lower()


def test_a_block_that_is_over_or_taken_off_blocks_nobody(post, known, moderator):
    block = lists.block("network", "ab" * 16, "refuse", moderator, until=timezone.now() + timedelta(days=1))
    with pytest.raises(Refused):
        submission.submit(factories.draft(post, viewer=known, network="ab" * 16))
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert submission.submit(factories.draft(post, viewer=known, network="ab" * 16)).is_approved
    lists.unblock(block.pk, moderator)
    lists.unblock(block.pk, moderator)
    assert submission.submit(factories.draft(post, viewer=known, network="ab" * 16)).is_approved
    assert [entry.action for entry in DeskLogEntry.objects.all()] == ["unblock", "block"]


def test_moderators_are_not_stopped_by_a_block(post, moderator):
    lists.block("network", "ab" * 16, "refuse", moderator)
    assert submission.submit(factories.draft(post, viewer=moderator, network="ab" * 16)).is_approved


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("address", "nobody"), ("domain", "nothing"), ("domain", "http://"), ("domain", "a..b"),
        ("domain", "a b.example"),
        ("network", "203.0.113.7"), ("network", "x" * 32), ("planet", "earth"),
    ],
)  # fmt: skip
def test_what_is_no_address_domain_or_network_is_not_taken(moderator, kind, value):
    with pytest.raises(CommentsError):
        lists.block(kind, value, "hold", moderator)
    assert not Block.objects.exists()


def test_domains_are_taken_as_people_paste_them(moderator):
    for said in ("https://www.Pills.example/buy", "pills.example.", "someone@pills.example"):
        assert lists.block("domain", said, "hold", moderator).value == "pills.example"
    assert lists.block("domain", "münchen.example", "hold", moderator).value == "xn--mnchen-3ya.example"


def test_the_page_takes_an_ip_address_and_keeps_only_its_network_s_hash(client, moderator, rf):
    from storied.network import network_key

    client.force_login(moderator.user)
    said = {"kind": "network", "value": "203.0.113.77", "effect": "hold", "until": "1", "note": "A flood"}
    assert client.post("/moderation/blocks/", said).status_code == 302
    block = Block.objects.get()
    assert block.value == network_key(rf.get("/", REMOTE_ADDR="203.0.113.5"))
    page = client.get("/moderation/blocks/").text
    assert "203.0.113" not in page
    assert block.value not in page
    assert client.post("/moderation/blocks/", {**said, "value": "not one"}).status_code == 422


def test_hosts_and_handles():
    html = '<p><a href="https://A.example/?x=1&amp;y=2" rel="x">a</a> <a class="c" href="https://b.example">b</a></p>'
    assert links.hosts(html, "http://[broken", "", "https://c.example") == ["c.example", "a.example", "b.example"]
    assert handles_of("", [], "") == []
    assert handles_of("a+b@x.example", ["y.z.example"], "n") == [
        ("address", "a+b@x.example"), ("address", "a@x.example"), ("domain", "x.example"), ("domain", "y.z.example"),
        ("domain", "z.example"), ("network", "n"),
    ]  # fmt: skip


def test_blocks_are_for_moderators_of_the_whole_site(post, moderator):
    block = lists.block("network", "ab" * 16, "hold", moderator)
    for nobody in (Viewer(factories.person()), factories.guest(), Viewer(factories.post().author)):
        with pytest.raises(NotAllowed):
            lists.block("domain", "a.example", "hold", nobody)
        with pytest.raises(NotAllowed):
            lists.unblock(block.pk, nobody)
    assert Block.objects.count() == 1
    assert Comment.objects.count() == 0
