"""What can be found is what was pushed in last, whatever happens in between."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.db import DatabaseError, connection, connections, transaction

from storied import search
from storied.search.documents import LONGEST_BODY, LONGEST_TITLE
from storied.search.models import SearchDocument

pytestmark = pytest.mark.django_db


class Failure(Exception):
    """Something later in the same transaction went wrong."""


@contextmanager
def taken_back() -> Iterator[None]:
    """A transaction, or a savepoint inside one, that ends in a failure."""
    with suppress(Failure), transaction.atomic():
        yield
        raise Failure


def found(text: str) -> list[int]:
    return sorted(hit.object_id for hit in search.query(text).hits)


def check_words() -> None:
    """Raises DatabaseError where SQLite's words are not those of the documents."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO search_words(search_words, rank) VALUES ('integrity-check', 1)")


def test_a_document_pushed_again_is_found_by_its_new_words_alone(document):
    search.index([document("frost", object_id=1)])
    search.index([document("lavender", object_id=1, title="Herbs")])
    assert (found("frost"), found("weather")) == ([], [])
    assert (found("lavender"), found("herbs")) == ([1], [1])
    assert SearchDocument.objects.count() == 1


def test_the_last_word_counts_within_one_push(document):
    assert search.index([document("frost", object_id=1), document("lavender", object_id=1)]) == 1
    assert (found("frost"), found("lavender")) == ([], [1])


def test_things_of_two_kinds_may_have_one_number(document):
    search.index([document("frost", object_id=1), document("frost", object_id=1, kind="post")])
    search.remove("post", [1])
    assert [hit.kind for hit in search.query("frost").hits] == ["comment"]


def test_what_was_removed_is_not_found(document):
    search.index([document("frost"), document("frost"), document("frost")])
    search.remove("comment", [1, 3, 99])
    assert found("frost") == [2]


def test_a_post_is_removed_with_all_that_belongs_to_it(document):
    search.index(
        [document("frost", post_id=4), document("frost", post_id=4, kind="post"), document("frost", post_id=5)]
    )
    search.remove_post(4)
    assert found("frost") == [3]


def test_many_documents_go_in_and_out(document):
    assert search.index(document("frost") for _ in range(1_203)) == 1_203
    search.remove("comment", range(1, 1_203))
    assert found("frost") == [1_203]


def test_nothing_is_indexed_or_removed_without_complaint():
    assert search.index([]) == 0
    search.remove("comment", [])
    assert SearchDocument.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_transaction_taken_back_takes_the_words_back(document):
    search.index([document("frost"), document("lavender")])
    with taken_back():
        search.index([document("thyme"), document("sage", object_id=1)])
        search.remove("comment", [2])
        assert (found("thyme"), found("sage"), found("lavender")) == ([3], [1], [])
    assert (found("thyme"), found("sage")) == ([], [])
    assert (found("frost"), found("lavender")) == ([1], [2])


def test_a_savepoint_taken_back_takes_the_words_back(document):
    search.index([document("frost")])
    with taken_back():
        search.index([document("sage", object_id=1)])
    assert (found("sage"), found("frost")) == ([], [1])


@pytest.mark.once
def test_the_words_of_sqlite_are_those_of_the_documents(document):
    search.index(document(f"frost number{number}") for number in range(50))
    search.index(document(f"sage number{number}", object_id=number) for number in range(1, 20))
    search.remove("comment", range(10, 30))
    with taken_back():
        search.index([document("thyme", object_id=40)])
        search.remove("comment", [41])
    SearchDocument.objects.filter(object_id=42).update(body="written past the catalogue")
    check_words()
    assert found("catalogue") == [42]


@pytest.mark.once
def test_the_check_of_sqlites_words_sees_a_difference(document):
    search.index([document("frost")])
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER search_words_update")
    SearchDocument.objects.update(body="sage")
    with pytest.raises(DatabaseError):
        check_words()


def test_text_that_no_database_takes_is_stored_without_it(document):
    search.index([document("fr\x00ost \ud800 sage", title="A\x00 title", author="Ju\udfffdy")])
    (hit,) = search.query("frost sage").hits
    assert (hit.title, hit.author) == ("A title", "Judy")


def test_texts_that_are_too_long_are_cut(document):
    words = " ".join(f"w{number}" for number in range(200_000))
    search.index([document(words, title="t" * 1_000, author="a" * 1_000)])
    stored = SearchDocument.objects.get()
    assert len(stored.body) <= LONGEST_BODY
    assert len(stored.title) == LONGEST_TITLE
    assert found("w7") == [1]


def test_the_most_words_that_fit_are_stored(document):
    # Two characters of four bytes each and a space: the most that distinct words can take.
    letters = [chr(0x20000 + number) for number in range(200)]
    search.index([document(" ".join(a + b for a in letters for b in letters))])
    assert found(letters[0] + letters[1]) == [1]


def test_an_endless_word_is_stored(document):
    search.index([document("x" * 50_000 + " frost")])
    assert found("frost") == [1]


@pytest.mark.django_db(transaction=True)
def test_what_is_removed_during_a_rebuild_stays_removed(document):
    gone, stays = document("frost"), document("frost")
    search.index([gone, stays])
    begun = threading.Event()

    def remove() -> None:
        try:
            begun.set()
            search.remove("comment", [gone.object_id])
        finally:
            connections.close_all()

    remover = threading.Thread(target=remove)

    def documents():
        yield gone
        remover.start()
        begun.wait()
        # It cannot end before the rebuild does; this long it may take to get into its way.
        remover.join(timeout=0.5)
        yield stays

    search.rebuild(documents())
    remover.join()
    assert found("frost") == [stays.object_id]
