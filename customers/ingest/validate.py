"""Cells against the rules of their columns: values where they keep them, every reason where they do not."""

import polars as pl

from customers.ingest.alike import fingerprint
from customers.ingest.declare import DayOrder, Kind
from customers.ingest.mapping import add_reasons, with_reasons
from customers.ingest.messages import Reason, reason
from customers.ingest.values import Now, Text, broken_cells

_DEAL = Text(most=64, is_id=True)


def validated(frame: pl.DataFrame, *, kind: Kind, now: Now) -> pl.DataFrame:
    """The frame with `value:NAME` for each column in place of `cell:NAME`, and a row's reasons in `reasons`."""
    values: list[pl.Series] = []
    reasons: dict[int, list[Reason]] = {}
    for column in kind.columns:
        texts = frame[f"cell:{column.name}"].cast(pl.String)
        read, broken = column.value.read(texts, now=now)
        if column.by_deal:
            broken += _DEAL.read(frame["by_deal"], now=now)[1]
        for row, code, params in broken_cells(broken):
            reasons.setdefault(row, []).append(reason(code, column.name, **params))
        if column.required:
            is_missing = texts.is_null() & frame["by_deal"].is_null() if column.by_deal else texts.is_null()
            for row in is_missing.arg_true():
                reasons.setdefault(row, []).append(reason("missing", column.name))
        if read.dtype == pl.String:
            read = read.fill_null(column.blank or "")
        values.append(read.alias(f"value:{column.name}"))
    if kind.is_counted:
        values.append(fingerprint([*values, frame["by_deal"]]).alias(f"value:{kind.key}"))
    frame = add_reasons(frame.with_columns(values).select(pl.exclude("^cell:.*$")), reasons)
    return with_reasons(frame, [_out_of_order(frame, order, now=now) for order in kind.orders])


def _out_of_order(frame: pl.DataFrame, order: DayOrder, *, now: Now) -> tuple[pl.Series, Reason]:
    earlier, later = (
        frame[f"value:{name}"].dt.convert_time_zone(now.zone.key).dt.date() for name in (order.earlier, order.later)
    )
    return later < earlier, reason("day_before", order.later, earlier=order.earlier)
