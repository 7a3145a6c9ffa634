"""Tables whose rows are written once: the database itself refuses to change or to delete them.

Triggers, on SQLite and PostgreSQL. `unless` is a condition in SQL under which they let a statement pass: it has to be
one that leaves a trace.
"""

from typing import Any

_NAMES = {"UPDATE": "{table}_is_never_changed", "DELETE": "{table}_is_never_deleted"}


def protect(connection: Any, table: str, *, unless: str = "false", refuses: tuple[str, ...] = tuple(_NAMES)) -> None:
    """Makes the triggers of a table anew; for migrations and after them."""
    release(connection, table)
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor, table, unless, refuses):
            cursor.execute(statement)


def release(connection: Any, table: str) -> None:
    """Takes the triggers of a table away: for the way back of a migration."""
    with connection.cursor() as cursor:
        for name in _NAMES.values():
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name.format(table=table)}{on}")
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP FUNCTION IF EXISTS {table}_is_written_once()")


def is_protected(connection: Any, table: str) -> bool:
    """Whether a trigger of each kind stands on the table."""
    wanted = {name.format(table=table) for name in _NAMES.values()}
    catalogue = "pg_trigger WHERE tgname" if connection.vendor == "postgresql" else "sqlite_master WHERE name"
    column = "tgname" if connection.vendor == "postgresql" else "name"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {catalogue} IN (%s, %s)", sorted(wanted))  # noqa: S608
        return {row[0] for row in cursor.fetchall()} == wanted


def _statements(vendor: str, table: str, unless: str, refuses: tuple[str, ...]) -> list[str]:
    said = f"Rows of {table} are written once: they are neither changed nor deleted."
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {_NAMES[what].format(table=table)} BEFORE {what} ON {table} WHEN NOT ({unless}) "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            for what in refuses
        ]
    body = (
        f"BEGIN IF {unless} THEN IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END IF; "
        f"RAISE EXCEPTION '{said}' USING ERRCODE = 'restrict_violation'; END"
    )
    return [
        f"CREATE OR REPLACE FUNCTION {table}_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        *(
            f"CREATE TRIGGER {_NAMES[what].format(table=table)} BEFORE {what} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_is_written_once()"
            for what in refuses
        ),
    ]
