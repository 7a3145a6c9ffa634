"""What the database itself refuses, whoever asks: to change what people agreed to, or that they did.

A published version and its clauses are never changed, deleted or added to. An acceptance goes with its comment and
never alone, and is written over only once its copy stands among the earlier ones.
"""

from typing import Any

from django.db import connections

from storied.written_once import is_protected, protect, release

VERSION, CLAUSE = "comments_guidelineversion", "comments_guidelineclause"
ACCEPTANCE, EARLIER = "comments_guidelineacceptance", "comments_earlieracceptance"
_COMMENT = "comments_comment"
_TABLES = {VERSION, CLAUSE, ACCEPTANCE, EARLIER, _COMMENT}

_COMMENT_IS_GONE = f"NOT EXISTS (SELECT 1 FROM {_COMMENT} WHERE id = OLD.comment_id)"  # noqa: S608
_COPY_IS_KEPT = (
    f"EXISTS (SELECT 1 FROM {EARLIER} AS kept WHERE kept.comment_id = OLD.comment_id "  # noqa: S608
    "AND kept.version_id = OLD.version_id AND kept.sentence = OLD.sentence AND kept.channel = OLD.channel "
    "AND kept.accepted_at = OLD.accepted_at)"
)
_UNLESS = {
    VERSION: "1 = 0",
    CLAUSE: "1 = 0",
    ACCEPTANCE: f"{_COMMENT_IS_GONE} OR {_COPY_IS_KEPT}",
    EARLIER: _COMMENT_IS_GONE,
}
_STANDS = f"EXISTS (SELECT 1 FROM {VERSION} WHERE id = NEW.version_id)"  # noqa: S608
_SAID = "No clause is added to a version of the guidelines that is published."
# Name → (table, when, SQLite, PostgreSQL).
_TRIGGERS = {
    "guideline_clauses_come_first": (
        CLAUSE,
        "BEFORE INSERT",
        f"WHEN {_STANDS} BEGIN SELECT RAISE(ABORT, '{_SAID}'); END",
        f"IF {_STANDS} THEN RAISE EXCEPTION '{_SAID}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;",
    ),
    "guideline_acceptances_go_with_it": (
        _COMMENT,
        "AFTER DELETE",
        f"BEGIN DELETE FROM {ACCEPTANCE} WHERE comment_id = OLD.id; "  # noqa: S608
        f"DELETE FROM {EARLIER} WHERE comment_id = OLD.id; END",
        f"DELETE FROM {ACCEPTANCE} WHERE comment_id = OLD.id; "  # noqa: S608
        f"DELETE FROM {EARLIER} WHERE comment_id = OLD.id; RETURN NULL;",
    ),
}


def set_up(using: str) -> None:
    """Makes the triggers that are missing; none before the tables are there."""
    connection = connections[using]
    if not have_tables(using):
        return
    for table, unless in _UNLESS.items():
        if not is_protected(connection, table):
            protect(connection, table, unless=unless)
    for name in _TRIGGERS.keys() - _standing(connection):
        _make(connection, name)


def lift(using: str) -> None:
    """Takes the triggers away: SQLite rebuilds a table that is altered and stumbles over those that name it."""
    connection = connections[using]
    there = set(connection.introspection.table_names())
    for table in _UNLESS.keys() & there:
        release(connection, table)
    with connection.cursor() as cursor:
        for name, (table, *_what) in _TRIGGERS.items():
            if table in there:
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def are_set_up(using: str) -> bool:
    """Whether every trigger stands, or there is nothing yet to guard."""
    connection = connections[using]
    if not have_tables(using):
        return True
    return all(is_protected(connection, table) for table in _UNLESS) and _standing(connection) == set(_TRIGGERS)


def before_migrations(using: str, plan: Any = (), **_signal: Any) -> None:
    """A receiver of `pre_migrate`; where nothing is to be done the guards stay."""
    if plan:
        lift(using)


def after_migrations(using: str, **_signal: Any) -> None:
    """A receiver of `post_migrate`."""
    set_up(using)


def have_tables(using: str) -> bool:
    """Whether there is anything yet to guard."""
    return set(connections[using].introspection.table_names()) >= _TABLES


def _standing(connection: Any) -> set[str]:
    catalogue = "tgname FROM pg_trigger" if connection.vendor == "postgresql" else "name FROM sqlite_master"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {catalogue}")
        return {row[0] for row in cursor.fetchall()} & set(_TRIGGERS)


def _make(connection: Any, name: str) -> None:
    table, when, on_sqlite, on_postgresql = _TRIGGERS[name]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"CREATE TRIGGER {name} {when} ON {table} {on_sqlite}")
            return
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {on_postgresql} END$$"
        )
        cursor.execute(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
