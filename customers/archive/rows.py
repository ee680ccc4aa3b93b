"""Rows of the database as frames in the archive's columns, each row with its pk and a hash of its columns.

The hash tells whether a row is still, or again, what was read: it is compared within one run only.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from customers.archive.kinds import Archivable

MARKS = pl.Schema({"pk": pl.Int64(), "hash": pl.UInt64()})


def read(declaration: Archivable, rows: QuerySet[Any], *, size: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The rows in the order of their time, so many at once: their marks (pk, hash), and their columns."""
    found = values(declaration, rows.order_by(declaration.time, "pk")).iterator(chunk_size=size)
    while chunk := list(islice(found, size)):
        yield frame(declaration, chunk)


def values(declaration: Archivable, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.values_list("pk", *(column.expression for column in declaration.columns.values()))


def frame(declaration: Archivable, found: Sequence[tuple[Any, ...]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What `values` gave, as marks (pk, hash) and columns."""
    pks, *cells = zip(*found, strict=True) if found else ((), *(() for _ in declaration.columns))
    series = [
        pl.Series(name, list(map(column.convert, given)) if column.convert else given, dtype=column.dtype)
        for (name, column), given in zip(declaration.columns.items(), cells, strict=True)
    ]
    columns = pl.DataFrame(series)
    return pl.DataFrame({"pk": pks, "hash": columns.hash_rows()}, schema=MARKS), columns


def having(rows: QuerySet[Any], keys: Sequence[Any], *, field: str = "pk") -> QuerySet[Any]:
    """Those of the rows; the keys go as one value, since a statement with thousands of values is slow to make."""
    if connection.vendor != "postgresql":
        return rows.filter(**{f"{field}__in": keys})
    sql = "SELECT UNNEST(%s::BIGINT[])" if field == "pk" else "SELECT UNNEST(%s::TEXT[])"
    return rows.filter(**{f"{field}__in": RawSQL(sql, [list(keys)])})  # noqa: S611 - one of the two above
