"""The same comment, many replies, two decisions, all in one moment."""

from functools import partial

import pytest

from comments import moderation, tree
from comments.models import Comment
from comments.submission import submit
from comments.viewers import Viewer
from tests import factories
from tests.together import at_once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("as_reply", [False, True])
def test_the_same_form_sent_at_once_is_one_comment(as_reply):
    factories.published_guidelines()
    post = factories.post()
    parent = factories.comment(post) if as_reply else None
    draft = factories.draft(post, "Said once.", parent_id=parent.pk if parent else None)
    results = at_once(*[lambda: submit(draft)] * 6)
    assert {getattr(made, "pk", made) for made in results} == {Comment.objects.get(body="Said once.").pk}
    assert list(tree.check()) == []


@pytest.mark.django_db(transaction=True)
def test_many_replies_at_once_are_all_kept_in_their_places():
    factories.published_guidelines()
    post = factories.post()
    parent = factories.comment(post)
    drafts = [factories.draft(post, f"Reply {n}.", parent_id=parent.pk, network="") for n in range(8)]
    results = at_once(*(partial(submit, draft) for draft in drafts))
    assert len({getattr(made, "pk", made) for made in results}) == 8, results
    assert list(tree.check()) == []
    assert set(parent.get_descendants().values_list("pk", "parent")) == {(made.pk, parent.pk) for made in results}


@pytest.mark.django_db(transaction=True)
def test_two_moderators_at_once_have_one_outcome():
    post = factories.post()
    waiting = factories.comment(post, status="pending")
    people = [Viewer(factories.person(role="moderator")) for _ in range(2)]
    results = at_once(
        lambda: moderation.decide(waiting.pk, "approve", people[0]).status,
        lambda: moderation.decide(waiting.pk, "reject", people[1]).status,
    )
    waiting.refresh_from_db()
    decisions = waiting.log.exclude(action="submit").order_by("pk")
    assert [entry.new for entry in decisions][-1] == waiting.status
    assert waiting.status in results
    approved = Comment.objects.filter(post=post, status="approved").count()
    post.discussion.refresh_from_db()
    assert post.discussion.comment_count == approved
