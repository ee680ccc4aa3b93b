"""The rows that the report reads, as frames: only the columns it needs, database and archive as one.

Frames: `customers` has customer_pk, customer_id and the attributes; `transactions` customer_pk, day, cents, status,
product_category, payment_method; `interactions` customer_pk, day, kind, channel, the three numbers and topic. Blank
texts are null. Labels are categoricals, so that ten million rows take some 300 MB.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.conf import settings
from django.db.models import Model

from customers import archive
from customers.archive.kinds import cents
from customers.clock import start_of
from customers.commands import Advance
from customers.models import Customer, Interaction, Transaction

BATCH_ROWS = 100_000
ID_CHUNK = 10_000

ATTRIBUTES = ("name", "customer_type", "region", "age_group", "gender", "account_status", "registration_channel")
CUSTOMERS: dict[str, pl.DataType] = {
    "customer_pk": pl.Int64(),
    "customer_id": pl.String(),
    "registered_on": pl.Date(),
    **{name: pl.String() for name in ATTRIBUTES},
    "vip_level": pl.Int64(),
    "status_since": pl.Date(),
    "referred_by": pl.String(),
}
_EVENT: dict[str, pl.DataType] = {"customer_pk": pl.Int64(), "occurred_at": pl.Datetime("us", "UTC")}
TRANSACTIONS: dict[str, pl.DataType] = {
    **_EVENT,
    "amount_cents": pl.Int64(),
    "status": pl.String(),
    "product_category": pl.String(),
    "payment_method": pl.String(),
}
INTERACTIONS: dict[str, pl.DataType] = {
    **_EVENT,
    "kind": pl.String(),
    "channel": pl.String(),
    "duration_seconds": pl.Int64(),
    "page_depth": pl.Int64(),
    "satisfaction": pl.Int64(),
    "topic": pl.String(),
}
_FIELDS = {"customer_pk": "customer_id", "amount_cents": "amount"}
_KINDS: dict[str, tuple[type[Model], str, dict[str, pl.DataType]]] = {
    "transactions": (Transaction, "transaction_id", TRANSACTIONS),
    "interactions": (Interaction, "interaction_id", INTERACTIONS),
}


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Facts of local days before the as-of date."""

    customers: pl.DataFrame
    transactions: pl.DataFrame
    interactions: pl.DataFrame


def read(*, as_of: dt.date, advance: Advance | None = None) -> Rows:
    told = advance or Advance()
    everyone = _customers()
    frames = {}
    for done, kind in enumerate(_KINDS):
        told("reading", done, len(_KINDS))
        frames[kind] = _events(kind, as_of, everyone)
    told("reading", len(_KINDS), len(_KINDS))
    return Rows(customers=everyone.filter(pl.col("registered_on") < as_of), **frames)


def _customers() -> pl.DataFrame:
    names = ["id", *list(CUSTOMERS)[1:]]
    rows = Customer.objects.order_by("id").values_list(*names).iterator(chunk_size=20_000)
    return _blank_is_null(pl.DataFrame(list(rows), schema=CUSTOMERS, orient="row"))


def _events(kind: str, as_of: dt.date, everyone: pl.DataFrame) -> pl.DataFrame:
    schema = _KINDS[kind][2]
    batches = [_slim(pl.DataFrame(schema=schema))]
    batches += [_slim(batch) for batch in _stored(kind, as_of)]
    batches += [_slim(batch) for batch in _archived(kind, as_of, everyone)]
    return pl.concat(batches, rechunk=True)


def _stored(kind: str, as_of: dt.date) -> Iterator[pl.DataFrame]:
    model, _, schema = _KINDS[kind]
    names = [_FIELDS.get(name, name) for name in schema]
    rows = model._default_manager.filter(occurred_at__lt=start_of(as_of)).values_list(*names)
    batch: list[tuple[Any, ...]] = []
    for row in rows.iterator(chunk_size=20_000):
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            yield _frame(batch, schema)
            batch = []
    if batch:
        yield _frame(batch, schema)


def _frame(rows: Sequence[tuple[Any, ...]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    columns = zip(schema.items(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame(
        [
            pl.Series(name, list(map(cents, values)) if name == "amount_cents" else list(values), dtype=dtype)
            for (name, dtype), values in columns
        ]
    )


def _archived(kind: str, as_of: dt.date, everyone: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows that retention moved out, a file at a time, without those that the database has (again)."""
    _, key, schema = _KINDS[kind]
    known = everyone.select("customer_id", "customer_pk")
    for month in archive.months(kind=kind):
        until = min(as_of, (month + dt.timedelta(days=32)).replace(day=1))
        frame = archive.scan(kind=kind, since=month, until=until).collect()
        if not frame.is_empty():
            rest = frame.filter(~pl.col(key).is_in(_also_stored(kind, frame[key].to_list())))
            yield rest.join(known, on="customer_id").select(*schema)


def _also_stored(kind: str, ids: list[str]) -> list[str]:
    model, key, _ = _KINDS[kind]
    found: list[str] = []
    for start in range(0, len(ids), ID_CHUNK):
        chunk = {f"{key}__in": ids[start : start + ID_CHUNK]}
        found += model._default_manager.filter(**chunk).values_list(key, flat=True)
    return found


def _slim(frame: pl.DataFrame) -> pl.DataFrame:
    local = pl.col("occurred_at").dt.convert_time_zone(settings.TIME_ZONE)
    days = _blank_is_null(frame).with_columns(day=local.dt.date()).drop("occurred_at")
    return days.with_columns(pl.col(pl.String).cast(pl.Categorical))


def _blank_is_null(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())
