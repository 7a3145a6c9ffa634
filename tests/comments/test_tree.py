"""The tree keeps its shape, whatever is put where."""

import random
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from comments import numbering, tree, unsent
from comments.models import Comment
from storied import rows
from tests import factories
from tests.comments.reading import in_reading_order
from tests.together import at_once, broken_off_once

pytestmark = pytest.mark.django_db


def shape(post):
    """(body, depth) in reading order."""
    return [(c.body, c.level) for c in in_reading_order(Comment.objects.filter(post=post))]


@pytest.fixture
def post():
    return factories.post()


def test_replies_stand_under_their_parents_in_the_order_they_came(post):
    first = factories.comment(post, "a")
    factories.comment(post, "b")
    reply = factories.comment(post, "a1", parent=first)
    factories.comment(post, "a2", parent=first)
    factories.comment(post, "a1x", parent=reply)
    assert shape(post) == [("a", 0), ("a1", 1), ("a1x", 2), ("a2", 1), ("b", 0)]
    assert list(tree.check()) == []


def test_top_level_comments_stand_in_the_order_of_their_time_even_when_stored_later(post):
    now = timezone.now()
    factories.comment(post, "later", created_at=now)
    factories.comment(post, "earlier", created_at=now - timedelta(days=3))
    assert [body for body, _ in shape(post)] == ["earlier", "later"]


@pytest.fixture
def drawn_twice(monkeypatch):
    """Each number is drawn a second time, by whoever draws next."""
    numbers: list[int] = []
    draw = tree.new_number

    def drawn(at):
        numbers.append(numbers[-1] if len(numbers) % 2 else draw(at))
        return numbers[-1]

    monkeypatch.setattr(tree, "new_number", drawn)
    return numbers


def test_a_number_that_another_tree_has_is_drawn_anew(post, drawn_twice):
    first, second = factories.comment(post, "first"), factories.comment(post, "second")
    assert len(drawn_twice) == 3
    assert first.tree_id != second.tree_id
    assert (second.pk, second.body) == (Comment.objects.latest("pk").pk, "second")


def test_a_branch_that_gets_a_tree_of_its_own_takes_no_number_of_another(post, drawn_twice):
    first = factories.comment(post)
    reply = factories.comment(post, parent=first)
    tree.move(reply.pk, None)
    assert len(drawn_twice) == 3
    reply.refresh_from_db()
    assert reply.tree_id != first.tree_id
    assert list(tree.check()) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_draw_the_same_number_at_once_get_two(post, monkeypatch):
    numbers = [7, 7, 8, 9]
    monkeypatch.setattr(tree, "new_number", lambda _at: numbers.pop(0))
    first, second = at_once(*[lambda: factories.comment(post)] * 2)
    assert first.pk != second.pk
    assert sorted(Comment.objects.values_list("tree_id", flat=True)) == [7, 8]


def test_a_second_root_in_a_tree_is_refused_by_the_database(post):
    first = factories.comment(post)
    second = factories.comment(post)
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        Comment.objects.filter(pk=second.pk).update(tree_id=first.tree_id)


def test_moving_takes_the_replies_along(post):
    ann = factories.comment(post, "ann")
    answer = factories.comment(post, "answer")
    factories.comment(post, "thanks", parent=answer)
    tree.move(answer.pk, ann.pk)
    assert shape(post) == [("ann", 0), ("answer", 1), ("thanks", 2)]
    assert list(tree.check()) == []


def test_a_moved_reply_stands_among_its_siblings_by_its_time(post):
    now = timezone.now()
    parent = factories.comment(post, "parent", created_at=now - timedelta(hours=9))
    misplaced = factories.comment(post, "second", created_at=now - timedelta(hours=2))
    factories.comment(post, "first", parent=parent, created_at=now - timedelta(hours=3))
    factories.comment(post, "third", parent=parent, created_at=now - timedelta(hours=1))
    tree.move(misplaced.pk, parent.pk)
    assert shape(post) == [("parent", 0), ("first", 1), ("second", 1), ("third", 1)]
    assert list(tree.check()) == []


def test_a_reply_moved_to_the_top_level_begins_a_thread_of_its_own(post):
    first = factories.comment(post, "first")
    reply = factories.comment(post, "reply", parent=first)
    factories.comment(post, "below", parent=reply)
    tree.move(reply.pk, None)
    assert shape(post) == [("first", 0), ("reply", 0), ("below", 1)]
    assert list(tree.check()) == []


def test_a_comment_cannot_be_moved_below_itself(post):
    first = factories.comment(post)
    reply = factories.comment(post, parent=first)
    below = factories.comment(post, parent=reply)
    with pytest.raises(tree.WouldBeACircle):
        tree.move(first.pk, below.pk)
    with pytest.raises(tree.WouldBeACircle):
        tree.move(reply.pk, reply.pk)


def test_a_comment_cannot_be_moved_to_another_article(post):
    mine, theirs = factories.comment(post), factories.comment(factories.post())
    with pytest.raises(tree.OtherDiscussion):
        tree.move(mine.pk, theirs.pk)


def test_random_inserts_and_moves_leave_every_invariant_true(post):
    chance = random.Random(7)
    comments = [factories.comment(post)]
    for _ in range(60):
        if chance.random() < 0.6:
            parent = chance.choice([None, *comments])
            comments.append(factories.comment(post, parent=parent))
        else:
            try:
                tree.move(chance.choice(comments).pk, chance.choice([None, *[c.pk for c in comments]]))
            except tree.WouldBeACircle:
                continue
        assert list(tree.check(post.pk)) == []
    for comment in Comment.objects.filter(post=post):
        above = set(comment.get_ancestors().values_list("pk", flat=True))
        walked, parent = set(), comment.parent
        while parent is not None:
            walked.add(parent.pk)
            parent = parent.parent
        assert above == walked


def test_the_tree_changes_only_inside_a_transaction(transactional_db):
    comment = factories.comment(factories.post())
    with pytest.raises(RuntimeError, match="inside a transaction"):
        tree.lock_thread(comment.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="On SQLite there is one writer at a time")
def test_who_holds_a_thread_keeps_out_nobody_who_only_points_at_a_comment(post):
    root = factories.comment(post)
    reply, member = factories.comment(post, parent=root), factories.person()

    def keep_an_answer_to(comment):
        rows.execute("SET lock_timeout = '300ms'")
        return bool(unsent.save(member, post, f"To {comment.pk}.", parent_id=comment.pk, page="the same"))

    with transaction.atomic():
        tree.lock_both(reply.pk, None)
        tree.lock_thread(reply.pk)
        assert at_once(lambda: keep_an_answer_to(root)) == [True]
        assert at_once(lambda: keep_an_answer_to(reply)) == [True]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ({"lft": numbering.TOP - 1}, "its parent is"),
        ({"lft": 1}, "overlaps"),
        ({"rght": numbering.TOP + 9}, "beyond"),
        ({"rght": 2}, "empty"),
        ({"level": 5}, "depth"),
        ({"tree_id": 4}, "root"),
    ],
)
def test_check_finds_what_is_wrong_and_mend_puts_it_right(post, harm, said):
    first = factories.comment(post, "first")
    reply = factories.comment(post, "reply", parent=first)
    factories.comment(post, "below", parent=reply)
    right = shape(post)
    Comment.objects.filter(pk=reply.pk).update(**harm)
    assert any(said in fault.what for fault in tree.check(post.pk))
    tree.mend(post.pk)
    assert list(tree.check(post.pk)) == []
    assert shape(post) == right


@pytest.mark.django_db(transaction=True)
def test_a_tree_is_mended_whoever_writes_at_the_same_moment(post):
    reply = factories.comment(post, parent=factories.comment(post))
    Comment.objects.filter(pk=reply.pk).update(level=3)
    with broken_off_once('UPDATE "comments_comment"'):
        assert tree.mend(post.pk) == 1
    assert list(tree.check(post.pk)) == []


def test_a_chain_of_five_thousand_replies_is_stored_at_once_and_checked_without_recursion(post):
    now = timezone.now()
    chain = []
    for number in range(5_000):
        chain.append(
            Comment(
                post=post,
                parent=chain[-1] if chain else None,
                author_name="Chain",
                body=str(number),
                body_html=f"<p>{number}</p>",
                status="approved",
                created_at=now,
                published_at=now,
            )
        )
    with transaction.atomic():
        tree.insert_many(chain)
    assert list(tree.check(post.pk)) == []
    deepest = Comment.objects.get(post=post, level=4_999)
    assert deepest.body == "4999"
    assert Comment.objects.filter(tree_id=deepest.tree_id, lft__lt=deepest.lft, rght__gt=deepest.rght).count() == 4_999


def test_many_of_the_same_second_keep_the_order_in_which_they_were_given(post):
    now = timezone.now().replace(microsecond=0)
    same = [
        Comment(
            post=post, author_name="A", body=str(n), body_html="", status="approved", created_at=now, published_at=now
        )
        for n in range(50)
    ]
    with transaction.atomic():
        tree.insert_many(same)
    assert [int(body) for body, _ in shape(post)] == list(range(50))


def test_a_reply_costs_the_same_few_queries_in_any_thread(post, django_assert_num_queries):
    root = factories.comment(post)
    for _ in range(30):
        factories.comment(post, parent=root)
    comment = Comment(post=post, author_name="A", body="b", body_html="b", status="pending", created_at=timezone.now())
    with transaction.atomic():
        parent = tree.lock_thread(root.pk)
        with django_assert_num_queries(2):  # look for room, insert
            tree.insert(comment, parent)
    assert connection.vendor in {"sqlite", "postgresql"}
