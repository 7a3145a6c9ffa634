"""The pages on people, branches and slow articles, as people meet them."""

import pytest

from comments import moderation
from comments.models import Comment, Person, PersonNote, Restriction
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def post():
    factories.published_guidelines("Be kind")
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture
def moderator(client):
    person = factories.person("Mod", "moderator")
    client.force_login(person)
    return Viewer(person)


@pytest.fixture
def guest(post):
    viewer = factories.guest()
    factories.comment(post, f"{HOSTILE} words", guest_key=viewer.guest_key, author_name=HOSTILE)
    return Person(guest_key=viewer.guest_key)


# --- People -------------------------------------------------------------------------------------------------


def test_a_note_is_added_and_an_empty_one_is_not(client, moderator, guest):
    address = guest.get_absolute_url()
    assert client.post(f"{address}note/", {"words": f"Kind. {HOSTILE}"}).status_code == 302
    assert client.post(f"{address}note/", {"words": " "}).status_code == 422
    assert PersonNote.objects.get().by_name == "Mod"
    page = client.get(address).text
    assert "Kind." in page
    assert HOSTILE not in page


def test_somebody_is_restricted_and_the_restriction_lifted(client, moderator, guest):
    address = guest.get_absolute_url()
    said = {"kind": "mute", "until": "3", "reason": "A quarrel.", "words": "Sleep on it?"}
    refused = client.post(f"{address}restrict/", {**said, "until": ""})
    assert refused.status_code == 422
    assert "Please say until when" in refused.text
    assert "A quarrel." in refused.text
    assert client.post(f"{address}restrict/", {**said, "reason": ""}).status_code == 422
    assert client.post(f"{address}restrict/", said).status_code == 302
    restriction = Restriction.objects.get()
    assert restriction.is_in_force
    assert "Muted for a time" in client.get("/moderation/people/").text
    assert client.post(f"/moderation/restrictions/{restriction.pk}/lift/").status_code == 302
    assert not Restriction.objects.get().is_in_force
    assert "Nobody is restricted." in client.get("/moderation/people/").text


def test_nobody_is_found_at_the_address_of_nobody(client, moderator):
    for path in ("account/999999/", f"guest/{'a' * 40}/", "guest/-/"):
        assert client.get(f"/moderation/people/{path}").status_code == 404
        assert client.post(f"/moderation/people/{path}note/", {"words": "x"}).status_code == 404


def test_a_card_leads_to_the_person_and_says_what_is_known(client, moderator, post, guest):
    factories.comment(post, status="pending", guest_key=guest.guest_key)
    Restriction.objects.create(guest_key=guest.guest_key, kind="hold", reason="x")
    PersonNote.objects.create(guest_key=guest.guest_key, words="x")
    page = client.get("/moderation/pending/").text
    assert guest.get_absolute_url() in page
    assert "1 note" in page
    assert "Always held for a moderator" in page


# --- Branches and misplaced replies -------------------------------------------------------------------------


def test_one_button_on_the_card_moves_a_misplaced_reply(client, moderator, post):
    ann = factories.comment(post, author_name="Ann")
    answer = factories.comment(post, "Hi Ann, you are right.", status="pending")
    page = client.get("/moderation/pending/").text
    assert f'value="{ann.pk}" formaction="/moderation/comment/{answer.pk}/move/"' in page
    client.post(f"/moderation/comment/{answer.pk}/move/", {"under": ann.pk, "queue": "pending"})
    answer.refresh_from_db()
    assert answer.parent_id == ann.pk
    assert "A misplaced reply?" not in client.get("/moderation/pending/").text


def test_a_locked_branch_says_so_where_it_stands_and_has_no_way_to_reply(client, post):
    root = factories.comment(post)
    reply = factories.comment(post, parent=root)
    other = factories.comment(post)
    moderation.lock(root.pk, Viewer(post.author))
    page = client.get(post.get_absolute_url()).text
    assert "No more replies here" in page
    assert f"replytocom={other.pk}" in page
    for comment in (root, reply):
        assert f"replytocom={comment.pk}" not in page
        form = client.get(f"{post.get_absolute_url()}?replytocom={comment.pk}").text
        assert f'name="parent" value="{comment.pk}"' not in form


def test_a_reply_that_comes_too_late_keeps_its_text_and_goes_in_as_a_comment_of_its_own(client, post):
    root = factories.comment(post)
    form = factories.form(post, "My answer.", parent=root.pk)
    moderation.lock(root.pk, Viewer(post.author))
    proof = {"HTTP_SEC_FETCH_SITE": "same-origin"}
    refused = client.post(f"/discussion/{post.pk}/submit/", form, **proof)
    assert refused.status_code == 422
    assert "closed this branch" in refused.text
    assert "My answer." in refused.text
    again = {name: field.value() or "" for name, field in ((f.name, f) for f in refused.context["form"])}
    assert again["parent"] == ""
    again.pop("remember", None)
    assert client.post(f"/discussion/{post.pk}/submit/", again, **proof).status_code == 302
    assert Comment.objects.get(body="My answer.").parent_id is None


def test_a_moderator_locks_opens_splits_and_slows_on_the_comment_s_page(client, moderator, post):
    root = factories.comment(post)
    reply = factories.comment(post, parent=root)
    page = f"/moderation/comment/{reply.pk}/"
    assert client.post(f"{page}lock/", {"words": "Enough."}, follow=True).status_code == 200
    assert "Open it to replies" in client.get(page).text
    assert "Branch closed to replies" in client.get(page).text
    client.post(f"{page}lock/", {"open": "yes"})
    client.post(f"{page}split/", {"lock": "yes"})
    reply.refresh_from_db()
    assert (reply.parent_id, reply.is_locked) == (None, True)
    assert client.post(f"/moderation/discussion/{post.pk}/slow/", {"minutes": "10"}).status_code == 302
    assert client.post(f"/moderation/discussion/{post.pk}/slow/", {"minutes": "nonsense"}).status_code == 400
    assert "once in 10 minutes" in client.get(post.get_absolute_url()).text
    client.logout()
    assert "once in 10 minutes" in client.get(post.get_absolute_url()).text


def test_the_author_of_another_article_does_none_of_it(client, post):
    comment = factories.comment(post)
    client.force_login(factories.post().author)
    for path in ("lock/", "split/"):
        assert client.post(f"/moderation/comment/{comment.pk}/{path}").status_code == 404
    assert client.post(f"/moderation/discussion/{post.pk}/slow/", {"minutes": "10"}).status_code == 403
    comment.refresh_from_db()
    assert not comment.is_locked
