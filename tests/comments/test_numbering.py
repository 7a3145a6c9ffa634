"""Room between the numbers of a tree, however it grows."""

import random
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import numbering, tree
from comments.models import Comment
from tests import factories

pytestmark = pytest.mark.django_db


def reply(parent, body):
    """A reply with as little beside its place as can be; the parent as it is in the database."""
    comment = Comment(
        post_id=parent.post_id, author_name="A", body=body, body_html=body, status="approved",
        created_at=timezone.now(), published_at=timezone.now(),
    )  # fmt: skip
    with transaction.atomic():
        return tree.insert(comment, tree.lock_thread(parent.pk))


def in_order(root):
    """What a walk along the parent links finds, elder siblings first: the truth to which the numbers must agree."""
    replies = {}
    for pk, parent in Comment.objects.filter(tree_id=root.tree_id).order_by("pk").values_list("pk", "parent"):
        replies.setdefault(parent, []).append(pk)
    found, waiting = [], [root.pk]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(reversed(replies.get(found[-1], ())))
    return found


GROWTH = {
    "all to the first": lambda chance, made: made[0],
    "each to the one before": lambda chance, made: made[-1],
    "anywhere": lambda chance, made: chance.choice(made),
    "mostly to the last few": lambda chance, made: made[-1 - min(len(made) - 1, int(chance.expovariate(0.3)))],
    "two branches in turn": lambda chance, made: made[max(0, len(made) - 2)],
}


@pytest.mark.parametrize("how", GROWTH)
@pytest.mark.parametrize("begins_without_gaps", [False, True])
def test_a_thread_can_grow_in_any_way(how, begins_without_gaps):
    chance = random.Random(how)
    root = factories.comment(factories.post())
    if begins_without_gaps:
        Comment.objects.filter(pk=root.pk).update(rght=2)
    made = [root]
    for number in range(120):
        made.append(reply(GROWTH[how](chance, made), str(number)))
    assert list(tree.check()) == []
    assert list(Comment.objects.order_by("tree_id", "lft").values_list("pk", flat=True)) == in_order(root)


def test_few_are_moved_for_a_reply_however_long_the_thread_is():
    root = factories.comment(factories.post())
    rows = [
        Comment(post=root.post, parent=root, author_name="A", body="b", body_html="b", status="approved",
                created_at=timezone.now(), published_at=timezone.now())
        for _ in range(2_000)
    ]  # fmt: skip
    thread = [Comment(post=root.post, author_name="A", body="b", body_html="b", status="approved",
                      created_at=timezone.now(), published_at=timezone.now())]  # fmt: skip
    for row in rows:
        row.parent = thread[0]
    with transaction.atomic():
        tree.insert_many([*thread, *rows])
    before = dict(Comment.objects.values_list("pk", "lft"))
    with CaptureQueriesContext(connection) as queries:
        for number in range(10):
            reply(thread[0], str(number))
    moved = [pk for pk, lft in Comment.objects.filter(pk__in=before).values_list("pk", "lft") if lft != before[pk]]
    assert moved == []
    assert len(queries) <= 10 * 6
    assert list(tree.check()) == []


def test_where_there_is_no_room_left_the_nearest_are_spread_anew():
    root = factories.comment(factories.post())
    for number in range(5):
        reply(root, str(number))
    # As close together as they can stand, at the beginning of the tree.
    for place, comment in enumerate(Comment.objects.filter(parent=root).order_by("lft")):
        Comment.objects.filter(pk=comment.pk).update(lft=2 + 2 * place, rght=3 + 2 * place)
    last = Comment.objects.filter(parent=root).order_by("lft").last()
    reply(last, "below the last")
    assert list(tree.check()) == []
    assert [c.body for c in Comment.objects.filter(level__gt=0).order_by("lft")][-2:] == ["4", "below the last"]


def test_a_branch_with_more_in_it_than_there_is_room_for_can_be_moved():
    post = factories.post()
    root, other = factories.comment(post), factories.comment(post)
    narrow = reply(root, "narrow")
    Comment.objects.filter(pk=narrow.pk).update(rght=F("lft") + 1)
    branch = [other]
    for number in range(40):
        branch.append(reply(branch[number // 2], str(number)))
    tree.move(other.pk, narrow.pk)
    assert list(tree.check()) == []
    root.refresh_from_db()
    assert root.get_descendant_count() == 42
    assert list(Comment.objects.order_by("tree_id", "lft").values_list("pk", flat=True)) == in_order(root)


def test_numbers_are_spread_over_all_that_there_is():
    assert numbering.whole_tree(2) == [1, numbering.TOP]
    numbers = numbering.whole_tree(2_000_000)
    assert numbers[0] == 1
    assert numbers[-1] == numbering.TOP
    assert min(b - a for a, b in pairwise(numbers)) > 2**40


def test_mptt_itself_puts_nothing_anywhere():
    comment = factories.comment(factories.post())
    with pytest.raises(TypeError, match=r"comments\.tree"):
        Comment.objects.rebuild()
    comment.parent = factories.comment(comment.post)
    with pytest.raises(TypeError, match=r"comments\.tree"):
        comment.save()
