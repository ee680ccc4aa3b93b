"""Rows into a table in sets: COPY and one INSERT a batch on PostgreSQL, bulk elsewhere; what is there already stays."""
# ruff: noqa: S608 - names in the SQL come from the models; values are parameters.

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model
from django.utils import timezone

__all__ = ["BATCH", "batches", "into"]

Item = TypeVar("Item")
Rows = list[tuple[Any, ...]]
BATCH = 10_000
STAGE = "experiments_stage"


def batches(rows: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """The rows in lists of `size`, the last one shorter."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


@contextmanager
def into(model: type[Model], columns: Sequence[str]) -> Iterator[Callable[[Rows], None]]:
    """What writes batches of rows, each with the values of `columns`, within the caller's transaction."""
    if connection.vendor != "postgresql":
        yield lambda rows: _bulk(model, columns, rows)
        return
    table, names = model._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {STAGE} AS SELECT {names} FROM {table} WITH NO DATA")
    yield lambda rows: _copy(model, columns, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {STAGE}")


def _bulk(model: type[Model], columns: Sequence[str], rows: Rows) -> None:
    model._default_manager.bulk_create(
        (model(**dict(zip(columns, row, strict=True))) for row in rows), ignore_conflicts=True, batch_size=2_000
    )


def _copy(model: type[Model], columns: Sequence[str], rows: Rows) -> None:
    stamps = [field.name for field in model._meta.fields if getattr(field, "auto_now_add", False)]
    names, marks = ", ".join(columns), "".join(", %s" for _stamp in stamps)
    into = ", ".join([*columns, *stamps])
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {STAGE} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({into}) SELECT {names}{marks} FROM {STAGE} ON CONFLICT DO NOTHING",
            [timezone.now()] * len(stamps),
        )
        cursor.execute(f"TRUNCATE {STAGE}")
