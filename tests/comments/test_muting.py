"""Who is muted is folded for one member alone, and the fold never tells who is behind a name."""

import pytest
from django.test import Client

from comments import muting
from comments.exceptions import NotAllowed
from comments.models import Comment, Mute, Notification
from comments.notifications import verdicts
from comments.viewers import NOBODY, Viewer
from tests import factories

pytestmark = pytest.mark.django_db

FOLD = "A comment by somebody you have muted"


@pytest.fixture
def post():
    return factories.post()


@pytest.fixture
def frances():
    return factories.person("Frances")


@pytest.fixture
def rude():
    return factories.person("Rude Rudi")


def page_of(post, person=None):
    client = Client()
    if person:
        client.force_login(person)
    return client.get(post.get_absolute_url()).content.decode()


def by_alias(comment):
    Comment.objects.filter(pk=comment.pk).update(signed="alias", author_name="Nightjar")
    comment.refresh_from_db()
    return comment


def test_a_muted_person_is_folded_for_one_member_alone(post, frances, rude):
    first = factories.comment(post, "Harsh words.", author=rude)
    reply = factories.comment(post, "Kind words.", parent=first)
    factories.comment(post, "More harsh words.", parent=reply, author=rude)
    assert FOLD not in page_of(post, frances)
    muting.mute(Viewer(frances), first, "fold")
    page = page_of(post, frances)
    assert page.count(FOLD) == 2
    assert page.count("<details") - page.count("</details>") == 0
    assert "Harsh words." in page  # it can be opened where it stands
    assert FOLD not in page_of(post)
    assert FOLD not in page_of(post, rude)
    muting.end(frances, Mute.objects.get().pk)
    assert FOLD not in page_of(post, frances)


def test_a_guest_is_known_by_the_browser_and_one_without_by_the_comment(post, frances):
    key = factories.guest("a browser").guest_key
    first = factories.comment(post, guest_key=key)
    factories.comment(post, guest_key=key)
    unknown = factories.comment(post, author_name="Old Import")
    factories.comment(post, author_name="Old Import")
    muting.mute(Viewer(frances), first, "fold")
    assert page_of(post, frances).count(FOLD) == 2
    muting.mute(Viewer(frances), unknown, "fold")
    assert page_of(post, frances).count(FOLD) == 3


def test_muting_a_name_used_only_here_tells_nothing(post, frances, rude):
    named = factories.comment(post, "Under the own name.", author=rude)
    alias = by_alias(factories.comment(post, "Under another name.", author=rude))
    elsewhere = by_alias(factories.comment(factories.post(), "Elsewhere.", author=rude))
    muting.mute(Viewer(frances), alias, "fold")
    assert muting.folded_for(frances, post.pk) == {alias.pk}
    assert muting.folded_for(frances, elsewhere.post_id) == frozenset()
    assert muting.standing(Viewer(frances), named) is None
    muting.mute(Viewer(frances), named, "fold")
    muting.end(frances, muting.standing(Viewer(frances), alias).pk)
    assert muting.folded_for(frances, post.pk) == {named.pk}


def test_a_comment_without_a_name_is_muted_by_itself(post, frances, rude):
    first, second = (factories.comment(post, author=rude) for _ in range(2))
    Comment.objects.update(signed="nobody", author_name="A reader")
    first.refresh_from_db()
    muting.mute(Viewer(frances), first, "fold")
    assert muting.folded_for(frances, post.pk) == {first.pk}
    assert second.pk not in muting.folded_for(frances, post.pk)


@pytest.mark.parametrize("kind", ["fold", "mail"])
def test_no_mail_tells_of_what_they_write(post, frances, rude, kind):
    mine = factories.comment(post, author=frances)
    muting.mute(Viewer(frances), factories.comment(post, author=rude), kind)
    unwanted = factories.comment(post, parent=mine, author=rude)
    wanted = factories.comment(post, parent=mine, author=factories.person())
    judged = {}
    for answer in (unwanted, wanted):
        row = Notification(kind="reply", user=frances, who=f"account:{frances.pk}", comment=answer)
        judged[answer] = verdicts.judge(row).drop
    assert judged == {unwanted: "its writer is muted", wanted: ""}
    assert (FOLD in page_of(post, frances)) == (kind == "fold")


def test_a_guest_s_page_asks_no_account_and_is_kept_by_no_cache(client, post, frances, rude):
    muting.mute(Viewer(frances), factories.comment(post, author=rude), "fold")
    answer = client.get("/accounts/muted/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert "Rude Rudi" not in answer.text
    assert "JavaScript is off in your browser" in answer.text
    assert 'href="/accounts/login/?next=/accounts/muted/"' in answer.text
    assert not answer.cookies
    assert "You are not logged in" in client.post(f"/accounts/muted/{Mute.objects.get().pk}/end/").text
    assert Mute.objects.exists()


def test_the_pages_ask_and_list_and_end(client, post, frances, rude):
    written = factories.comment(post, "Harsh words.", author=rude)
    address = f"/comment/{written.pk}/mute/"
    assert client.get(address).status_code == 302
    client.force_login(frances)
    assert address in client.get(f"/comment/{written.pk}/report/").content.decode()
    assert client.get(address).status_code == 200
    assert not Mute.objects.exists()
    assert client.post(address, {"kind": "shout"}).status_code == 422
    assert client.post(address, {"kind": "mail"}).status_code == 302
    assert client.post(address, {"kind": "fold"}).status_code == 302
    assert Mute.objects.get().kind == "fold"
    assert "Rude Rudi" in client.get("/accounts/muted/").content.decode()
    stranger = Client()
    stranger.force_login(rude)
    assert "Rude Rudi (" not in stranger.get("/accounts/muted/").content.decode()
    stranger.post(f"/accounts/muted/{Mute.objects.get().pk}/end/")
    assert Mute.objects.exists()
    client.post(f"/accounts/muted/{Mute.objects.get().pk}/end/")
    assert not Mute.objects.exists()


def test_nobody_mutes_themselves_or_what_they_may_not_read(client, post, frances, rude):
    with pytest.raises(NotAllowed):
        muting.mute(Viewer(frances), factories.comment(post, author=frances), "fold")
    with pytest.raises(NotAllowed):
        muting.mute(NOBODY, factories.comment(post), "fold")
    hidden = factories.comment(post, author=rude, status="pending")
    client.force_login(frances)
    assert client.get(f"/comment/{hidden.pk}/mute/").status_code == 404


def test_who_muted_nobody_pays_one_query(post, frances, django_assert_num_queries):
    with django_assert_num_queries(1):
        muting.folded_for(frances, post.pk)
