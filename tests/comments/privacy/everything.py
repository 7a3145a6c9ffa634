"""The whole database in words, so that nothing can hide in a table that a test did not think of."""

import json
import zlib
from collections.abc import Iterator

from django.contrib.sessions.models import Session
from django.db import connection


def everything() -> Iterator[tuple[str, str, str]]:
    """(table, column, value as text) of every cell that there is; sessions also as what they hold."""
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if value is not None:
                        yield table, column, _text(value)
    for session in Session.objects.all():
        yield "django_session", "session_data", json.dumps(session.get_decoded(), default=str)


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        data = bytes(value)
        try:
            return zlib.decompress(data).decode("utf-8", "replace")
        except zlib.error:
            return data.decode("utf-8", "replace")
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def where_is(*words: str) -> set[str]:
    """The columns (table.column) in which one of these stands, whatever its case."""
    wanted = [word.casefold() for word in words]
    return {f"{table}.{column}" for table, column, text in everything() if any(w in text.casefold() for w in wanted)}
