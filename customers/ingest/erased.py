"""Rows that name a customer whose data were erased: set aside without their cells, so that nothing comes back."""

import polars as pl

from customers.ingest.declare import Kind
from customers.ingest.mapping import with_reasons
from customers.ingest.messages import reason
from customers.personal.digests import erased_among

MARK = "[erased]"


def turned_away(frame: pl.DataFrame, *, kind: Kind) -> pl.DataFrame:
    """A chunk with a reason on such rows, and a mark in the stead of their raw cells."""
    columns = [kind.key] if kind.name == "customers" else [column.name for column in kind.references]
    found = {column: _erased(frame, column) for column in columns if f"value:{column}" in frame.columns}
    if not any(mask.any() for mask in found.values()):
        return frame
    frame = with_reasons(frame, [(mask, reason("erased", column)) for column, mask in found.items()])
    any_of = pl.DataFrame(list(found.values())).select(pl.any_horizontal(pl.all())).to_series()
    raw = pl.col("^raw:.*$")
    return frame.with_columns(pl.when(any_of & raw.is_not_null()).then(pl.lit(MARK)).otherwise(raw).name.keep())


def _erased(frame: pl.DataFrame, column: str) -> pl.Series:
    values = frame[f"value:{column}"]
    gone = erased_among(values.drop_nulls().unique())
    return values.is_in(list(gone)).fill_null(value=False).alias(column)
