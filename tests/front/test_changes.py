"""What is said of a change in a transaction, and when it is over."""

import pytest
from django.db import transaction

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
