"""Cells against the rules of their columns: values where they keep them, every reason where they do not."""

import polars as pl

from customers.ingest.declare import Kind
from customers.ingest.mapping import add_reasons
from customers.ingest.messages import Reason, reason
from customers.ingest.values import Now, broken_cells


def validated(frame: pl.DataFrame, *, kind: Kind, now: Now) -> pl.DataFrame:
    """The frame with `value:NAME` for each column in place of `cell:NAME`, and a row's reasons in `reasons`."""
    values: list[pl.Series] = []
    reasons: dict[int, list[Reason]] = {}
    for column in kind.columns:
        texts = frame[f"cell:{column.name}"].cast(pl.String)
        read, broken = column.value.read(texts, now=now)
        for row, code, params in broken_cells(broken):
            reasons.setdefault(row, []).append(reason(code, column.name, **params))
        if column.required:
            for row in texts.is_null().arg_true():
                reasons.setdefault(row, []).append(reason("missing", column.name))
        if read.dtype == pl.String:
            read = read.fill_null(column.blank or "")
        values.append(read.alias(f"value:{column.name}"))
    return add_reasons(frame.with_columns(values).select(pl.exclude("^cell:.*$")), reasons)
