"""What is said of a change in a transaction, and when it is over."""

import threading

import pytest
from django.db import connection, transaction
from django_tasks import task

from storied.front import board as boards
from storied.front import discussion_changes, discussion_slot, site_changes

pytestmark = pytest.mark.django_db(transaction=True)

POST = 5
SLOT = discussion_slot(POST)


@pytest.fixture
def board():
    return boards.board()


def test_a_change_is_under_way_until_the_commit(board):
    made_of = board.all_settled((SLOT, boards.ALL_DISCUSSIONS))
    with transaction.atomic():
        discussion_changes(POST)
        assert board.all_settled((SLOT,)) is None
        assert board.all_settled((boards.ALL_DISCUSSIONS,)) is None
        assert board.all_hold(made_of)
    assert not board.all_hold(made_of[:1])
    assert not board.all_hold(made_of[1:])
    assert boards.still_open() == {}


def test_outside_a_transaction_it_is_over_at_once(board):
    made_of = board.all_settled((boards.SITE,))
    site_changes()
    assert not board.all_hold(made_of)
    assert board.all_settled((boards.SITE,)) is not None


def test_a_change_said_in_a_savepoint_that_was_undone_and_once_more_after_it_ends_with_the_commit(board):
    made_of = board.all_settled((SLOT,))
    with transaction.atomic():
        try:
            with transaction.atomic():
                discussion_changes(POST)
                raise LookupError
        except LookupError:
            pass
        discussion_changes(POST)
    assert not board.all_hold(made_of)
    assert boards.still_open() == {}


def test_a_change_that_was_rolled_back_is_over_when_the_next_begins(board):
    try:
        with transaction.atomic():
            discussion_changes(POST)
            raise LookupError
    except LookupError:
        pass
    assert board.all_settled((SLOT,)) is None
    site_changes()
    assert board.all_settled((SLOT,)) is not None


def rolled_back():
    with transaction.atomic():
        discussion_changes(POST)
        raise LookupError


def test_a_thread_that_ends_leaves_no_change_open(board):
    def work():
        with pytest.raises(LookupError):
            rolled_back()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert board.all_settled((SLOT,)) is not None


@task()
def a_task_that_fails():
    rolled_back()


def test_a_task_that_fails_leaves_no_change_open(board, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    a_task_that_fails.enqueue()
    assert board.all_settled((SLOT,)) is not None


def test_a_task_inside_a_change_does_not_end_it(board, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    with transaction.atomic():
        discussion_changes(POST)
        a_task_that_fails.enqueue()
        assert board.all_settled((SLOT,)) is None
