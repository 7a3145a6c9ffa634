"""A branch that is taken away as a whole comes back as a whole."""

import pytest

from comments import emptying, moderation, status, tree
from comments.exceptions import CommentsError, NotAllowed
from comments.models import Comment, Discussion, ModerationLogEntry
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return factories.post()


@pytest.fixture
def branch(post):
    """A head, two replies, one of them with a reply of its own, one waiting, and a neighbour."""
    head = factories.comment(post, "The head.")
    reply = factories.comment(post, "A reply.", parent=head)
    made = {
        "head": head,
        "reply": reply,
        "below": factories.comment(post, "Below the reply.", parent=reply),
        "removed": factories.comment(post, "Removed before.", parent=head),
        "waiting": factories.comment(post, "Waits.", parent=head, status="pending"),
        "neighbour": factories.comment(post, "The neighbour."),
    }
    status.change_status(made["removed"].pk, "remove")
    return made


def states(branch):
    return {name: Comment.objects.get(pk=comment.pk).status for name, comment in branch.items()}


def test_every_public_reply_goes_with_the_head_and_nothing_else(branch, moderator, post, client):
    moderation.decide(branch["head"].pk, "remove_branch", moderator, clause="kind", reason="Please stop this quarrel.")
    assert states(branch) == {
        "head": "removed", "reply": "removed", "below": "removed", "removed": "removed", "waiting": "pending",
        "neighbour": "approved",
    }  # fmt: skip
    assert Discussion.objects.get(post=post).comment_count == 1
    assert status.wrong_counts() == []
    page = client.get(post.get_absolute_url()).text
    for words in ("The head.", "A reply.", "Below the reply.", "This comment was removed"):
        assert words not in page
    assert "The neighbour." in page


def test_one_row_stands_for_all_and_the_words_are_for_the_heads_author_alone(branch, moderator):
    moderation.decide(branch["head"].pk, "remove_branch", moderator, reason="Please stop this quarrel.")
    whole = ModerationLogEntry.objects.get(action="remove_branch")
    assert (whole.comment_id, whole.count) == (branch["head"].pk, 3)
    parts = {entry.comment_id: (entry.action, entry.reason) for entry in whole.parts.all()}
    assert parts == {
        branch["head"].pk: ("remove", "Please stop this quarrel."),
        branch["reply"].pk: ("remove_below", ""),
        branch["below"].pk: ("remove_below", ""),
    }


def test_it_comes_back_as_one_but_for_what_somebody_decided_since(branch, moderator):
    before = states(branch)
    moderation.decide(branch["head"].pk, "remove_branch", moderator)
    status.change_status(branch["below"].pk, "withdraw")
    moderation.decide(branch["head"].pk, "restore_branch", moderator, note="They made up.")
    assert states(branch) == before | {"below": "withdrawn"}
    assert status.wrong_counts() == []
    assert list(tree.check()) == []
    with pytest.raises(CommentsError, match="Nothing below"):
        moderation.decide(branch["head"].pk, "restore_branch", moderator, note="Once more.")


def test_who_brings_back_what_somebody_took_away_says_why(branch, moderator):
    moderation.decide(branch["head"].pk, "remove_branch", moderator)
    another = Viewer(factories.person("Another", "moderator"))
    with pytest.raises(CommentsError, match="Please say in a few words why"):
        moderation.decide(branch["head"].pk, "restore_branch", another)
    assert states(branch)["reply"] == "removed"
    moderation.decide(branch["head"].pk, "restore_branch", another, reason="They made up.")
    assert states(branch)["reply"] == "approved"


def test_what_has_been_emptied_meanwhile_keeps_nothing_else_away(branch, moderator):
    moderation.decide(branch["head"].pk, "remove_branch", moderator)
    emptying.empty([branch["reply"].pk], "its writer asked to be erased")
    moderation.decide(branch["head"].pk, "restore_branch", moderator, note="They made up.")
    assert [states(branch)[name] for name in ("head", "reply", "below")] == ["approved", "removed", "approved"]
    assert status.wrong_counts() == []


def test_a_click_undoes_the_whole(branch, moderator):
    before = states(branch)
    batch, outcomes = moderation.decide_all([branch["head"].pk], "remove_branch", moderator)
    assert [outcome.error for outcome in outcomes] == [""]
    assert all(not outcome.error for outcome in moderation.undo_all(batch, moderator))
    assert states(branch) == before


def test_a_head_that_was_held_is_declined_with_what_stands_below_it(branch, moderator):
    moderation.decide(branch["head"].pk, "hold", moderator)
    moderation.decide(branch["head"].pk, "remove_branch", moderator)
    assert states(branch)["head"] == "rejected"
    assert states(branch)["reply"] == "removed"
    moderation.decide(branch["head"].pk, "restore_branch", moderator, note="They made up.")
    assert states(branch)["head"] == "approved"
    assert states(branch)["reply"] == "approved"


def test_below_a_head_that_was_removed_before_the_rest_can_go_too(branch, moderator):
    moderation.decide(branch["head"].pk, "remove", moderator, clause="kind")
    moderation.decide(branch["head"].pk, "remove_branch", moderator)
    assert states(branch)["below"] == "removed"
    moderation.decide(branch["head"].pk, "restore_branch", moderator, note="They made up.")
    assert states(branch)["head"] == "removed"
    assert states(branch)["below"] == "approved"


def test_only_who_moderates_there(branch):
    for nobody in (Viewer(factories.person()), factories.guest()):
        for action in ("remove_branch", "restore_branch"):
            with pytest.raises(NotAllowed):
                moderation.decide(branch["head"].pk, action, nobody)


def test_a_head_that_was_edited_since_is_read_again_first(branch, moderator):
    with pytest.raises(CommentsError, match="changed since"):
        moderation.decide(branch["head"].pk, "remove_branch", moderator, seen_revision=7)
    assert states(branch)["reply"] == "approved"
