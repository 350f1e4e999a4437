"""Writing many rows fast: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Row = Sequence[Any]
Converter = Callable[[Any, BaseDatabaseWrapper], Any]

PLAIN_FIELDS = (
    models.IntegerField,
    models.FloatField,
    models.BooleanField,
    models.CharField,
    models.TextField,
    models.ForeignKey,
)

# Rows converted and handed to SQLite at once: bounds memory, amortises the call.
BATCH_ROWS = 10_000


def insert_rows(model: type[models.Model], field_names: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert `rows`, each in the order of `field_names`, and return how many there were.

    Values are converted as Django's own save does (JSON, times, booleans, foreign keys by
    `<name>_id` or by name with the key as value). No defaults, signals or `save()` run: name
    every column that has no database default. All rows are written or none.
    """
    alias = router.db_for_write(model) or DEFAULT_DB_ALIAS
    connection = connections[alias]
    fields = [_field(model, name) for name in field_names]
    converters = [_converter(field) for field in fields]
    prepared = _of_length(len(fields), rows)
    if any(converters):
        prepared = (_prepare(converters, row, connection) for row in prepared)
    write = _copy if connection.vendor == "postgresql" else _execute_many
    with transaction.atomic(using=alias, savepoint=False):
        return write(
            connection,
            model._meta.db_table,
            [field.column or name for field, name in zip(fields, field_names, strict=True)],
            prepared,
        )


def insert_missing(
    model: type[models.Model], field_names: Sequence[str], rows: Iterable[Row]
) -> None:
    """Insert those of `rows` that break no unique constraint; the others are there already.

    One prepared statement; values reach the database as they are (numbers, texts, booleans).
    """
    connection = connections[router.db_for_write(model) or DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    fields = [_field(model, name) for name in field_names]
    names = ", ".join(quote(field.column or field.name) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    # The names come from the model and are quoted; the values are parameters.
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({names}) "  # noqa: S608 - see above
        f"VALUES ({places}) ON CONFLICT DO NOTHING"
    )
    with transaction.atomic(using=connection.alias, savepoint=False), connection.cursor() as cursor:
        remaining = _of_length(len(fields), rows)
        while batch := list(islice(remaining, BATCH_ROWS)):
            cursor.executemany(statement, batch)


def update_rows(objects: Iterable[models.Model], field_names: Sequence[str]) -> int:
    """Write these fields of each object, one prepared statement for all; return their number.

    Django's own bulk_update spends most of its time on building one long expression.
    """
    rows = list(objects)
    if not rows:
        return 0
    meta = rows[0]._meta
    connection = connections[router.db_for_write(type(rows[0])) or DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    fields = [_field(type(rows[0]), name) for name in field_names]
    values = ", ".join(f"{quote(field.column or field.name)} = %s" for field in fields)
    # The names come from the model and are quoted; the values are parameters.
    statement = f"UPDATE {quote(meta.db_table)} SET {values} WHERE id = %s"  # noqa: S608 - see above
    parameters = [
        [
            *(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields),
            row.pk,
        ]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, parameters)
    return len(rows)


def copy_rows(model: type[models.Model], parent: str, source: int, target: int) -> int:
    """Copy the rows whose foreign key `parent` is `source` to `target`, and return their number.

    Done inside the database, with new keys; every other column is taken over as it is.
    """
    connection = connections[router.db_for_write(model) or DEFAULT_DB_ALIAS]
    quote = connection.ops.quote_name
    key = quote(_field(model, parent).column or parent)
    others = ", ".join(
        quote(field.column or field.name)
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name != parent
    )
    table = quote(model._meta.db_table)
    # The names come from the model and are quoted; the values are parameters.
    statement = (
        f"INSERT INTO {table} ({key}, {others}) "  # noqa: S608 - see above
        f"SELECT %s, {others} FROM {table} WHERE {key} = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [target, source])
        return int(cursor.rowcount)


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    field = model._meta.get_field("id" if name == "pk" else name)
    if not isinstance(field, models.Field) or not field.concrete or field.many_to_many:
        raise ValueError(f"{model.__name__}.{name} is not a column")
    return field


def _converter(field: "models.Field[Any, Any]") -> Converter | None:
    """Return how the field's values reach the database; None: as they are.

    Asking the field for each value takes longer than writing it, and numbers and texts come back
    unchanged.
    """
    plain = isinstance(field, PLAIN_FIELDS)
    return None if plain else field.get_db_prep_save


def _of_length(columns: int, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if len(row) != columns:
            raise ValueError(f"a row of {len(row)} values for {columns} columns")
        yield row


def _prepare(
    converters: Sequence[Converter | None], row: Row, connection: BaseDatabaseWrapper
) -> list[Any]:
    return [
        value if convert is None else convert(value, connection)
        for convert, value in zip(converters, row, strict=True)
    ]


def _copy(
    connection: BaseDatabaseWrapper, table: str, columns: Sequence[str], rows: Iterator[Row]
) -> int:
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    written = 0
    # Django wraps errors of `execute` only; a copy fails when it is closed.
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
            written += 1
    return written


def _execute_many(
    connection: BaseDatabaseWrapper, table: str, columns: Sequence[str], rows: Iterator[Row]
) -> int:
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    # The names come from the model and are quoted; the values are parameters.
    statement = f"INSERT INTO {quote(table)} ({names}) VALUES ({places})"  # noqa: S608 - no text of a user
    written = 0
    with connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH_ROWS)):
            cursor.executemany(statement, batch)
            written += len(batch)
    return written
