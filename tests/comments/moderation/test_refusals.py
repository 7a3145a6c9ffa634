"""Words for refusals: kind by themselves, changed by the owner, filled in for one comment."""

import pytest

from comments import moderation
from comments.exceptions import NotAllowed
from comments.models import ModerationLogEntry, RefusalTemplate
from comments.moderation import refusals
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    factories.published_guidelines("Be kind", "Speak for yourself")
    return factories.post(title="A walk")


@pytest.fixture
def owner():
    return Viewer(factories.person("Owner", "owner"))


def save(viewer, key, **said):
    said = {"title": "T", "words": "Words.", "clause": "", "is_gentle": False, "is_offered": True, **said}
    refusals.save(viewer, key, **said)


def test_none_of_the_shipped_words_accuses(post):
    for template in refusals.SHIPPED:
        for word in ("violat", "breach", "offence", "punish", "ban", "inappropriate"):
            assert word not in template.words.lower(), template.key


def test_the_words_for_distress_say_nothing_of_rules():
    gentle = [template for template in refusals.SHIPPED if template.is_gentle]
    assert [template.key for template in gentle] == ["distress"]
    for part in (*refusals.NOT_IN_GENTLE_WORDS, "clause", "rule"):
        assert part not in gentle[0].words.lower()


def test_the_owner_cannot_make_the_gentle_ones_harsh(owner):
    with pytest.raises(refusals.NotGentle, match="violat"):
        save(owner, "distress", words="This is a violation.", is_gentle=True)
    save(owner, "distress", words="We are with you.", is_gentle=False)
    assert refusals.find("distress").is_gentle


def test_the_owner_changes_adds_hides_and_takes_back(owner):
    save(owner, "unkind", title="Unkind", words="My words.")
    save(owner, "weather", title="Weather")
    save(owner, "twice", is_offered=False)
    offered = {template.key: template for template in refusals.templates(offered_only=True)}
    assert offered["unkind"].words == "My words."
    assert offered["unkind"].is_changed
    assert "weather" in offered
    assert "twice" not in offered
    refusals.put_back(owner, "unkind")
    refusals.put_back(owner, "weather")
    assert refusals.find("unkind") in refusals.SHIPPED
    assert refusals.find("weather") is None


@pytest.mark.parametrize("role", ["member", "moderator"])
def test_the_words_are_the_owners(role):
    nobody = Viewer(factories.person(role=role))
    with pytest.raises(NotAllowed):
        save(nobody, "unkind")
    with pytest.raises(NotAllowed):
        refusals.put_back(nobody, "unkind")
    assert not RefusalTemplate.objects.exists()


def test_a_refusal_with_a_template_carries_its_words_filled_in(post, moderator, owner):
    save(owner, "unkind", words="{name}, on “{article}” we ask ({clause}).", clause="be-kind")
    comment = factories.comment(post, status="pending", author_name="Ruth")
    moderation.decide(comment.pk, "reject", moderator, template="unkind")
    entry = ModerationLogEntry.objects.get(action="reject")
    assert (entry.reason, entry.clause, entry.template) == ("Ruth, on “A walk” we ask (Be kind).", "be-kind", "unkind")


def test_a_moderators_own_words_win_and_a_clause_that_is_not_named_leaves_no_gap(post, moderator):
    comment = factories.comment(post, status="pending", author_name="Ruth")
    moderation.decide(comment.pk, "reject", moderator, template="unkind", reason="Dear {name}, please.")
    assert ModerationLogEntry.objects.get(action="reject").reason == "Dear Ruth, please."
    other = factories.comment(post, status="pending", author_name="Ruth")
    moderation.decide(other.pk, "reject", moderator, template="unfitting")
    reason = ModerationLogEntry.objects.filter(action="reject").first().reason
    assert "{" not in reason
    assert "()" not in reason


def test_a_template_that_there_is_not_is_none(post, moderator):
    comment = factories.comment(post, status="pending")
    moderation.decide(comment.pk, "reject", moderator, template="nonsense")
    entry = ModerationLogEntry.objects.get(action="reject")
    assert (entry.template, entry.reason) == ("", "")


def test_a_name_that_looks_like_a_placeholder_is_only_a_name(post, moderator):
    comment = factories.comment(post, status="pending", author_name="{article}")
    moderation.decide(comment.pk, "reject", moderator, template="twice")
    assert ModerationLogEntry.objects.get(action="reject").reason.startswith("Thank you for writing, {article}.")
