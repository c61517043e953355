"""Rows made in the database by one statement: a million of them one by one would take an hour."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Model


@transaction.atomic
def insert(same: Model, made: Mapping[str, str], source: str, parameters: Sequence[Any] = ()) -> int:
    """Add a row like ``same`` for each row of ``source``, what stands after FROM; the number of rows.

    ``made``: the columns in which they differ, with their SQL.
    """
    fields = [field for field in same._meta.concrete_fields if field.column not in made]
    given = [field for field in fields if not (field.primary_key and field.get_internal_type().endswith("AutoField"))]
    values = [field.get_db_prep_save(field.pre_save(same, add=True), connection) for field in given]
    columns = ", ".join(f'"{name}"' for name in [*made, *(field.column for field in given)])
    chosen = ", ".join([*made.values(), *["%s"] * len(given)])
    table = same._meta.db_table
    with connection.cursor() as cursor, _indexed_afterwards(cursor, table):
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM {source}", [*values, *parameters])
        return int(cursor.rowcount)


@contextmanager
def _indexed_afterwards(cursor: Any, table: str) -> Iterator[None]:
    """Without most of the table's indexes, which are made anew; triggers find rows by keys and micrographs."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass) AND indexdef NOT LIKE '%%(micrograph_id)%%'",
        [table, table],
    )
    indexes = cursor.fetchall()
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for _name, definition in indexes:
        cursor.execute(definition)
    cursor.execute(f"ANALYZE {table}")  # the plans of the triggers of the next statement depend on it
