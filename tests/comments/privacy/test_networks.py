"""No address and no browser's name is ever stored: a keyed hash of a whole network is all, and for a time."""

import re

import pytest
from django.apps import apps
from django.db import models

from comments.models import Comment, Flag, Subscription
from storied.network import network_key, stand_in
from tests import factories

from .everything import where_is

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.77"
BROWSER = "Mozilla/5.0 (Marker; rv:1.0) Unmistakable/7.7"

# Where something about the way that a request came is kept, and what it is. Whatever else is named so fails the test.
KEPT = {
    "comments.Comment.network": "keyed hash, emptied after keep_networks_days",
    "comments.Subscription.network": "keyed hash, emptied after keep_networks_days",
    "comments.AddressProof.network": "keyed hash, gone with the question",
    # allauth's list of one's sessions, where it is installed: see `AccountAdapter`.
    "usersessions.UserSession.ip": "the same hash in the shape of an address (stand_in)",
    "usersessions.UserSession.user_agent": "the browser's name, for the list of one's own sessions; goes with it",
}


def test_no_model_has_a_place_for_an_address_but_those_that_are_named_here():
    looks_like_one = re.compile(r"(^|_)(ip|addr|agent|ua|network|host|referer|referrer|forwarded)(_|$)")
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.GenericIPAddressField) or looks_like_one.search(field.name)
    }
    assert found <= set(KEPT)


def test_nothing_that_a_visitor_does_leaves_their_address_in_the_database(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "signup": "20/m/ip"}
    post, member = factories.post(), factories.person()
    comment = factories.comment(post)
    visitor = {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": BROWSER, "HTTP_SEC_FETCH_SITE": "same-origin"}
    submit = f"/discussion/{post.pk}/submit/"
    assert client.post(submit, factories.form(post, replies_by_mail="on"), **visitor).status_code == 302
    client.post(f"/comment/{comment.pk}/report/", {"reason": "other"}, **visitor)
    client.post("/mail/follow/", {"email": "a@example.org"}, **visitor)
    client.post("/accounts/login/", {"login": member.email, "password": "wrong"}, **visitor)
    client.post("/accounts/login/", {"login": member.email, "password": factories.PASSWORD}, **visitor)
    client.get(post.get_absolute_url(), **visitor)
    assert Comment.objects.exclude(network="").exists()
    assert Flag.objects.filter(reporter_key__startswith="network:").exists()
    assert Subscription.objects.exclude(network="").exists()
    assert where_is(ADDRESS) == set()
    assert where_is("Unmistakable") - {"usersessions_usersession.user_agent"} == set()


def test_a_stand_in_is_the_same_for_a_network_and_no_address_of_anybody(rf):
    neighbours = [rf.get("/", REMOTE_ADDR=address) for address in ("203.0.113.77", "203.0.113.9")]
    assert len({stand_in(request) for request in neighbours}) == 1
    assert stand_in(neighbours[0]).startswith("fd")
    assert network_key(neighbours[0])[:4] in stand_in(neighbours[0]).replace(":", "")
    assert stand_in(rf.get("/", REMOTE_ADDR="198.51.100.1")) != stand_in(neighbours[0])
    assert stand_in(rf.get("/", REMOTE_ADDR="")) == ""
