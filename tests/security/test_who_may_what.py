"""Everybody at every address: reading changes nothing, and nobody gets into rooms that are not theirs."""

import pytest

from comments import private_links
from comments.models import Comment, HouseRules, UnsentText
from storied.accounts.models import User
from tests import factories

from .addresses import filled

ROLES = ["guest", "writer", "member", "host", "moderator", "owner"]
# Out of the room for good, or a page for those who are not in it.
OPEN_IN_ADMIN = {"admin:login", "admin:logout"}


def rooms(house, *namespaces):
    return [
        (path, name) for path, name in filled(house) if name.split(":")[0] in namespaces and name not in OPEN_IN_ADMIN
    ]


@pytest.mark.once
@pytest.mark.parametrize("role", ROLES)
def test_no_get_and_no_head_changes_anything_and_none_fails(house, all_rows, role, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    addresses = filled(house)
    assert len(addresses) > 60
    before = all_rows()
    for path, name in addresses:
        for query in ("", "?approve=1&delete=1&action=remove&one=remove:1&confirm=yes&open=yes&_method=POST"):
            client = house.client(role)
            for ask in (client.get, client.head):
                response = ask(path + query)
                assert response.status_code < 500, f"{path} ({name}) as {role}: {response.status_code}"
    assert all_rows() == before


@pytest.mark.parametrize("role", ["guest", "writer", "member", "stranger"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_room_of_moderators_refuses_those_who_are_none(house, all_rows, role, method):
    inside = rooms(house, "moderation")
    assert len(inside) >= 8
    before = all_rows()
    client = house.client(role)
    pk = house.comments["pending"].pk
    data = {"one": f"approve:{pk}", "action": "approve", "chosen": [pk], "open": "", "under": "", "batch": house.batch}
    for path, name in inside:
        response = getattr(client, method)(path, data)
        if response.status_code == 302:
            assert role in {"guest", "writer"}, name
            assert response["Location"].startswith("/accounts/login/?next=/moderation/"), name
        else:
            assert response.status_code in {403, 404, 405}, f"{name}: {response.status_code}"
            assert "Words of the guest, pending." not in response.text
            assert "ruth.secret" not in response.text
    assert all_rows() == before


@pytest.mark.parametrize("role", ["guest", "writer", "member", "host", "moderator"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_room_of_the_owner_refuses_everybody_else(house, all_rows, role, method):
    inside = rooms(house, "admin")
    assert len(inside) >= 15
    before = all_rows()
    client = house.client(role)
    data = {"role": "owner", "post": "yes", "display_name": "x", "title": "x", "action": "delete_selected"}
    for path, name in inside:
        response = getattr(client, method)(path, data)
        assert response.status_code in {302, 403, 404}, f"{name}: {response.status_code}"
        if response.status_code == 302:
            assert "/login/" in response["Location"], f"{name}: {response['Location']}"
    assert all_rows() == before


@pytest.mark.parametrize("role", ["guest", "member", "host", "moderator"])
def test_the_house_rules_are_the_owners(house, role):
    client = house.client(role)
    response = client.post("/moderation/rules/", {"guests_may_write": "", "usual_wait": "changed"})
    assert response.status_code in {302, 403}
    assert HouseRules.current().usual_wait != "changed"


def test_the_owner_of_one_article_decides_nothing_below_another(house, all_rows):
    foreign = house.comments["elsewhere"]
    before = all_rows()
    client = house.client("host")
    for action in ("approve", "reject", "mark_spam", "remove", "restore", "hold", "keep", "undo", "withdraw", "delete"):
        for data in ({"one": f"{action}:{foreign.pk}"}, {"action": action, "chosen": [foreign.pk]}):
            assert client.post("/moderation/decide/", data).status_code in {302, 403, 404}
    assert client.post(f"/moderation/comment/{foreign.pk}/move/", {"under": ""}).status_code in {403, 404}
    assert client.get(f"/moderation/comment/{foreign.pk}/").status_code == 404
    assert client.post(f"/moderation/discussion/{house.other_post.pk}/", {"open": ""}).status_code in {403, 404}
    assert client.post("/moderation/undo/", {"batch": house.batch}).status_code in {302, 403, 404}
    assert all_rows() == before
    for queue in ("pending", "reported", "spam", "recent"):
        assert "Elsewhere." not in client.get(f"/moderation/{queue}/").text


def test_a_comment_is_not_moved_below_another_article(house):
    own, foreign = house.comments["approved"], house.comments["elsewhere"]
    for role in ("host", "moderator"):
        response = house.client(role).post(f"/moderation/comment/{own.pk}/move/", {"under": foreign.pk})
        assert response.status_code in {400, 403, 404, 409}
    own.refresh_from_db()
    assert own.parent_id is None


@pytest.mark.parametrize("role", ["guest", "stranger", "host", "moderator"])
@pytest.mark.parametrize("state", Comment.Status.values)
@pytest.mark.parametrize("whose", ["comments", "of_member"])
def test_nobody_edits_withdraws_or_opens_what_somebody_else_wrote(house, all_rows, role, state, whose):
    theirs = getattr(house, whose)[state]
    before = all_rows()
    client = house.client(role)
    data = {"body": "Other words.", "revision": theirs.revision, "guidelines_version": 1}
    for path, method in (("own/", "get"), ("own/edit/", "get"), ("own/edit/", "post"), ("own/withdraw/", "post")):
        response = getattr(client, method)(f"/comment/{theirs.pk}/{path}", data)
        assert response.status_code in {403, 404}, path
        assert theirs.body not in response.text
    assert all_rows() == before


@pytest.mark.parametrize("role", ["guest", "stranger", "writer"])
@pytest.mark.parametrize("state", ["pending", "rejected", "spam", "removed", "withdrawn"])
def test_what_is_not_public_is_read_by_its_writer_alone(house, role, state):
    client = house.client(role)
    theirs = house.of_member[state]
    for path in (
        house.post.get_absolute_url(), f"/comment/{theirs.pk}/", f"/comment/{theirs.pk}/report/", "/comments/feed/",
        f"/comments/feed/{house.post.pk}/", f"/search/?q={state}",
        f"{house.post.get_absolute_url()}?replytocom={theirs.pk}",
    ):  # fmt: skip
        response = client.get(path, follow=True)
        assert response.status_code in {200, 403, 404}
        assert theirs.body not in response.text, path


def test_a_cookie_of_ones_own_making_is_no_guest(house):
    client = house.client("guest")
    for forged in ("browser of the guest who wrote", "browser of the guest who wrote:x:y", "", ":", "é", "a" * 5000):
        client.cookies["storied_guest"] = forged
        assert client.get(f"/comment/{house.comments['pending'].pk}/own/").status_code == 404


def test_the_key_that_is_stored_of_a_browser_opens_nothing(house):
    client = house.client("guest")
    client.cookies["storied_guest"] = house.comments["pending"].guest_key
    assert client.get(f"/comment/{house.comments['pending'].pk}/own/").status_code == 404


def test_who_types_the_same_as_a_waiting_guest_gets_no_key_to_that_guests_comment(house):
    """Name and text can be guessed ("Thanks!"), and without an e-mail address nothing else is asked for."""
    HouseRules.change({"guests_give_email": False}, by=house.owner)
    form = factories.form(house.post, "Thank you!", name="Ann", email="")
    first = house.client("guest").post(f"/discussion/{house.post.pk}/submit/", form)
    assert first.status_code == 302
    waiting = Comment.objects.get(body="Thank you!")
    from datetime import timedelta

    Comment.objects.filter(pk=waiting.pk).update(created_at=waiting.created_at - timedelta(hours=5))
    form = factories.form(house.post, "Thank you!", name="Ann", email="")
    second = house.client("guest").post(
        f"/discussion/{house.post.pk}/submit/", form, REMOTE_ADDR="203.0.113.9", follow=True
    )
    signed = [url for url, _ in second.redirect_chain if "/comment/own/" in url]
    keys = {private_links.comment_id_of(url.split("/own/")[1].strip("/")) for url in signed}
    assert waiting.pk not in keys


@pytest.mark.parametrize("role", ["guest", "stranger"])
@pytest.mark.parametrize("where", ["draft", "private", "future"])
def test_nobody_reads_writes_or_hears_of_what_is_not_published(house, all_rows, role, where):
    hidden = getattr(house, where)
    below = house.comments[where]
    client = house.client(role)
    before = all_rows()
    for path in (f"/discussion/{hidden.pk}/submit/", f"/discussion/{hidden.pk}/preview/"):
        assert client.post(path, factories.form(hidden)).status_code == 404
    for path in (
        hidden.get_absolute_url(), f"/post/{hidden.pk}/", f"/comment/{below.pk}/", f"/comment/{below.pk}/report/",
        f"/comments/feed/{hidden.pk}/",
    ):  # fmt: skip
        response = client.get(path)
        assert response.status_code == 404, path
        assert "A hidden" not in response.text
    for path in (
        "/",
        "/archive/",
        "/feed/",
        "/feed/atom/",
        "/comments/feed/",
        "/sitemap.xml",
        "/search/?q=hidden",
        "/search/?q=Below",
    ):
        response = client.get(path)
        assert "A hidden" not in response.text, path
        assert f"Below the {where}" not in response.text, path
    assert all_rows() == before


def test_search_does_not_count_what_it_may_not_show(house):
    """A number is an answer too: "does the article of next week have this word?" """
    context = house.client("guest").get("/search/?q=hidden").context
    assert context["results"].total == 0


PARENTS_THAT_TAKE_NO_REPLY = ["pending", "rejected", "removed", "spam", "withdrawn", "linkback", "elsewhere", "draft"]


@pytest.mark.parametrize("role", ["guest", "member", "moderator"])
@pytest.mark.parametrize("parent", PARENTS_THAT_TAKE_NO_REPLY)
def test_a_reply_to_what_takes_none_is_refused_and_kept_in_the_form(house, all_rows, role, parent):
    before = all_rows()
    form = factories.form(house.post, "A reply of mine.", parent=house.comments[parent].pk)
    response = house.client(role).post(f"/discussion/{house.post.pk}/submit/", form)
    assert response.status_code in {403, 422}
    assert "A reply of mine." in response.text
    kept = list(UnsentText.objects.values_list("post", "body"))
    assert kept == ([] if role == "guest" else [(house.post.pk, "A reply of mine.")])
    UnsentText.objects.all().delete()
    assert all_rows() == before


@pytest.mark.parametrize(
    "parent", ["0", "-1", "x", "1e3", "1.0", str(10**18), str(10**40), "9" * 5000, "1 OR 1=1", "١", "\u0000"]
)
def test_a_parent_that_is_no_number_of_a_comment_is_refused(house, parent):
    form = factories.form(house.post, "A reply of mine.", parent=parent)
    response = house.client("guest").post(f"/discussion/{house.post.pk}/submit/", form)
    assert response.status_code == 422
    assert "A reply of mine." in response.text


@pytest.mark.parametrize("role", ["guest", "writer", "member", "host"])
def test_a_closed_discussion_takes_nothing_and_gives_the_text_back(house, role):
    response = house.client(role).post(
        f"/discussion/{house.closed.pk}/submit/", factories.form(house.closed, "Too late.")
    )
    assert response.status_code == 403
    assert "Too late." in response.text
    assert not Comment.objects.filter(post=house.closed).exists()


def test_a_stamp_of_another_article_or_of_ones_own_making_is_refused(house):
    for stamp in (
        factories.stamp(house.other_post),
        "",
        "x",
        "1.2:x",
        factories.stamp(house.post) + "x",
        f"{house.post.pk}.1",
    ):
        form = factories.form(house.post, "My text.", stamp=stamp)
        response = house.client("guest").post(f"/discussion/{house.post.pk}/submit/", form)
        assert response.status_code == 422
        assert "My text." in response.text
    assert not Comment.objects.filter(body="My text.").exists()


def test_a_banned_person_writes_nothing_and_edits_nothing(house):
    factories.restriction(house.member, "ban")
    client = house.client("member")
    form = factories.form(house.post, "Let me in.")
    assert client.post(f"/discussion/{house.post.pk}/submit/", form).status_code in {403, 422}
    mine = house.of_member["pending"]
    data = {"body": "Other words.", "revision": 1, "guidelines_version": 1}
    client.post(f"/comment/{mine.pk}/own/edit/", data)
    mine.refresh_from_db()
    assert mine.body == "Words of the member, pending."


def test_an_account_that_was_switched_off_is_nobody_at_once(house):
    client = house.client("moderator")
    assert client.get("/moderation/pending/").status_code == 200
    User.objects.filter(pk=house.moderator.pk).update(is_active=False)
    assert client.get("/moderation/pending/").status_code == 302


def test_a_moderator_who_is_none_any_more_is_refused_at_once(house):
    client = house.client("moderator")
    User.objects.filter(pk=house.moderator.pk).update(role="member")
    assert client.get("/moderation/pending/").status_code == 403


def test_a_decision_on_a_text_that_was_edited_since_is_refused(house):
    pending = house.comments["pending"]
    Comment.objects.filter(pk=pending.pk).update(revision=2, body="Edited.")
    client = house.client("moderator")
    client.post("/moderation/decide/", {"one": f"approve:{pending.pk}", f"revision_{pending.pk}": "1"})
    pending.refresh_from_db()
    assert pending.status == "pending"


def test_one_moderators_decision_is_not_taken_back_by_another_through_its_number(house):
    from comments import moderation
    from comments.viewers import Viewer

    batch, _ = moderation.decide_all([house.comments["pending"].pk], "approve", Viewer(house.owner))
    house.client("moderator").post("/moderation/undo/", {"batch": str(batch)})
    assert Comment.objects.get(pk=house.comments["pending"].pk).status == "approved"
