"""What another site can make a visitor's browser send."""

import re

import pytest

from comments.models import Comment
from tests import factories

from .addresses import filled

pytestmark = pytest.mark.once

EVIL = "https://outside.example"
SAYS_NOTHING_GOOD = {
    "from another site": {"HTTP_SEC_FETCH_SITE": "cross-site"},
    "from a neighbouring site": {"HTTP_SEC_FETCH_SITE": "same-site"},
    "from nowhere": {"HTTP_SEC_FETCH_SITE": "none"},
    "another site with our origin": {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "http://testserver"},
    "unknown word": {"HTTP_SEC_FETCH_SITE": "SAME-ORIGIN, cross-site"},
    "foreign origin": {"HTTP_ORIGIN": EVIL},
    "null origin": {"HTTP_ORIGIN": "null"},
    "empty origin": {"HTTP_ORIGIN": ""},
    "origin with another scheme": {"HTTP_ORIGIN": "https://testserver"},
    "origin with another port": {"HTTP_ORIGIN": "http://testserver:8000"},
    "origin that begins alike": {"HTTP_ORIGIN": "http://testserver.outside.example"},
    "origin that ends alike": {"HTTP_ORIGIN": "http://outsidetestserver"},
    "null origin with our referer": {"HTTP_ORIGIN": "null", "HTTP_REFERER": "http://testserver/"},
    "foreign referer": {"HTTP_REFERER": f"{EVIL}/"},
    "referer that begins alike": {"HTTP_REFERER": "http://testserver.outside.example/"},
    "referer with our name as a user": {"HTTP_REFERER": "http://testserver@outside.example/"},
    "referer that names us further on": {"HTTP_REFERER": f"{EVIL}/?http://testserver/"},
    "referer without a path": {"HTTP_REFERER": "http://testserver"},
    "referer with a backslash": {"HTTP_REFERER": "http://testserver\\@outside.example/"},
    "nothing at all": {},
}


def token_in(page: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]


@pytest.mark.parametrize("said", SAYS_NOTHING_GOOD)
def test_a_guests_comment_without_proof_of_its_page_is_kept_in_a_form_that_then_works(house, said):
    client = house.client("guest", enforce_csrf_checks=True)
    address = f"/discussion/{house.post.pk}/submit/"
    form = factories.form(house.post, "A text of some length & worth.")
    answer = client.post(address, form, **SAYS_NOTHING_GOOD[said])
    assert answer.status_code == 403
    assert "A text of some length &amp; worth." in answer.text
    assert 'value="Judith"' in answer.text
    assert not Comment.objects.filter(body__startswith="A text of").exists()
    again = client.post(address, {**form, "csrfmiddlewaretoken": token_in(answer.text)})
    assert again.status_code == 302
    assert Comment.objects.get(body__startswith="A text of").status == "pending"


@pytest.mark.parametrize(
    "said",
    [
        {"HTTP_SEC_FETCH_SITE": "same-origin"},
        {"HTTP_ORIGIN": "http://testserver"},
        {"HTTP_REFERER": "http://testserver/2026/11/open/"},
    ],
)
def test_a_guest_on_a_page_of_ours_needs_no_token(house, said):
    client = house.client("guest", enforce_csrf_checks=True)
    answer = client.post(f"/discussion/{house.post.pk}/submit/", factories.form(house.post), **said)
    assert answer.status_code == 302


@pytest.mark.parametrize("role", ["stranger", "moderator"])
def test_a_session_needs_the_token_wherever_the_form_came_from(house, role):
    client = house.client(role, enforce_csrf_checks=True)
    form = factories.form(house.post, "Words of a member.")
    address = f"/discussion/{house.post.pk}/submit/"
    answer = client.post(address, form, HTTP_SEC_FETCH_SITE="same-origin", HTTP_ORIGIN="http://testserver")
    assert answer.status_code == 403
    assert "Words of a member." in answer.text
    assert not Comment.objects.filter(body="Words of a member.").exists()
    again = client.post(address, {**form, "csrfmiddlewaretoken": token_in(answer.text)})
    assert again.status_code == 302


def test_a_made_up_session_cookie_is_no_way_around_the_token_either(house):
    client = house.client("guest", enforce_csrf_checks=True)
    client.cookies["storied_session"] = "made-up"
    answer = client.post(
        f"/discussion/{house.post.pk}/submit/", factories.form(house.post), HTTP_SEC_FETCH_SITE="same-origin"
    )
    assert answer.status_code == 403


def test_a_token_of_somebody_else_or_from_an_address_is_none(house):
    client = house.client("member", enforce_csrf_checks=True)
    other = house.client("stranger", enforce_csrf_checks=True)
    foreign = token_in(other.get(f"/comment/{house.comments['approved'].pk}/report/").text)
    address = f"/discussion/{house.post.pk}/submit/"
    form = factories.form(house.post)
    assert client.post(address, {**form, "csrfmiddlewaretoken": foreign}).status_code == 403
    assert client.post(f"{address}?csrfmiddlewaretoken={foreign}", form).status_code == 403
    for token in ("", "x", "a" * 32, "a" * 64, "é" * 64, "a" * 100_000, "\x00" * 64):
        assert client.post(address, {**form, "csrfmiddlewaretoken": token}).status_code == 403


@pytest.mark.parametrize("role", ["guest", "member", "moderator", "owner"])
def test_no_other_form_is_taken_without_a_token(house, all_rows, role):
    """Every address but those of guests' forms: a POST without token is 403, or there is nothing to post to."""
    client = house.client(role, enforce_csrf_checks=True)
    before = all_rows()
    tried = 0
    for path, name in filled(house):
        if role == "guest" and (name in {"comments:submit", "comments:preview", "comments:mine"} or "follow" in name):
            continue
        answer = client.post(path, {"body": "x"}, HTTP_SEC_FETCH_SITE="same-origin", HTTP_ORIGIN="http://testserver")
        assert answer.status_code in {400, 403, 404, 405}, f"{path} ({name}): {answer.status_code}"
        tried += answer.status_code == 403
    assert tried > 40
    assert all_rows() == before


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/signup/", "/accounts/logout/", "/admin/login/", "/comment/forget/"]
)
def test_nobody_is_logged_in_or_out_by_another_site(house, path):
    client = house.client("guest", enforce_csrf_checks=True)
    for said in SAYS_NOTHING_GOOD.values():
        answer = client.post(path, {"login": house.member.email, "password": factories.PASSWORD}, **said)
        assert answer.status_code in {403, 302}
        assert answer.status_code == 403 or answer["Location"] == "/accounts/login/?next=/admin/"
        assert "_auth_user_id" not in client.session


def test_no_view_lets_forms_in_without_a_check(house):
    from django.urls import get_resolver

    def views(resolver):
        for entry in resolver.url_patterns:
            if hasattr(entry, "url_patterns"):
                yield from views(entry)
            else:
                yield str(entry.pattern), entry.callback

    exempt = {route for route, view in views(get_resolver()) if getattr(view, "csrf_exempt", False)}
    by_guests = {route for route, view in views(get_resolver()) if getattr(view, "guests_may_post", False)}
    # One click of a mail program, without a cookie; the token in the address is all that it needs (RFC 8058).
    # A mail server, which shows a secret that no browser knows.
    assert exempt == {
        "end/<str:token>/", "end/<str:token>/<str:kind>/", "incoming/", "incoming/<str:secret>/",
    }  # fmt: skip
    assert by_guests == {
        "discussion/<int:post_pk>/submit/", "discussion/<int:post_pk>/preview/",
        "follow/", "follow/article/<int:post_pk>/", "follow/thread/<int:pk>/",
        "comments/mine/",
    }  # fmt: skip


def test_no_address_of_a_page_is_called_by_a_script_of_another_site(house):
    """No answer says Access-Control-Allow-Origin."""
    for path, _ in filled(house):
        answer = house.client("guest").get(path, HTTP_ORIGIN=EVIL)
        assert "Access-Control-Allow-Origin" not in answer.headers, path
