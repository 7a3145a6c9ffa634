"""Rows by statements put together once: the same as by the ORM."""

import pytest
from django.db import IntegrityError, connection, transaction

from comments import tree
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


@pytest.mark.parametrize("number", [10**19, 10**40, -(10**30), 0])
def test_there_is_no_row_with_a_number_beyond_the_databases(number):
    assert rows.first(Comment, "id = %s", [number]) is None


def test_what_the_database_refuses_is_refused():
    first = factories.comment(factories.post(), fingerprint="a" * 64)
    again = Comment(
        post=first.post, author_name="A", body="b", body_html="b", status="pending", created_at=first.created_at,
        fingerprint="a" * 64,
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
