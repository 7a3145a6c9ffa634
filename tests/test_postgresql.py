"""Connections to PostgreSQL: kept, looked at before each request, with prepared statements."""

import pytest
from django.core.signals import request_started
from django.db import OperationalError, connection, connections

from storied import rows

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="it is about PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def kept(settings):
    """A connection that lives on from request to request; which one it is."""
    connection.close()
    connection.settings_dict["CONN_MAX_AGE"] = None
    yield pid
    connection.settings_dict["CONN_MAX_AGE"] = 0
    connection.close()


def pid():
    return rows.fetch("SELECT pg_backend_pid()")[0][0]


def a_request_begins():
    request_started.send(sender=None)


def end_it_from_outside():
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    finally:
        other.close()


def test_a_connection_that_was_just_used_is_used_again_without_a_question(kept, django_assert_num_queries, monkeypatch):
    first = kept()
    a_request_begins()
    assert kept() == first
    monkeypatch.setattr(connection.connection, "cursor", None)  # by which Django would ask
    a_request_begins()
    assert kept() == first


def test_one_that_was_silent_for_long_is_asked(kept, monkeypatch):
    first = kept()
    a_request_begins()
    assert kept() == first
    connection._spoke_at -= 61
    asked = []
    monkeypatch.setattr(connection, "_is_silent", lambda: asked.append("the kernel"))
    a_request_begins()
    assert kept() == first
    assert asked == []


@pytest.mark.parametrize("seconds_ago", [0, 61])
def test_one_that_the_server_has_ended_is_replaced_before_the_request_needs_it(kept, seconds_ago):
    first = kept()
    a_request_begins()
    kept()
    connection._spoke_at -= seconds_ago
    end_it_from_outside()
    a_request_begins()
    assert kept() != first


def test_one_that_ends_in_the_middle_of_a_request_is_an_error_and_then_replaced(kept):
    first = kept()
    a_request_begins()
    kept()
    end_it_from_outside()
    with pytest.raises(OperationalError):
        kept()
    a_request_begins()
    assert kept() != first


def prepared():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_what_is_used_often_is_prepared_and_the_orms_statements_are_not(kept):
    from comments.models import Comment

    for number in range(10):
        rows.fetch("SELECT id FROM comments_comment WHERE id = %s", [number])
        Comment.objects.filter(pk=number).exists()
    assert prepared() == ["SELECT id FROM comments_comment WHERE id = $1"]


def test_nothing_is_prepared_behind_a_pooler_that_cannot_keep_it(kept, monkeypatch):
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", None)
    connection.close()
    for number in range(10):
        assert rows.fetch("SELECT %s + 1", [number]) == [(number + 1,)]
    assert prepared() == []
