"""The rows that the report reads, in batches: only the columns it needs, database and archive as one.

Frames: `customers` has customer_pk, customer_id and the attributes; `transactions` customer_pk, day, cents, status,
product_category, payment_method; `interactions` customer_pk, day, kind, channel, the three numbers and topic. Blank
texts are null.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import islice

import polars as pl
from django.conf import settings
from django.db.models import F, Model
from django.db.models.expressions import Combinable

from customers import archive, arrow
from customers.archive.numbers import Cents, Microseconds
from customers.archive.rows import having
from customers.clock import start_of
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
_FIELDS = {"customer_pk": "customer_id"}
_KINDS: dict[str, tuple[type[Model], str, dict[str, pl.DataType]]] = {
    "transactions": (Transaction, "transaction_id", TRANSACTIONS),
    "interactions": (Interaction, "interaction_id", INTERACTIONS),
}


def customers(*, as_of: dt.date) -> pl.DataFrame:
    """Those registered before the as-of date."""
    return everyone().filter(pl.col("registered_on") < as_of)


def events(*, kind: str, as_of: dt.date, known: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Batches of the rows of local days before the as-of date; `known` are all customers, for the archive's rows."""
    for batch in _stored(kind, as_of):
        yield _localised(batch)
    for batch in _archived(kind, as_of, known):
        yield _localised(batch)


def everyone() -> pl.DataFrame:
    """Every customer."""
    names = ["id", *list(CUSTOMERS)[1:]]
    rows = Customer.objects.order_by("id").values_list(*names).iterator(chunk_size=20_000)
    return _blank_is_null(pl.DataFrame(list(rows), schema=CUSTOMERS, orient="row"))


def _stored(kind: str, as_of: dt.date) -> Iterator[pl.DataFrame]:
    model, _, schema = _KINDS[kind]
    rows = model._default_manager.filter(occurred_at__lt=start_of(as_of)).values_list(*map(_expression, schema))
    if arrow.is_possible():
        yield from (_typed(batch, schema) for batch in arrow.batches(arrow.literal(rows)))
        return
    found = rows.iterator(chunk_size=20_000)
    while batch := list(islice(found, BATCH_ROWS)):
        columns = zip(schema.items(), zip(*batch, strict=True), strict=True)
        yield pl.DataFrame([pl.Series(name, values, dtype=dtype) for (name, dtype), values in columns])


def _expression(column: str) -> Combinable:
    if column == "occurred_at":
        return Microseconds(column)
    return Cents("amount") if column == "amount_cents" else F(_FIELDS.get(column, column))


def _typed(batch: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    batch.columns = list(schema)
    return batch.cast(pl.Schema(schema))


def _archived(kind: str, as_of: dt.date, known: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows that retention moved out, without those that the database has (again)."""
    _, key, schema = _KINDS[kind]
    ids = known.select("customer_id", "customer_pk")
    for batch in archive.stream(kind=kind, until=as_of):
        rest = batch.filter(~pl.col(key).is_in(_also_stored(kind, batch[key].to_list())))
        yield rest.join(ids, on="customer_id").select(*schema)


def _also_stored(kind: str, ids: list[str]) -> list[str]:
    model, key, _ = _KINDS[kind]
    found: list[str] = []
    for start in range(0, len(ids), ID_CHUNK):
        rows = having(model._default_manager.all(), ids[start : start + ID_CHUNK], field=key)
        found += rows.values_list(key, flat=True)
    return found


def _localised(frame: pl.DataFrame) -> pl.DataFrame:
    local = pl.col("occurred_at").dt.convert_time_zone(settings.TIME_ZONE)
    return _blank_is_null(frame).with_columns(day=local.dt.date()).drop("occurred_at")


def _blank_is_null(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())
