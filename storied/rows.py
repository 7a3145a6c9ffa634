"""Rows written and read by statements that are put together once, for the few places where writers wait in line.

A row goes through the same fields as with `Model.save()` and `Model.objects.get()`, at a fifth of the price; there are
no signals, and no inheritance of tables.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)


def insert(row: M) -> M:
    """Stores a new row, as `save(force_insert=True)` does."""
    statement, fields, key = _insert_statement(type(row), row.pk is None)
    with connection.cursor() as cursor:
        cursor.execute(statement, [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields])
        if key is not None:
            setattr(row, key.attname, cursor.fetchone()[0])
    row._state.adding, row._state.db = False, connection.alias
    return row


def first(model: type[M], where: str, parameters: Sequence[Any], *, lock: bool = False) -> M | None:
    """The row for which the condition, in SQL, is true; None where there is none. `lock` holds it to the end."""
    statement, names, converters = _select_statement(model)
    if lock and connection.features.has_select_for_update:
        where += " FOR UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} WHERE {where}", parameters)
        found = cursor.fetchone()
    if found is None:
        return None
    values = list(found)
    for place, convert in converters:
        values[place] = convert(values[place])
    return model.from_db(connection.alias, names, values)


@cache
def _insert_statement(model: type[Model], gets_its_key: bool) -> tuple[str, list[Field], Field | None]:
    key = model._meta.pk if gets_its_key else None
    fields = [field for field in model._meta.local_concrete_fields if field is not key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    returning = f" RETURNING {quote(key.column)}" if key is not None else ""
    # The names are the models' own; every value is a parameter.
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks}){returning}"  # noqa: S608
    return statement, fields, key


Converter = Callable[[Any], Any]


@cache
def _select_statement(model: type[Model]) -> tuple[str, list[str], list[tuple[int, Converter]]]:
    fields = model._meta.concrete_fields
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(f"{table}.{connection.ops.quote_name(field.column)}" for field in fields)
    converters = []
    for place, field in enumerate(fields):
        column = field.get_col(model._meta.db_table)
        for convert in [*connection.ops.get_db_converters(column), *field.get_db_converters(connection)]:
            converters.append((place, _bound(convert, column)))
    return f"SELECT {columns} FROM {table}", [field.attname for field in fields], converters  # noqa: S608


def _bound(convert: Callable[..., Any], column: Any) -> Converter:
    return lambda value: convert(value, column, connection)
