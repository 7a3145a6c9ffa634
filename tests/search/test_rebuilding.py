"""Everything can be indexed anew, from what the apps have published."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from storied import search
from storied.search import checks, documents
from storied.search.backends import backend_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def sources(monkeypatch) -> list:
    """The registered sources: none but those of the test."""
    monkeypatch.setattr(documents, "_sources", [])
    return documents._sources


def found(text: str) -> list[int]:
    return sorted(hit.object_id for hit in search.query(text).hits)


def index_stands(language: str) -> bool:
    with connection.cursor() as cursor:
        return backend_for(connection).stands(cursor, language)


def migrate(name: str | None) -> None:
    MigrationExecutor(connection).migrate([("search", name)])


def test_a_rebuild_forgets_what_is_no_longer_there(document):
    search.index([document("frost"), document("frost")])
    assert search.rebuild([document("lavender")]) == 1
    assert (found("frost"), found("lavender")) == ([], [3])


def test_a_rebuild_that_fails_changes_nothing(document):
    search.index([document("frost")])

    def broken():
        yield document("lavender")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        search.rebuild(broken())
    assert (found("frost"), found("lavender")) == ([1], [])


def test_a_rebuild_asks_every_source_once(document, sources):
    @search.register_source
    def posts():
        return [document("frost", kind="post")]

    search.register_source(lambda: iter([document("frost")]))
    search.register_source(posts)
    assert search.rebuild() == 2
    assert len(sources) == 2
    assert found("frost") == [1, 2]


def test_the_command_says_what_was_indexed(document, sources):
    search.register_source(lambda: [document("frost", kind="post"), document("frost"), document("frost")])
    out = StringIO()
    call_command("rebuild_search", stdout=out)
    assert out.getvalue() == "Search knows 3 texts now (comment: 2, post: 1).\n"
    assert found("frost") == [1, 2, 3]


def test_the_command_has_an_answer_when_there_is_nothing(sources):
    out = StringIO()
    call_command("rebuild_search", stdout=out)
    assert out.getvalue() == "Search knows 0 texts now.\n"


def test_another_language_is_used_after_a_rebuild(document, settings):
    search.index([document("gardens")])
    assert index_stands("english")
    settings.STORIED_SEARCH_LANGUAGE = "simple"
    assert not index_stands("simple")
    search.rebuild([document("gardens"), document("gardening")])
    assert index_stands("simple")
    assert (found("garden"), found("gardens"), found("gardening")) == ([], [2], [3])


def test_an_unknown_language_is_reported_and_searched_by_whole_words(document, settings):
    assert checks.search_language_is_known() == []
    settings.STORIED_SEARCH_LANGUAGE = "klingon'; --"
    (error,) = checks.search_language_is_known()
    assert error.id == "search.E001"
    assert "english" in error.hint
    search.rebuild([document("gardens")])
    assert (found("gardens"), found("garden")) == ([1], [])


@pytest.mark.django_db(transaction=True)
def test_the_index_can_be_migrated_away_and_back(document):
    search.index([document("frost")])
    try:
        migrate("0001_initial")
        assert not index_stands("english")
        migrate("0002_full_text")
        assert index_stands("english")
        assert found("frost") == [1]
        migrate(None)
        assert "search_searchdocument" not in connection.introspection.table_names()
    finally:
        migrate("0002_full_text")
    search.index([document("sage")])
    assert found("sage") == [2]
