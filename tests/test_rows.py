"""Rows by statements put together once: the same as by the ORM."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from comments import tree
from comments.exceptions import Gone
from comments.models import Comment, Discussion, ModerationLogEntry
from posts.models import Post
from storied import rows
from tests import factories

pytestmark = pytest.mark.django_db


def everything(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("model", [Comment, Discussion, ModerationLogEntry, Post])
def test_a_row_is_read_as_the_orm_reads_it(model):
    post = factories.post()
    factories.comment(post, "Words.", reasons=[{"code": "links", "detail": "3 “links”"}], edited_at=post.published_at)
    by_the_orm = model.objects.get()
    read = rows.first(model, f"{model._meta.pk.column} = %s", [by_the_orm.pk])
    assert everything(read) == everything(by_the_orm)
    assert read == by_the_orm
    assert not read._state.adding


def test_one_row_of_each_of_several_tables_is_read_at_once(django_assert_num_queries):
    post = factories.post()
    factories.comment(post, "Words.", reasons=[{"code": "links", "detail": "3 “links”"}], edited_at=post.published_at)
    with django_assert_num_queries(1):
        found = rows.first_of_each(
            (Comment, "post_id = %s AND body = %s", [post.pk, "Words."]),
            (ModerationLogEntry, "id = %s", [0]),
            (Post, "id = %s", [post.pk]),
        )
    by_the_orm = [Comment.objects.get(), None, Post.objects.get()]
    assert [row and everything(row) for row in found] == [row and everything(row) for row in by_the_orm]
    assert not found[0]._state.adding


def test_a_row_that_is_stored_is_read_by_the_orm_as_it_was():
    post = factories.post()
    comment = Comment(
        post=post, author_name="“É”", body="b\n", body_html="b", status="pending", created_at=post.published_at,
        reasons=[{"code": "é"}],
    )  # fmt: skip
    with transaction.atomic():
        tree.insert(comment, None)
    assert everything(Comment.objects.get(pk=comment.pk)) == everything(comment)
    assert not comment._state.adding


def test_fields_that_are_left_out_are_read_when_they_are_asked_for(django_assert_num_queries):
    post = factories.post()
    read = rows.first(Post, "id = %s", [post.pk], without=("body", "body_html"))
    with django_assert_num_queries(0):
        assert (read.title, read.status) == (post.title, post.status)
    with django_assert_num_queries(1):
        assert read.body == post.body


@pytest.mark.parametrize("number", [10**19, 10**40, -(10**30), 0])
def test_there_is_no_row_with_a_number_beyond_the_databases(number):
    assert rows.first(Comment, "id = %s", [number]) is None


def test_statements_of_ones_own_find_and_change_rows(django_assert_num_queries):
    comments = [factories.comment(factories.post()) for _ in range(3)]
    with django_assert_num_queries(3):
        assert rows.fetch("SELECT id FROM comments_comment WHERE id < %s ORDER BY id", [comments[2].pk]) == [
            (comments[0].pk,), (comments[1].pk,),
        ]  # fmt: skip
        assert rows.execute("UPDATE comments_comment SET author_name = %s WHERE id > %s", ["50 %", comments[0].pk]) == 2
        assert rows.fetch("SELECT '%%', author_name FROM comments_comment ORDER BY id DESC LIMIT 1") == [("%", "50 %")]


def test_a_statement_is_as_good_the_tenth_time_after_errors_and_on_a_new_connection(transactional_db):
    name = "SELECT name FROM (SELECT 1 AS number, 'one' AS name) AS names WHERE number = %s"
    for _ in range(10):
        assert rows.fetch(name, [1]) == [("one",)]
        assert rows.fetch(name, [2]) == []
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.fetch("SELECT nothing FROM nowhere")
    assert rows.fetch(name, [1]) == [("one",)]
    connection.close()
    assert rows.fetch(name, [1]) == [("one",)]


def test_what_the_database_refuses_is_refused():
    first = factories.comment(factories.post(), fingerprint="a" * 32)
    again = Comment(
        post=first.post, author_name="A", body="b", body_html="b", status="pending", created_at=first.created_at,
        fingerprint="a" * 32,
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        tree.insert(again, None)


def test_a_row_can_be_held_to_the_end_of_the_transaction():
    comment = factories.comment(factories.post())
    with transaction.atomic():
        assert rows.first(Comment, "id = %s", [comment.pk], lock=True) == comment
    assert connection.vendor in {"sqlite", "postgresql"}


def test_many_rows_at_once_are_stored_as_one_by_one():
    post = factories.post(author=factories.person())
    one = factories.comment(
        post, "Words with \t tabs, \\ and “quotes”,\n\nand \\N.", author=post.author, reasons=[{"code": "é\t"}],
        edited_at=post.published_at,
    )  # fmt: skip
    again = Comment.objects.get(pk=one.pk)
    again.pk, again.tree_id, again.fingerprint = None, one.tree_id + 1, "\\x"
    given = Comment.objects.get(pk=one.pk)
    given.pk, given.tree_id, given.fingerprint = one.pk + 500, one.tree_id + 2, None
    rows.give_keys(Comment, [again, given])
    rows.insert_many(Comment, [again, given])
    assert given.pk == one.pk + 500
    for row in (again, given):
        assert everything(Comment.objects.get(pk=row.pk)) == everything(row)
    last = factories.comment(post)
    assert len({one.pk, again.pk, given.pk, last.pk}) == 4


def test_some_fields_of_a_row_are_stored_and_no_others():
    post = factories.post()
    comment, other = factories.comment(post, "Words."), factories.comment(post)
    comment.reasons, comment.edited_at, comment.body = [{"code": "é"}], post.published_at, "Not stored."
    rows.update(comment, "reasons", "edited_at")
    stored = Comment.objects.get(pk=comment.pk)
    assert (stored.reasons, stored.edited_at, stored.body) == ([{"code": "é"}], post.published_at, "Words.")
    assert everything(Comment.objects.get(pk=other.pk)) == everything(other)


def test_a_comment_under_its_lock_has_its_article():
    comment = factories.comment(factories.post())
    with transaction.atomic():
        locked = Comment.objects.locked(comment.pk)
        assert everything(locked) == everything(comment)
        assert (locked.post, locked.post.body) == (comment.post, comment.post.body)
        with pytest.raises(Gone):
            Comment.objects.locked(comment.pk + 1)
