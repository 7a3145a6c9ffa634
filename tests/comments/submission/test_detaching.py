"""A name taken off is nowhere any more; the text, its place and its owner stay; greetings are asked about."""

import pytest
from django.test import Client

from comments import emptying, private_links, submission
from comments.exceptions import NotAllowed
from comments.models import Comment, CommentRevision, GreetingOffer, ModerationLogEntry, Notification
from comments.viewers import Viewer
from storied import search
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def judy():
    return factories.person("Judy Marsh", url="https://judy.example.org/")


@pytest.fixture
def post():
    return factories.post(title="The bench")


@pytest.fixture
def written(post, judy):
    made = factories.comment(post, "Words of lavender.", author=judy, author_url=judy.url)
    search.rebuild()
    return made


def names_on(post):
    return Client().get(post.get_absolute_url()).content.decode()


def test_a_member_takes_her_name_off(post, judy, written):
    assert "Judy Marsh" in names_on(post)
    submission.detach(written, Viewer(judy))
    page = names_on(post)
    assert "Judy" not in page
    assert "judy.example.org" not in page
    assert "A reader" in page
    assert "Words of lavender." in page
    assert f"comment-{written.pk}" in page
    assert not search.query("Marsh", limit=5).hits
    assert search.query("lavender", limit=5).hits
    written.refresh_from_db()
    assert (written.author, written.signed, written.status) == (judy, "nobody", "approved")
    entry = ModerationLogEntry.objects.get(comment=written, action="detach")
    assert entry.by_author
    assert entry.actor_name == ""


def test_it_is_still_hers_and_twice_is_once(judy, written):
    submission.detach(written, Viewer(judy))
    submission.detach(written, Viewer(judy))
    assert ModerationLogEntry.objects.filter(comment=written, action="detach").count() == 1
    assert submission.withdraw(written, Viewer(judy)).status == "withdrawn"


def test_nobody_else_can(written):
    with pytest.raises(NotAllowed):
        submission.detach(written, Viewer(factories.person()))
    client = Client()
    client.force_login(factories.person(role="owner"))
    assert client.post(f"/comment/{written.pk}/own/name/").status_code == 404


def test_a_guest_by_private_link_and_a_get_changes_nothing(post):
    guests = factories.comment(post, author_name="Ruth of the hills", author_url="https://ruth.example.org/")
    address = f"{private_links.link_to(guests.pk)}name/"
    client = Client()
    assert "Ruth of the hills" in client.get(address).content.decode()
    guests.refresh_from_db()
    assert guests.author_name == "Ruth of the hills"
    assert client.post(address).status_code == 302
    guests.refresh_from_db()
    assert (guests.author_name, guests.author_url, guests.signed) == ("A reader", "", "nobody")


def test_all_of_an_account_at_once_and_of_no_other(client, post, judy, written):
    factories.comment(factories.post(), author=judy, status="pending")
    other = factories.comment(post, author=factories.person("Somebody Else"))
    assert client.get("/accounts/names/").status_code == 302
    client.force_login(judy)
    asked = client.get("/accounts/names/").content.decode()
    assert "2 comments" in asked
    assert client.post("/accounts/names/").status_code == 302
    assert set(Comment.objects.filter(author=judy).values_list("author_name", flat=True)) == {"A reader"}
    other.refresh_from_db()
    assert other.author_name == "Somebody Else"


def test_whoever_wrote_very_much_can_too(judy, written):
    assert submission.detach_all([*range(written.pk, written.pk + 300_000)]) == 1
    written.refresh_from_db()
    assert written.author_name == "A reader"


def test_the_writer_of_a_greeting_decides(client, post, judy, written):
    michelle = factories.person("Michelle")
    reply = factories.comment(post, "Hi Judy, I know this.", parent=written, author=michelle)
    factories.comment(post, "Yes. Judy, as she says.", parent=written)
    submission.detach(written, Viewer(judy))
    assert [offer.comment for offer in GreetingOffer.objects.all()] == [reply]
    assert Notification.objects.filter(kind="greeting", user=michelle).count() == 1
    assert "Hi Judy" in names_on(post)

    client.force_login(michelle)
    # Also where no mail is wanted: it is asked among one's comments.
    assert client.get("/accounts/comments/").text.count("Greet otherwise?") == 1
    page = client.get(f"/comment/{reply.pk}/own/").content.decode()
    assert "Hi, I know this." in page
    assert client.post(f"/comment/{reply.pk}/own/greeting/", {"answer": "otherwise"}).status_code == 302
    reply.refresh_from_db()
    assert (reply.body, reply.status, reply.revision) == ("Hi, I know this.", "approved", 2)
    assert CommentRevision.objects.get(comment=reply).body == "Hi Judy, I know this."
    assert not GreetingOffer.objects.exists()
    assert "Greet otherwise?" not in client.get("/accounts/comments/").text
    assert client.post(f"/comment/{reply.pk}/own/greeting/", {"answer": "otherwise"}).status_code == 302
    reply.refresh_from_db()
    assert reply.revision == 2


def test_who_leaves_it_is_not_asked_again(post, judy, written):
    michelle = factories.person("Michelle")
    reply = factories.comment(post, "Hi Judy, I know this.", parent=written, author=michelle)
    submission.detach(written, Viewer(judy))
    with pytest.raises(NotAllowed):
        submission.settle_greeting(reply, Viewer(judy), greet_otherwise=True)
    submission.settle_greeting(reply, Viewer(michelle), greet_otherwise=False)
    submission.detach(written, Viewer(judy))
    assert not GreetingOffer.objects.exists()
    reply.refresh_from_db()
    assert reply.body == "Hi Judy, I know this."


def test_erasure_leaves_no_question_with_the_old_name(post, judy, written):
    factories.comment(post, "Hi Judy, I know this.", parent=written, author=factories.person())
    submission.detach(written, Viewer(judy))
    assert GreetingOffer.objects.filter(name="Judy Marsh").exists()
    emptying.detach([written.pk], "Erased for the test.")
    assert not GreetingOffer.objects.exists()
