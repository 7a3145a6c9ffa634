"""A member's pages: the one for oneself, and the one for everybody where it is wanted."""

import pytest
from django.test import Client
from django.utils import timezone

from comments import guidelines
from comments.models import Comment, GuidelineAcceptance
from comments.notifications import Recipient, subscriptions
from storied.accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db
OWN = "/accounts/comments/"
EVERYBODY = ["nobody", "other", "member", "moderator", "owner"]


@pytest.fixture
def frances():
    return factories.person("Frances", about="I grow beans.\n<b>Truly</b>", url="https://frances.example.org")


@pytest.fixture
def post():
    return factories.post(title="The bench")


def client_of(who, frances):
    client = Client()
    if who != "nobody":
        role = who if who in {"moderator", "owner"} else "member"
        client.force_login(frances if who == "member" else factories.person(role=role))
    return client


def written(frances, post):
    """One comment of each kind by Frances; the words say which."""
    hidden = factories.post(title="A hidden draft", status="draft")
    factories.comment(post, "Published under my name.", author=frances)
    for state in ("pending", "rejected", "removed", "spam", "withdrawn"):
        factories.comment(post, f"Mine and {state}.", author=frances, status=state)
    factories.comment(post, "Under a name used only here.", author=frances, author_name="Robin", signed="alias")
    factories.comment(post, "With the name taken off.", author=frances, author_name="A reader", signed="nobody")
    factories.comment(post, "Brought along from a guest.", author=frances, author_name="Quiet one")
    factories.comment(hidden, "Below a hidden draft.", author=frances)


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_page_for_everybody_shows_what_stands_there_under_the_name_and_nothing_else(who, frances, post):
    written(frances, post)
    User.objects.filter(pk=frances.pk).update(is_public=True)
    answer = client_of(who, frances).get(f"/people/{frances.pk}/")
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex"
    for words in ("Published under my name.", "I grow beans.", "&lt;b&gt;Truly", "https://frances.example.org"):
        assert words in answer.text
    main = answer.text.split("<main")[1].split("</main>")[0]
    for words in ("Mine and", "Under a name", "taken off", "Brought along", "hidden draft", frances.email, "Robin"):
        assert words not in main
    if who == "nobody":
        assert not answer.cookies
        assert "csrfmiddlewaretoken" not in answer.text


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("why", ["not wanted", "closed", "nobody"])
def test_where_it_is_not_wanted_there_is_no_such_page_for_anybody(who, why, frances):
    if why == "closed":
        User.objects.filter(pk=frances.pk).update(is_public=True, is_active=False)
    number = frances.pk + 9_999 if why == "nobody" else frances.pk
    who = "other" if why == "closed" and who == "member" else who
    assert client_of(who, frances).get(f"/people/{number}/").status_code == 404


def test_one_turns_ones_page_on_and_off(frances):
    client = client_of("member", frances)
    fields = {"display_name": "Frances", "url": "", "about": "Beans.\u202e " + "\n" * 3}
    client.post("/accounts/profile/", {**fields, "is_public": "on"})
    frances.refresh_from_db()
    assert (frances.is_public, frances.about) == (True, "Beans.")
    assert f"/people/{frances.pk}/" in client.get("/accounts/profile/").text
    client.post("/accounts/profile/", fields)
    assert Client().get(f"/people/{frances.pk}/").status_code == 404
    assert client.post("/accounts/profile/", {**fields, "about": "x" * 601}).status_code == 422


def test_a_new_name_leaves_what_was_written_under_the_old_one_off_the_page(frances, post):
    factories.comment(post, "Under the old name.", author=frances)
    User.objects.filter(pk=frances.pk).update(is_public=True, display_name="Somebody new")
    assert "Under the old name." not in Client().get(f"/people/{frances.pk}/").text
    assert not Comment.objects.shown_as_by(User.objects.get(pk=frances.pk)).exists()


def test_ones_own_page_has_everything_of_ones_own(frances, post):
    version = factories.published_guidelines()
    written(frances, post)
    mine = Comment.objects.get(body="Published under my name.")
    guidelines.record(mine, version, guidelines.SENTENCE)
    factories.comment(post, "An answer.", parent=mine, author_name="Jim")
    factories.comment(post, "My own answer.", parent=mine, author=frances)
    subscriptions.follow_article(post, Recipient(frances.pk))
    factories.comment(post, "As a guest.", author_email=frances.email)
    page = client_of("member", frances).get(OWN)
    assert page["Cache-Control"] == "private, no-store"
    text = " ".join(page.text.split())
    for words in (
        "Published under my name.", "Mine and pending.", "Waits for a moderator", "Not published", "Removed",
        "Withdrawn",
        "as <bdi>Robin</bdi>", "<bdi>Jim</bdi> on <bdi>The bench</bdi>", "Mail about every comment below",
        "Version 1 of the Commenting Guidelines</a>, with 1 comment, first on", "/accounts/claim/",
    ):  # fmt: skip
        assert words in text, words
    assert "Spam" not in page.text.replace("Mine and spam.", "")
    assert GuidelineAcceptance.objects.count() == 1


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who != "member"])
def test_nobody_else_gets_to_see_it(who, frances, post):
    written(frances, post)
    answer = client_of(who, frances).get(OWN)
    assert answer.status_code == (302 if who == "nobody" else 200)
    assert "Mine and" not in answer.text
    assert "Published under my name." not in answer.text


@pytest.mark.parametrize(("path", "most"), [(OWN, 16), ("people", 4)])
def test_the_pages_cost_the_same_for_two_comments_and_for_forty(
    path, most, frances, post, django_assert_max_num_queries
):
    User.objects.filter(pk=frances.pk).update(is_public=True)
    client = client_of("member" if path == OWN else "nobody", frances)
    path = OWN if path == OWN else f"/people/{frances.pk}/"
    counted = []
    for number in (2, 40):
        for _ in range(number):
            factories.comment(post, parent=factories.comment(post, author=frances, created_at=timezone.now()))
        client.get(path)
        with django_assert_max_num_queries(most) as queries:
            page = client.get(path)
        counted.append(len(queries))
    assert counted[0] == counted[1] or counted[1] <= counted[0]
    assert "Page 1 of 2" in page.text
