"""Rows that are in the archive already: sent again unchanged, they stay there and count as unchanged."""

import datetime as dt
from collections.abc import Collection

import polars as pl

from customers.ingest.declare import Kind
from customers.ingest.values import Now
from customers.models import ArchiveFile

_CENTS = "amount_cents"


def fated(rows: pl.DataFrame, *, kind: Kind, lacks: Collection[str], now: Now) -> pl.DataFrame:
    """Rows with a first `fate`: `unchanged` or `updated` where the archive has their id, else `added`.

    Only the months in which the rows lie are looked at. A row that the database has as well is measured against that.
    Columns that the rows lack are as the archive has them.
    """
    rows = rows.with_columns(pl.lit("added").alias("fate"))
    months = _months(rows, kind=kind, now=now)
    if not months:
        return rows
    key = f"value:{kind.key}"
    kept = pl.concat([_kept(kind.name, month, rows[key]) for month in months])
    if kept.is_empty():
        return rows
    ours = rows.select(key, *_comparable(kind)).join(kept, left_on=key, right_on=kind.key, suffix=":kept")
    rows = _filled(rows, kept, kind=kind, lacks=lacks)
    names = [name for name in kept.columns if name not in (kind.key, *lacks)]
    same = ours.filter(pl.all_horizontal(pl.col(n).eq_missing(pl.col(f"{n}:kept")) for n in names))[key]
    return rows.with_columns(
        pl.when(pl.col(key).is_in(same.implode()))
        .then(pl.lit("unchanged"))
        .when(pl.col(key).is_in(ours[key].implode()))
        .then(pl.lit("updated"))
        .otherwise(pl.col("fate"))
        .alias("fate")
    )


def _filled(rows: pl.DataFrame, kept: pl.DataFrame, *, kind: Kind, lacks: Collection[str]) -> pl.DataFrame:
    names = [name for name in kept.columns if name in lacks]
    if not names:
        return rows
    values = {name: rows.schema[f"value:{name}"] for name in names}
    there = kept.select(
        pl.col(kind.key).alias(f"value:{kind.key}"),
        *(pl.col(name).cast(dtype).alias(f"value:{name}") for name, dtype in values.items()),
    )
    return rows.update(there, on=f"value:{kind.key}", how="left", include_nulls=True)


def _months(rows: pl.DataFrame, *, kind: Kind, now: Now) -> list[dt.date]:
    if not kind.event_time or rows.is_empty():
        return []
    archived = set(ArchiveFile.objects.filter(kind=kind.name).values_list("month", flat=True))
    if not archived:
        return []
    local = rows[f"value:{kind.event_time}"].dt.convert_time_zone(now.zone.key).dt.date().dt.month_start()
    return sorted(archived & set(local.unique()))


def _kept(kind: str, month: dt.date, keys: pl.Series) -> pl.DataFrame:
    from customers import archive

    following = (month + dt.timedelta(days=32)).replace(day=1)
    found = archive.scan(kind=kind, since=month, until=following)
    return found.filter(pl.col(keys.name.removeprefix("value:")).is_in(keys.implode())).collect()


def _comparable(kind: Kind) -> list[pl.Expr]:
    """Our values in the archive's form: amounts in cents."""
    exprs = []
    for column in kind.columns:
        value = pl.col(f"value:{column.name}")
        if column.name == "amount":
            exprs.append((value.cast(pl.Decimal(38, 2)) * 100).cast(pl.Int64).alias(_CENTS))
        elif column.name != kind.key:
            exprs.append(value.alias(column.name))
    return exprs
