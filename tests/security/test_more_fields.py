"""Fields that no form has: sent along, they give nobody anything."""

import pytest

from comments.models import Comment
from storied.accounts.models import User
from tests import factories

MORE_FIELDS = {
    "status": "approved", "author": "1", "author_id": "1", "author_name": "Owner", "user": "1", "is_staff": "1",
    "is_superuser": "1", "role": "owner", "published_at": "2001-01-01", "created_at": "2001-01-01", "post": "1",
    "post_id": "1", "post_pk": "1", "kind": "pingback", "body_html": "<script>1</script>", "body_format": "html",
    "guest_key": "x", "network": "x", "tree_id": "1", "lft": "1", "level": "0", "revision": "99", "reasons": "[]",
    "fingerprint": "x", "source": "x", "id": "1", "pk": "1", "renderer_version": "9", "viewer": "1", "agreed": "1",
    "standing": "trusted", "sentence": "I agree to nothing", "edited_at": "2001-01-01", "email_verified": "1",
}  # fmt: skip


@pytest.mark.parametrize("role", ["guest", "stranger"])
def test_fields_that_no_form_has_change_nothing(house, role):
    form = {**MORE_FIELDS, **factories.form(house.post, "With more fields.", name="Ann")}
    response = house.client(role).post(f"/discussion/{house.post.pk}/submit/", form)
    assert response.status_code == 302
    made = Comment.objects.get(body="With more fields.")
    assert (made.status, made.kind, made.body_format, made.revision) == ("pending", "comment", "markdown", 1)
    assert made.post_id == house.post.pk
    assert made.published_at is None
    assert made.edited_at is None
    assert "script" not in made.body_html
    assert made.author_id == (house.stranger.pk if role == "stranger" else None)
    assert made.author_name == ("Stranger" if role == "stranger" else "Ann")
    assert made.created_at.year > 2001
    assert made.acceptance.sentence != "I agree to nothing"


def test_an_edit_changes_the_words_alone(house):
    mine = house.of_member["pending"]
    data = {
        **MORE_FIELDS,
        "body": "New words.",
        "revision": 1,
        "guidelines_version": 1,
        "parent": house.comments["approved"].pk,
    }
    assert house.client("member").post(f"/comment/{mine.pk}/own/edit/", data).status_code == 302
    mine.refresh_from_db()
    assert (mine.body, mine.status, mine.parent_id, mine.author_id) == ("New words.", "pending", None, house.member.pk)
    assert (mine.kind, mine.body_format, mine.author_name) == ("comment", "markdown", "Member")


def test_a_profile_form_gives_nobody_a_role(house):
    data = {**MORE_FIELDS, "display_name": "Stranger", "url": "", "email": "owner@example.org", "password": "x"}
    assert house.client("stranger").post("/accounts/profile/", data).status_code == 302
    after = User.objects.get(pk=house.stranger.pk)
    assert (after.role, after.is_staff, after.is_superuser, after.standing) == ("member", False, False, "ordinary")
    assert after.email == house.stranger.email


def test_a_sign_up_form_gives_nobody_a_role(house):
    data = {**MORE_FIELDS, "display_name": "Newly come", "email": "new@example.org", "password1": factories.PASSWORD}
    assert house.client("guest").post("/accounts/signup/", data).status_code == 302
    made = User.objects.get(email="new@example.org")
    assert (made.role, made.is_staff, made.is_superuser, made.standing) == ("member", False, False, "ordinary")
