"""Rows on their way in: a temporary table that a chunk is copied into, and sets of SQL that both databases run.

Each row of the stage gets a fate: `added`, `updated`, `unchanged`, or `waiting` for a customer.
"""
# ruff: noqa: S608 - names in the SQL come from declarations; values are parameters.

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
from django.db import connection

from customers.audit.connections import tell
from customers.ingest.declare import Column, Kind
from customers.models import Customer, Deal

TABLE = "ingest_stage"
_LOCK = 0x5A4A
_FEW = 10_000
_WAYS_TO_JOIN = "SELECT set_config('enable_hashjoin', %s, true), set_config('enable_mergejoin', %s, true)"
# Times of a row's first coming, which a later one leaves alone.
_FIRST = ("created_at", "recorded_at")


def lock(kind: Kind) -> None:
    """Let one transaction at a time write rows of a kind, none of them while customers come in.

    So the counts are exact, and no row is set aside for a customer or a deal that is just arriving. SQLite has one
    writer anyway.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        if kind.name == "customers":
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext('customers'))", [_LOCK])
        else:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, hashtext('customers'))", [_LOCK])
            if kind.is_by_deal:
                cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, hashtext('sales'))", [_LOCK])
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, kind.name])


def fill(kind: Kind, rows: pl.DataFrame) -> None:
    """Copy checked rows (`row`, `n_rows`, `fate`, `value:NAME`) into a new stage, and look up their customers."""
    exprs = [pl.col("row").alias("file_row"), pl.col("n_rows"), pl.col("fate")]
    types = {"file_row": "bigint", "n_rows": "bigint", "fate": "varchar(10)"}
    for column in kind.stored:
        name = _stage_name(column)
        types[name] = "varchar(64)" if column.is_reference else str(kind.model_field(column).db_type(connection))
        exprs.append(pl.col(f"value:{column.name}").alias(name))
    if kind.is_by_deal:
        types["by_deal"] = "varchar(64)"
        exprs.append(pl.col("by_deal"))
    references = {target(kind, column): "bigint" for column in kind.references}
    definition = ", ".join(f'"{name}" {type_}' for name, type_ in (types | references).items())
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(f"CREATE TEMPORARY TABLE {TABLE} ({definition})")
    put(rows.select(exprs), TABLE)
    if connection.vendor == "postgresql" and rows.height > _FEW:
        # The planner needs to know of the columns that are joined, and no more; a few rows go by their keys.
        joined = [_stage_name(column) for column in kind.stored if column.is_reference or column.name == kind.key]
        execute(f"ANALYZE {TABLE} ({', '.join(joined)})")
    with _few_by_their_keys(rows.height):
        _find_customers(kind, by_deal="by_deal" in types and not rows["by_deal"].is_null().all())


def put(frame: pl.DataFrame, table: str) -> None:
    """Copy a frame into the columns of its names; text as it is, times in UTC."""
    names = ", ".join(f'"{name}"' for name in frame.columns)
    tell(connection)
    if connection.vendor == "postgresql":
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv)") as copy,
        ):
            copy.write(frame.write_csv(include_header=False).encode())
        return
    marks = ", ".join(["%s"] * frame.width)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", _sqlite_texts(frame).rows())


def _sqlite_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Times and dates as Django writes them: UTC, with microseconds only where there are some."""
    times = pl.selectors.datetime()
    micros = times.dt.microsecond()
    seconds = times.dt.strftime("%Y-%m-%d %H:%M:%S")
    return frame.with_columns(
        pl.when(micros != 0).then(times.dt.strftime("%Y-%m-%d %H:%M:%S%.6f")).otherwise(seconds),
        pl.selectors.date().dt.strftime("%Y-%m-%d"),
    )


def _find_customers(kind: Kind, *, by_deal: bool) -> None:
    customers = Customer._meta.db_table
    for column in kind.references:
        name = target(kind, column)
        text = f'{TABLE}."{_stage_name(column)}"'
        if by_deal and column.by_deal:
            deals = Deal._meta.db_table
            execute(f'UPDATE {TABLE} SET "{name}" = d.customer_id FROM {deals} d WHERE d.deal_id = {TABLE}.by_deal')
        execute(f'UPDATE {TABLE} SET "{name}" = c.id FROM {customers} c WHERE c.customer_id = {text}')
        execute(f"UPDATE {TABLE} SET fate = 'waiting' WHERE \"{name}\" IS NULL")


def put_in(kind: Kind, *, n_rows: int, lacks: Collection[str], now: dt.datetime) -> None:
    """Write the stage's rows into their table, and say of each what became of it; columns they lack stay as stored."""
    if kind.key:
        _put_in_by_key(kind, n_rows=n_rows, lacks=lacks, now=now)
    else:
        _put_in_links(kind)


def _put_in_by_key(kind: Kind, *, n_rows: int, lacks: Collection[str], now: dt.datetime) -> None:
    table, key = kind.model._meta.db_table, kind.key
    names = [target(kind, column) for column in kind.stored]
    given = [target(kind, column) for column in kind.stored if column.name not in (key, *lacks)]
    differs = " OR ".join(f't."{name}" {_is_not()} {TABLE}."{name}"' for name in given)
    with _few_by_their_keys(n_rows):
        execute(
            f"UPDATE {TABLE} SET fate = CASE WHEN {differs} THEN 'updated' ELSE 'unchanged' END "
            f'FROM {table} t WHERE t."{key}" = {TABLE}."{key}" AND {TABLE}.fate <> \'waiting\''
        )
    stamps = [field.name for field in kind.model._meta.fields if field.name in _FIRST or field.name == "updated_at"]
    into = ", ".join(f'"{name}"' for name in names + stamps)
    select = ", ".join([f'"{name}"' for name in names] + [_moment()] * len(stamps))
    changes = ", ".join(f'"{n}" = excluded."{n}"' for n in given + stamps if n not in _FIRST)
    execute(
        f"INSERT INTO {table} ({into}) SELECT {select} FROM {TABLE} WHERE fate IN ('added', 'updated') "
        f'ORDER BY "{key}" ON CONFLICT ("{key}") DO UPDATE SET {changes}',
        [now] * len(stamps),
    )


@contextmanager
def _few_by_their_keys(n_rows: int) -> Iterator[None]:
    """Let PostgreSQL look up the rows of a small stage one by one, where it would sooner read a whole table for them.

    It does so of tables up to some 100,000 rows, and of larger ones that grew since it last looked.
    """
    if connection.vendor != "postgresql" or n_rows > _FEW:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_WAYS_TO_JOIN, ["off", "off"])
        yield
        cursor.execute(_WAYS_TO_JOIN, ["on", "on"])


def _put_in_links(kind: Kind) -> None:
    """Links in the order of their rows: the first adds, an earlier date updates, any other changes nothing."""
    table = kind.model._meta.db_table
    # A later row of the same two is measured against all before it.
    execute(f"UPDATE {TABLE} SET low_id = high_id, high_id = low_id WHERE low_id > high_id AND fate <> 'waiting'")
    before = (
        "SELECT s.file_row, s.since, t.since AS stored, min(s.since) OVER (PARTITION BY s.low_id, s.high_id "
        "ORDER BY s.file_row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier"
    )
    execute(
        f"UPDATE {TABLE} SET fate = CASE WHEN b.stored IS NULL AND b.earlier IS NULL THEN 'added' "
        "WHEN (b.stored IS NULL OR b.since < b.stored) AND (b.earlier IS NULL OR b.since < b.earlier) THEN 'updated' "
        f"ELSE 'unchanged' END FROM ({before} FROM {TABLE} s LEFT JOIN {table} t "
        "ON t.low_id = s.low_id AND t.high_id = s.high_id WHERE s.fate <> 'waiting') b "
        f"WHERE b.file_row = {TABLE}.file_row"
    )
    execute(
        f"INSERT INTO {table} (low_id, high_id, since) SELECT low_id, high_id, min(since) FROM {TABLE} "
        "WHERE fate IN ('added', 'updated') GROUP BY low_id, high_id ORDER BY low_id, high_id "
        "ON CONFLICT (low_id, high_id) DO UPDATE SET since = excluded.since"
    )


def fates() -> Iterator[tuple[int, str]]:
    """Each row's number and fate."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT file_row, fate FROM {TABLE}")
        yield from cursor.fetchall()


def totals() -> dict[str, int]:
    """How many of the file's rows had each fate."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT fate, sum(n_rows) FROM {TABLE} GROUP BY fate")
        return {fate: int(n) for fate, n in cursor.fetchall()}


def unknown_customers(kind: Kind) -> dict[int, list[str]]:
    """For each waiting row the customers it waits for."""
    if not kind.references:
        return {}
    pairs = [(_stage_name(column), target(kind, column)) for column in kind.references]
    cells = ", ".join(f'CASE WHEN "{pk}" IS NULL THEN "{text}" END' for text, pk in pairs)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT file_row, {cells} FROM {TABLE} WHERE fate = 'waiting'")
        return {row: [text for text in dict.fromkeys(texts) if text] for row, *texts in cursor.fetchall()}


def target(kind: Kind, column: Column) -> str:
    """The database's column that keeps a column."""
    return str(kind.model_field(column).column)


def _stage_name(column: Column) -> str:
    return f"text_{column.name}" if column.is_reference else column.name


def _is_not() -> str:
    return "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"


def _moment() -> str:
    return "%s::timestamptz" if connection.vendor == "postgresql" else "%s"


def execute(sql: str, params: list[Any] | None = None) -> int:
    """Run one statement and say how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)
