"""Rows written and read by statements that are put together once, for the few places where writers wait in line.

A row goes through the same fields as with `Model.save()` and `Model.objects.get()`, at a tenth of the price; there are
no signals, and no inheritance of tables. The statement's text is the same each time, so that the database need not read
and plan it anew: values go beside it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, ForeignKey, Model

M = TypeVar("M", bound=Model)


def fetch(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All that a statement of one's own finds, or returns."""
    cursor = connection.prepared()
    cursor.execute(statement, parameters)
    return cursor.fetchall()


def execute(statement: str, parameters: Sequence[Any] = ()) -> int:
    """On how many rows a statement of one's own had an effect."""
    cursor = connection.prepared()
    cursor.execute(statement, parameters)
    return cursor.rowcount


def insert(row: M) -> M:
    """Stores a new row, as `save(force_insert=True)` does."""
    insert_unless(row, "")
    return row


def insert_unless(row: Model, unique: str) -> bool:
    """Stores a new row; not, and False, where one is there that agrees with it in that unique index.

    The index is named as SQL names it after ON CONFLICT: `(tree_id) WHERE parent_id IS NULL`.
    """
    statement, read, key = _insert_statement(type(row), row.pk is None, unique)
    stored = fetch(statement, read(row))
    if not stored:
        return False
    [(number,)] = stored
    setattr(row, key.attname, number)
    row._state.adding, row._state.db = False, connection.alias
    return True


def update(row: Model, *names: str) -> None:
    """Stores these fields of a row that is there, as `save(update_fields=…)` does."""
    statement, read = _update_statement(type(row), names)
    execute(statement, [*read(row), row.pk])


def first(
    model: type[M], where: str, parameters: Sequence[Any], *, lock: bool = False, without: tuple[str, ...] = ()
) -> M | None:
    """The row for which the condition, in SQL, is true; None where there is none. `lock` holds it to the end.

    It keeps out others who change the row, not those who store another that points at it.
    The fields in `without` are read when they are asked for.
    """
    statement, names, converters = _select_statement(model, without)
    if lock and connection.features.has_select_for_update:
        where += " FOR NO KEY UPDATE"
    try:
        found = fetch(f"{statement} WHERE {where}", parameters)
    except OverflowError:
        return None  # a number that SQLite cannot even compare: no row has it
    if not found:
        return None
    return _made(model, names, converters, found[0])


def _made(model: type[M], names: list[str], converters: list[tuple[int, "Converter"]], found: Sequence[Any]) -> M:
    """The row that these values of a database make."""
    values = list(found)
    for place, convert in converters:
        values[place] = convert(values[place])
    return model.from_db(connection.alias, names, values)


def first_of_each(*questions: tuple[type[Model], str, Sequence[Any]]) -> list[Any]:
    """What `first` finds for each of these (model, condition, parameters), by one statement.

    One row at most may fit each condition.
    """
    made = [_select_statement(model, ()) for model, _where, _parameters in questions]
    joined = " ".join(
        f"LEFT JOIN ({statement} WHERE {where}) AS each_{number} ON 1 = 1"
        for number, ((statement, *_rest), (_model, where, _parameters)) in enumerate(zip(made, questions, strict=True))
    )
    values = [value for _model, _where, parameters in questions for value in parameters]
    # The names are the models' own, the conditions those of the callers' code; every value is a parameter.
    [found] = fetch(f"SELECT * FROM (SELECT 1 AS one) AS one_row {joined}", values)  # noqa: S608
    result, start = [], 1
    for (model, *_rest), (_statement, names, converters) in zip(questions, made, strict=True):
        part = found[start : start + len(names)]
        start += len(names)
        is_there = part[names.index(model._meta.pk.attname)] is not None
        result.append(_made(model, names, converters, part) if is_there else None)
    return result


@cache
def _insert_statement(model: type[Model], gets_its_key: bool, unique: str) -> tuple[str, "Reader", Field]:
    key = model._meta.pk
    fields = [field for field in model._meta.local_concrete_fields if field is not key or not gets_its_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    conflict = f" ON CONFLICT {unique} DO NOTHING" if unique else ""
    end = f"{conflict} RETURNING {quote(key.column)}"
    # The names are the models' own, the index that of the callers' code; every value is a parameter.
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks}){end}"  # noqa: S608
    return statement, _reader(fields), key


@cache
def _update_statement(model: type[Model], names: tuple[str, ...]) -> tuple[str, "Reader"]:
    fields = [model._meta.get_field(name) for name in names]
    quote, key = connection.ops.quote_name, model._meta.pk
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    statement = f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {quote(key.column)} = %s"  # noqa: S608
    return statement, _reader(fields)


Converter = Callable[[Any], Any]


@cache
def _select_statement(
    model: type[Model], without: tuple[str, ...]
) -> tuple[str, list[str], list[tuple[int, Converter]]]:
    fields = [field for field in model._meta.concrete_fields if field.attname not in without]
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


def insert_many(model: type[Model], many: Iterable[Any]) -> None:
    """Stores new rows all at once, by COPY on PostgreSQL; they have their keys already (`give_keys`).

    Anything that has the fields' attributes will do for a row. Each is asked for when the ones before it are on their
    way, so that the database works while the next are made.
    """
    fields = model._meta.local_concrete_fields
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(quote(field.column) for field in fields)
    values = map(_reader(fields), _as_stored(many))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
            # psycopg's own, past Django's cursor: its errors have to become Django's.
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                copy.set_types([field.db_type(connection).partition("(")[0] for field in fields])
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608


def _as_stored(many: Iterable[Any]) -> Iterator[Any]:
    for row in many:
        if isinstance(row, Model):
            row._state.adding, row._state.db = False, connection.alias
        yield row


def give_keys(model: type[Model], many: Sequence[Any]) -> None:
    """Gives a key of its own to each new row that has none; inside the transaction that will store them."""
    name = model._meta.pk.attname
    without = [row for row in many if getattr(row, name) is None]
    for row, number in zip(without, _next_keys(model, len(without)), strict=True):
        setattr(row, name, number)


def _next_keys(model: type[Model], count: int) -> Sequence[int]:
    """Keys that nobody else gets."""
    if not count:
        return ()
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, count]
            )
            return [number for (number,) in cursor.fetchall()]
        # The transaction that writes is the only one, and the highest key given is remembered by SQLite itself.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return range(last + 1, last + 1 + count)


Reader = Callable[[Any], list[Any]]


def _reader(fields: Sequence[Field]) -> Reader:
    """What of a row goes into those columns."""
    names = [field.attname for field in fields]
    get = attrgetter(*names)
    timed = [field for field in fields if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)]
    prepared = [(place, prepare) for place, field in enumerate(fields) if (prepare := _preparation(field)) is not None]

    def read(row: Any) -> list[Any]:
        for field in timed:
            field.pre_save(row, True)
        values = list(get(row)) if len(names) > 1 else [get(row)]  # of one name it gives no sequence
        for place, prepare in prepared:
            values[place] = prepare(values[place])
        return values

    return read


def _preparation(field: Field) -> Callable[[Any], Any] | None:
    """What has to be done to a field's value before the database gets it."""
    kind = field.get_internal_type()
    if kind in _AS_THEY_ARE or isinstance(field, ForeignKey):
        return None
    if kind == "DateTimeField":
        return None if connection.vendor == "postgresql" else connection.ops.adapt_datetimefield_value
    if kind == "JSONField":
        adapt = connection.ops.adapt_json_value
        return lambda value: None if value is None else adapt(value, field.encoder)
    return lambda value: field.get_db_prep_save(value, connection)


_AS_THEY_ARE = {
    "BigAutoField", "BigIntegerField", "BooleanField", "CharField", "IntegerField", "PositiveIntegerField",
    "PositiveSmallIntegerField", "TextField",
}  # fmt: skip
