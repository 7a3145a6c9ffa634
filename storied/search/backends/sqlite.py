"""FTS5: a virtual table over the documents, kept in step by triggers, so that a rollback undoes both."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from ..documents import MATCH_BEGINS, MATCH_ENDS
from ..snippets import Span, matches
from ..terms import Question, Term, Terms

# What a match in the title weighs against one in the body.
_WEIGHTS = "4.0, 1.0"

_FORGET = "INSERT INTO search_words(search_words, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);"
_LEARN = "INSERT INTO search_words(rowid, title, body) VALUES (new.id, new.title, new.body);"

# AFTER, because in an upsert that meets a row, SQLite runs the BEFORE INSERT triggers as well.
_TRIGGERS = {
    "search_words_insert": f"AFTER INSERT ON search_searchdocument BEGIN {_LEARN} END",
    "search_words_update": f"AFTER UPDATE ON search_searchdocument BEGIN {_FORGET} {_LEARN} END",
    "search_words_delete": f"AFTER DELETE ON search_searchdocument BEGIN {_FORGET} END",
}


def create(cursor: Any, language: str) -> None:
    """Makes the index over all documents there are."""
    for statement in _structure(language).values():
        cursor.execute(statement)
    cursor.execute("INSERT INTO search_words(search_words) VALUES ('rebuild')")


def drop(cursor: Any) -> None:
    """Takes the index away and leaves the documents."""
    for trigger in _TRIGGERS:
        cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    cursor.execute("DROP TABLE IF EXISTS search_words")


def stands(cursor: Any, language: str) -> bool:
    """Whether the index is whole and in this language."""
    structure = _structure(language)
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')")
    found = dict(cursor.fetchall())
    return all(found.get(name) == statement for name, statement in structure.items())


def lock(cursor: Any) -> None:
    """Nothing to do: there is one writer at a time, from its first write to its commit."""


def wipe(cursor: Any) -> None:
    """A removed document leaves its words in a part of the index until parts are merged: all are merged now."""
    cursor.execute("INSERT INTO search_words(search_words) VALUES ('optimize')")


def count(cursor: Any, question: Question, most: int) -> int:
    """How many documents match, counted up to `most`."""
    where, parameters = _where(question)
    cursor.execute(f"SELECT COUNT(*) FROM (SELECT 1 {where} LIMIT %s)", [*parameters, most])  # noqa: S608
    return cursor.fetchone()[0]


def ranked_ids(cursor: Any, question: Question, limit: int, offset: int) -> list[int]:
    """One page of the documents that match, best first, and the newest first among equals."""
    where, parameters = _where(question)
    cursor.execute(
        f"SELECT document.id {where} "
        f"ORDER BY bm25(search_words, {_WEIGHTS}), document.published_at DESC, document.id DESC "
        "LIMIT %s OFFSET %s",
        [*parameters, limit, offset],
    )
    return [row[0] for row in cursor.fetchall()]


def marked_bodies(cursor: Any, question: Question, bodies: Mapping[int, str]) -> dict[int, list[Span]]:
    """Where the matches stand in these bodies, by the id of their document."""
    if not bodies:
        return {}
    cursor.execute(
        "SELECT rowid, highlight(search_words, 1, %s, %s) FROM search_words "  # noqa: S608
        f"WHERE search_words MATCH %s AND rowid IN ({_places(list(bodies))})",
        [MATCH_BEGINS, MATCH_ENDS, _expression(question.terms), *bodies],
    )
    return {row_id: matches(body)[1] for row_id, body in cursor.fetchall()}


def _structure(language: str) -> dict[str, str]:
    """Each part of the index, by name, as SQLite will remember it."""
    stemmer = "porter " if language == "english" else ""
    table = (
        "CREATE VIRTUAL TABLE search_words USING fts5(title, body, content='search_searchdocument', "
        f"content_rowid='id', tokenize='{stemmer}unicode61 remove_diacritics 2')"
    )
    triggers = {name: f"CREATE TRIGGER {name} {what}" for name, what in _TRIGGERS.items()}
    return {"search_words": table} | triggers


def _where(question: Question) -> tuple[str, list[Any]]:
    sql = (
        "FROM search_words JOIN search_searchdocument AS document ON document.id = search_words.rowid "
        "WHERE search_words MATCH %s AND document.published_at <= %s"
    )
    now = connection.ops.adapt_datetimefield_value(question.now)
    parameters: list[Any] = [_expression(question.terms), now]
    if question.kinds is not None:
        sql += f" AND document.kind IN ({_places(question.kinds)})"
        parameters += question.kinds
    return sql, parameters


def _places(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def _expression(terms: Terms) -> str:
    """The terms in the language of MATCH. Every word is quoted, so none of them can be an operator."""
    wanted = " AND ".join(map(_quoted, terms.wanted))
    return " NOT ".join([f"({wanted})", *map(_quoted, terms.unwanted)])


def _quoted(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + ("*" if term.is_beginning else "")
