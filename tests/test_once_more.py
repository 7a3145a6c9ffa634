"""Requests that the database broke off, because others wrote at the same moment, are answered anew."""

import threading

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from comments import tree
from comments.models import Comment
from storied.turns import TURNS, Overtaken, once_more, take_turn
from tests import factories
from tests.together import at_once, until_somebody_waits, until_somebody_writes

pytestmark = pytest.mark.django_db(transaction=True)
only_where_writers_wait_for_each_other = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="On SQLite there is one writer at a time"
)


@pytest.fixture
def client():
    return Client(raise_request_exception=False, headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def answered_by(settings):
    """Has the site answer by one view alone."""

    def put(act):
        def view(request):
            return HttpResponse(str(act()))

        settings.ROOT_URLCONF = type(
            "urls", (), {"urlpatterns": [path("", view)], "handler500": "storied.views.server_error"}
        )

    return put


def test_who_was_overtaken_gets_the_answer_of_the_next_turn(client, answered_by):
    turns = []

    def overtaken_twice():
        turns.append(connection.in_atomic_block)
        if len(turns) < 3:
            raise Overtaken("somebody was quicker")
        return "done"

    answered_by(overtaken_twice)
    assert client.get("/").text == "done"
    assert turns == [False, False, False]


def test_nobody_is_kept_for_ever(client, answered_by):
    turns = []

    def always():
        turns.append(1)
        raise Overtaken("somebody was quicker")

    answered_by(always)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "Others changed the same at this very moment" in answer.text
    assert len(turns) == TURNS


def test_other_troubles_are_answered_at_once(client, answered_by):
    turns = []

    def away():
        turns.append(1)
        raise OperationalError("server closed the connection unexpectedly")

    answered_by(away)
    assert client.get("/").status_code == 503
    assert len(turns) == 1


def test_what_no_request_answers_for_is_begun_anew_as_well():
    turns = []

    @once_more
    def overtaken_twice(word):
        turns.append(word)
        if len(turns) < 3:
            raise Overtaken("somebody was quicker")
        return word

    assert overtaken_twice("done") == "done"
    assert turns == ["done"] * 3


def test_it_is_not_begun_anew_for_ever():
    turns = []

    @once_more
    def always():
        turns.append(1)
        raise Overtaken("somebody was quicker")

    with pytest.raises(Overtaken):
        always()
    assert len(turns) == TURNS


@pytest.mark.parametrize("trouble", [OperationalError("server closed the connection"), ValueError("a fault")])
def test_what_another_turn_would_not_mend_is_not_begun_anew(trouble):
    turns = []

    @once_more
    def fails():
        turns.append(1)
        raise trouble

    with pytest.raises(type(trouble)):
        fails()
    assert len(turns) == 1


def test_a_part_of_a_transaction_is_not_begun_anew_without_the_rest():
    turns = []

    @once_more
    def overtaken():
        turns.append(1)
        raise Overtaken("somebody was quicker")

    with pytest.raises(Overtaken), transaction.atomic():
        overtaken()
    assert len(turns) == 1


@only_where_writers_wait_for_each_other
def test_of_two_who_wait_for_each_other_both_are_answered(answered_by):
    both_hold_one = threading.Barrier(2)
    turns = []

    def take_both():
        with transaction.atomic():
            mine = "ab" if not turns else "ba"
            turns.append(mine)
            take_turn(mine[0])
            if len(turns) <= 2:
                both_hold_one.wait(60)
            take_turn(mine[1])
        return "done"

    answered_by(take_both)

    def ask():
        return Client(raise_request_exception=False).get("/").text

    assert at_once(ask, ask) == ["done", "done"]
    assert len(turns) == 3


@only_where_writers_wait_for_each_other
def test_a_reply_to_what_is_just_being_moved_waits_and_finds_its_place(client):
    factories.published_guidelines()
    post = factories.post()
    first, second = factories.comment(post, "first"), factories.comment(post, "second")
    moved = factories.comment(post, "moved", parent=first)
    form = factories.form(post, "A reply to it.", parent=moved.pk)

    def move():
        with transaction.atomic():
            tree.move(moved.pk, second.pk)
            until_somebody_waits()

    def reply():
        until_somebody_writes()
        return client.post(f"/discussion/{post.pk}/submit/", form).status_code

    assert at_once(move, reply) == [None, 302]
    assert Comment.objects.get(body="A reply to it.").parent_id == moved.pk
    assert list(tree.check(post.pk)) == []
