"""Moderators of everything, of chosen articles and of categories: what each may do, and who says so."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import moderation, permissions, submission
from comments.exceptions import CommentsError, NotAllowed
from comments.models import Comment, DeskLogEntry, ModeratorScope
from comments.moderation import roles
from comments.viewers import Viewer
from posts.models import Category
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return Viewer(factories.person("Owner", "owner"))


@pytest.fixture
def posts(owner):
    """Three articles: in Letters, in Old letters below it, and in no category."""
    factories.published_guidelines()
    letters = Category.objects.create(name="Letters", slug="letters")
    old = Category.objects.create(name="Old letters", slug="old", parent=letters)
    made = {name: factories.post(owner.user) for name in ("letters", "old", "other")}
    made["letters"].categories.add(letters)
    made["old"].categories.add(old)
    return made


@pytest.fixture
def rowan():
    return factories.person("Rowan")


def moderates(account, posts):
    return {name for name, post in posts.items() if not permissions.why_not_moderate(Viewer(account), post)}


def test_chosen_articles_and_categories_with_those_below_them(owner, posts, rowan):
    assert moderates(rowan, posts) == set()
    roles.set_role(rowan, "chosen", owner, posts=[posts["other"]])
    assert moderates(rowan, posts) == {"other"}
    roles.set_role(rowan, "chosen", owner, categories=[Category.objects.get(slug="letters")])
    assert moderates(rowan, posts) == {"letters", "old"}
    roles.set_role(rowan, "chosen", owner, posts=[posts["other"]], categories=[Category.objects.get(slug="old")])
    assert moderates(rowan, posts) == {"old", "other"}
    roles.set_role(rowan, "moderator", owner)
    rowan.refresh_from_db()
    assert moderates(rowan, posts) == {"letters", "old", "other"}
    assert not ModeratorScope.objects.exists()
    roles.set_role(rowan, "member", owner)
    rowan.refresh_from_db()
    assert (moderates(rowan, posts), rowan.role) == (set(), "member")


def test_an_article_that_changes_its_category_changes_its_moderators(owner, posts, rowan):
    letters = Category.objects.get(slug="letters")
    roles.set_role(rowan, "chosen", owner, categories=[letters])
    posts["letters"].categories.clear()
    posts["other"].categories.add(letters)
    assert moderates(rowan, posts) == {"old", "other"}


def test_they_decide_there_and_nowhere_else(owner, posts, rowan):
    roles.set_role(rowan, "chosen", owner, posts=[posts["other"]])
    here, there = (factories.comment(posts[name], status="pending") for name in ("other", "letters"))
    viewer = Viewer(rowan)
    assert list(moderation.moderated_by(viewer)) == [here]
    assert list(Comment.objects.visible_to(viewer)) == [here]
    assert moderation.counts(viewer)["pending"] == 1
    assert moderation.decide(here.pk, "approve", viewer).is_approved
    with pytest.raises(NotAllowed, match="other articles"):
        moderation.decide(there.pk, "approve", viewer)
    report = factories.comment(posts["letters"])
    moderation.flag(report.pk, factories.guest(), reporter_key="a", reason="unkind")
    assert moderation.counts(viewer)["reported"] == 0


def test_their_word_is_taken_there(owner, posts, rowan):
    roles.set_role(rowan, "chosen", owner, posts=[posts["other"]])
    assert not submission.submit(factories.draft(posts["letters"], viewer=Viewer(rowan))).is_approved
    assert submission.submit(factories.draft(posts["other"], viewer=Viewer(rowan))).is_approved


def test_they_come_into_the_desk_but_not_to_people_lists_or_rules(client, owner, posts, rowan):
    roles.set_role(rowan, "chosen", owner, posts=[posts["other"]])
    client.force_login(rowan)
    foreign = factories.comment(posts["letters"], status="pending")
    assert client.get("/moderation/pending/").status_code == 200
    assert "/moderation/" in client.get("/guidelines/").text
    assert client.get(f"/moderation/comment/{foreign.pk}/").status_code == 404
    for path in ("people/", "blocks/", "words/", "roles/", "rules/", "figures/", f"people/account/{rowan.pk}/"):
        assert client.get(f"/moderation/{path}").status_code == 403, path
    page = client.get("/moderation/pending/").text
    assert "/moderation/people/" not in page
    assert "/moderation/roles/" not in page


def test_only_the_owner_sets_roles_and_nobody_an_owner_s(owner, posts, rowan):
    for nobody in (Viewer(rowan), Viewer(factories.person(role="moderator")), factories.guest()):
        with pytest.raises(NotAllowed):
            roles.set_role(rowan, "moderator", nobody)
    with pytest.raises(CommentsError, match=r"manage\.py person"):
        roles.set_role(owner.user, "member", owner)
    for wrong in ("owner", "", "king"):
        with pytest.raises(CommentsError):
            roles.set_role(rowan, wrong, owner)
    with pytest.raises(CommentsError, match="at least one"):
        roles.set_role(rowan, "chosen", owner)
    rowan.refresh_from_db()
    assert rowan.role == "member"


def test_who_is_restricted_is_made_no_moderator(owner, posts, rowan):
    factories.restriction(rowan, "hold")
    for role, more in (("moderator", {}), ("chosen", {"posts": [posts["other"]]})):
        with pytest.raises(CommentsError, match="lift it first"):
            roles.set_role(rowan, role, owner, **more)
    assert not ModeratorScope.objects.exists()


def test_each_change_is_on_record(owner, posts, rowan):
    roles.set_role(rowan, "chosen", owner, posts=[posts["other"]])
    entry = DeskLogEntry.objects.get()
    assert (entry.action, entry.subject, entry.actor_name) == ("set_role", f"account {rowan.pk}", "Owner")
    assert entry.details == {"role": "chosen", "posts": [posts["other"].pk], "categories": []}


def test_the_list_of_moderators_costs_two_queries(owner, posts, django_assert_num_queries):
    for number in range(5):
        person = factories.person(f"Person {number}")
        roles.set_role(person, "chosen", owner, posts=posts.values(), categories=Category.objects.all())
    with django_assert_num_queries(2):
        listed = roles.moderators()
    assert [one.account.display_name for one in listed][:2] == ["Owner", "Person 0"]
    assert (len(listed[1].posts), len(listed[1].categories)) == (3, 2)


def test_the_owner_finds_somebody_and_sets_the_role_on_a_page(client, owner, posts, rowan):
    client.force_login(owner.user)
    assert client.post("/moderation/roles/", {"who": "rowan"})["Location"] == f"/moderation/roles/{rowan.pk}/"
    assert client.post("/moderation/roles/", {"who": rowan.email})["Location"] == f"/moderation/roles/{rowan.pk}/"
    factories.person("Rowan")
    assert client.post("/moderation/roles/", {"who": "Rowan"}).status_code == 422
    assert client.post("/moderation/roles/", {"who": "nobody at all"}).status_code == 422
    old = Category.objects.get(slug="old")
    said = {"role": "chosen", "posts": posts["other"].get_absolute_url() + "?x=1", "categories": [old.pk]}
    assert client.post(f"/moderation/roles/{rowan.pk}/", said).status_code == 302
    assert moderates(rowan, posts) == {"old", "other"}
    page = client.get(f"/moderation/roles/{rowan.pk}/").text
    assert posts["other"].get_absolute_url() in page
    refused = client.post(f"/moderation/roles/{rowan.pk}/", {**said, "posts": "/2020/01/no-such-article/"})
    assert refused.status_code == 422
    assert "no-such-article" in refused.text


@pytest.mark.django_db(transaction=True)
def test_a_member_s_submit_asks_nothing_about_roles(owner, posts, rowan):
    roles.set_role(rowan, "chosen", owner, posts=[posts["other"]])
    member = Viewer(factories.person(standing="trusted"))
    submission.submit(factories.draft(posts["letters"], viewer=member))
    with CaptureQueriesContext(connection) as asked:
        submission.submit(factories.draft(posts["letters"], viewer=member))
    assert not [query for query in asked if "moderatorscope" in query["sql"] or "categor" in query["sql"]]
