"""Rows of the database and the archive as frames: amounts in whole cents, times as local days and hours.

The one place of this app that turns rows into frames. Rows come in batches, so that memory does not grow with their
number. On PostgreSQL they come in Arrow form over a connection of their own, except within a transaction, whose own
rows only Django's connection sees.
"""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection
from django.db.models import Max, Min

from customers import archive, arrow, clock
from customers.models import Customer, Interaction, Link, Transaction
from predictions.features import engine
from predictions.features.core import COMPETITOR_TOPIC

BATCH_ROWS = 200_000
ID_CHUNK = 10_000
ARCHIVE_DAYS = 31
SLICE_IDS = 500_000
MOST_SLICES = 32
INSTANT = pl.Datetime("us", "UTC")
Kind = Literal["transactions", "interactions"]

_MODELS: dict[Kind, Any] = {"transactions": Transaction, "interactions": Interaction}
_IDS = {"transactions": "transaction_id", "interactions": "interaction_id"}
_SCHEMAS = {"transactions": engine.TRANSACTIONS, "interactions": engine.INTERACTIONS}
_MARGIN = dt.timedelta(hours=4)  # more than a clock is ever set back by; the exact cut is made on local days
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DAY_US, _HOUR_US = 86_400_000_000, 3_600_000_000


@dataclass(frozen=True)
class Slice:
    """Rows that are read in one go: those of the database with ids in [low, high), or those archived of these days.

    Ids, because rows lie in the table in about their order: so each slice reads pages of its own, once. A range of days
    or of customers would find its rows all over the table. Days are given by their ordinal numbers.
    """

    kind: Kind
    low: int
    high: int
    is_archived: bool = False


def customers() -> pl.DataFrame:
    """Every customer: the engine's columns, and referrer_pk where the referrer is known."""
    columns = ["id", *(name for name in engine.CUSTOMERS if name != "customer_pk"), "referred_by"]
    rows = Customer.objects.order_by("id").values_list(*columns).iterator(chunk_size=20_000)
    schema = {**engine.CUSTOMERS, "referred_by": pl.String()}
    frame = pl.DataFrame(list(rows), schema=schema, orient="row")
    referrers = frame.select(referred_by="customer_id", referrer_pk="customer_pk")
    return frame.join(referrers, on="referred_by", how="left", maintain_order="left").drop("referred_by")


def links() -> pl.DataFrame:
    """Every link: low_pk, high_pk, since."""
    schema = {"low_pk": pl.Int64(), "high_pk": pl.Int64(), "since": pl.Date()}
    rows = Link.objects.values_list("low_id", "high_id", "since").iterator(chunk_size=20_000)
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def events(*, kind: Kind, since: dt.date, until: dt.date, customers: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Batches of the rows of local days in [since, until), in the engine's columns, in no order.

    A row that is both in the database and in the archive counts once, as the database has it.
    """
    yield from _localised(kind, since, until, _stored(kind, since, until))
    for low, high in _archive_windows(since, until):
        yield from _localised(kind, since, until, _archived(kind, low, high, customers))


def slices(*, since: dt.date, until: dt.date) -> list[Slice]:
    """Slices that together hold every row of [since, until) once; they can be read in any order and at once."""
    found = [one for kind in _MODELS for one in _id_slices(kind)]
    for kind in _MODELS:
        months = archive.months(kind=kind)
        for low, high in _archive_windows(since, until):
            if any(low.replace(day=1) <= month < high for month in months):
                found.append(Slice(kind, low.toordinal(), high.toordinal(), is_archived=True))
    return found


def read(one: Slice, *, since: dt.date, until: dt.date, customers: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Batches of a slice's rows of local days in [since, until), as `events` gives them."""
    if one.is_archived:
        days = dt.date.fromordinal(one.low), dt.date.fromordinal(one.high)
        yield from _localised(one.kind, since, until, _archived(one.kind, *days, customers))
    else:
        yield from _localised(one.kind, since, until, _stored(one.kind, since, until, ids=(one.low, one.high)))


def most_rows(kind: Kind) -> int:
    """No fewer than the rows of a kind in the database: the span of their ids, which is quick to find."""
    low, high = _id_span(kind)
    return high - low


def activity_days(*, since: dt.date, until: dt.date, customers: pl.DataFrame) -> pl.DataFrame:
    """Distinct customer_pk and local day with activity, of days in [since, until)."""
    parts = [pl.DataFrame(schema={"customer_pk": pl.Int64(), "day": pl.Date()})]
    conditions: dict[Kind, pl.Expr] = {"transactions": engine.IS_PURCHASE, "interactions": engine.IS_ACTIVITY}
    for kind, is_activity in conditions.items():
        for batch in events(kind=kind, since=since, until=until, customers=customers):
            parts.append(batch.filter(is_activity).select("customer_pk", "day").unique())
    return pl.concat(parts).unique()


def _localised(kind: Kind, since: dt.date, until: dt.date, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    local = _local_time(since, until)
    for batch in batches:
        frame = batch.with_columns(
            day=(local // _DAY_US).cast(pl.Int32).cast(pl.Date), hour=(local % _DAY_US // _HOUR_US).cast(pl.Int8)
        )
        frame = frame.filter((pl.col("day") >= since) & (pl.col("day") < until))
        if not frame.is_empty():
            yield frame.select(pl.col(name).cast(dtype) for name, dtype in _SCHEMAS[kind].items())


def _local_time(since: dt.date, until: dt.date) -> pl.Expr:
    """occurred_at as local microseconds since 1970: a step for each offset that the zone has in the period."""
    instant = pl.col("occurred_at").dt.epoch("us")
    first, *later = _offsets(clock.business_zone(), *_bounds(since, until))
    offset = pl.lit(first[1])
    for start, offset_us in later:
        offset = pl.when(instant >= start).then(offset_us).otherwise(offset)
    return instant + offset


def _offsets(zone: ZoneInfo, since: dt.datetime, until: dt.datetime) -> list[tuple[int, int]]:
    """(from when, in microseconds since 1970; offset from UTC in microseconds), earliest first."""
    found = [(_micros(since - _EPOCH), _offset(zone, since))]
    hour = since
    while hour < until:
        following = hour + dt.timedelta(hours=1)
        if _offset(zone, following) != found[-1][1]:
            found.append((_micros(_turn(zone, hour, following) - _EPOCH), _offset(zone, following)))
        hour = following
    return found


def _turn(zone: ZoneInfo, before: dt.datetime, after: dt.datetime) -> dt.datetime:
    """The first second of the new offset, which begins in (before, after]."""
    while after - before > dt.timedelta(seconds=1):
        middle = before + dt.timedelta(seconds=(after - before) // dt.timedelta(seconds=2))
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, instant: dt.datetime) -> int:
    offset = instant.astimezone(zone).utcoffset()
    return _micros(offset) if offset is not None else 0


def _micros(delta: dt.timedelta) -> int:
    return delta // dt.timedelta(microseconds=1)


def _bounds(since: dt.date, until: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Instants that surely enclose the local days of [since, until), whole seconds apart."""
    return clock.start_of(since).astimezone(dt.UTC) - _MARGIN, clock.start_of(until).astimezone(dt.UTC) + _MARGIN


def _id_slices(kind: Kind) -> Iterator[Slice]:
    low, high = _id_span(kind)
    size = max(SLICE_IDS, math.ceil((high - low) / MOST_SLICES))
    for start in range(low, high, size):
        yield Slice(kind, start, min(start + size, high))


def _id_span(kind: Kind) -> tuple[int, int]:
    """[low, high) of the ids."""
    span = _MODELS[kind]._default_manager.aggregate(low=Min("id"), high=Max("id"))
    return (span["low"], span["high"] + 1) if span["high"] is not None else (0, 0)


def _stored(
    kind: Kind, since: dt.date, until: dt.date, *, ids: tuple[int, int] | None = None
) -> Iterator[pl.DataFrame]:
    names = ", ".join(f"{expression} AS {name}" for name, expression in _columns(kind).items())
    table = connection.ops.quote_name(_MODELS[kind]._meta.db_table)
    among = f" AND id >= {ids[0]:d} AND id < {ids[1]:d}" if ids else ""
    sql = f"SELECT {names} FROM {table} WHERE occurred_at >= {{}} AND occurred_at < {{}}{among}"  # noqa: S608 - own names
    bounds = _bounds(since, until)
    if arrow.is_possible():
        yield from arrow.batches(sql.format(*(f"'{bound.isoformat()}'" for bound in bounds)))
    else:
        yield from _cursor_batches(sql.format("%s", "%s"), bounds, kind)


def _columns(kind: Kind) -> dict[str, str]:
    """The SQL of each column. A topic is only ever compared, so its text need not travel."""
    shared = {"customer_pk": "customer_id", "occurred_at": "occurred_at"}
    if kind == "transactions":
        cents = "CAST(ROUND(amount * 100) AS BIGINT)"
        return shared | {"cents": cents, "category": "product_category", "method": "payment_method", "status": "status"}
    plain = {name: name for name in ("kind", "duration_seconds", "page_depth", "satisfaction")}
    topic = f"CASE WHEN topic = '{COMPETITOR_TOPIC}' THEN 1 ELSE 0 END"
    return shared | plain | {"channel": "NULLIF(channel, '')", "is_competitor": topic}


def _cursor_batches(sql: str, bounds: Sequence[dt.datetime], kind: Kind) -> Iterator[pl.DataFrame]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_datetimefield_value(bound) for bound in bounds])
        while rows := cursor.fetchmany(BATCH_ROWS):
            columns = zip(_columns(kind), zip(*rows, strict=True), strict=True)
            yield pl.DataFrame([_series(kind, name, values) for name, values in columns])


def _series(kind: Kind, name: str, values: Sequence[Any]) -> pl.Series:
    if name == "occurred_at":
        return _instants(values)
    dtype = _SCHEMAS[kind][name]
    return pl.Series(name, values, dtype=pl.Int64() if dtype == pl.Boolean() else dtype)


def _instants(values: Sequence[Any]) -> pl.Series:
    """Times as the database gives them: SQLite as text in UTC, PostgreSQL as datetimes."""
    if isinstance(values[0], str):
        texts = pl.Series("occurred_at", values, dtype=pl.String())
        return texts.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
    return pl.Series("occurred_at", values, dtype=INSTANT)


def _archive_windows(since: dt.date, until: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """A month at a time, so that memory is bounded by it."""
    # A day more on either side: the exact cut is made on local days, as for the rows of the database.
    start, last = since - dt.timedelta(days=1), until + dt.timedelta(days=1)
    while start < last:
        end = min(start + dt.timedelta(days=ARCHIVE_DAYS), last)
        yield start, end
        start = end


def _archived(kind: Kind, since: dt.date, until: dt.date, customers: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows that retention moved out, without those that the database has (again)."""
    frame = archive.scan(kind=kind, since=since, until=until).collect()
    if not frame.is_empty():
        yield _as_stored(kind, _not_stored(kind, frame), customers)


def _not_stored(kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    name, model = _IDS[kind], _MODELS[kind]
    ids = frame[name].to_list()
    stored: set[str] = set()
    for start in range(0, len(ids), ID_CHUNK):
        chunk = ids[start : start + ID_CHUNK]
        stored.update(model._default_manager.filter(**{f"{name}__in": chunk}).values_list(name, flat=True))
    return frame.filter(~pl.col(name).is_in(list(stored))) if stored else frame


def _as_stored(kind: Kind, frame: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    known = frame.join(customers.select("customer_id", "customer_pk"), on="customer_id", how="inner")
    if kind == "transactions":
        return known.rename({"amount_cents": "cents", "product_category": "category", "payment_method": "method"})
    channel = pl.when(pl.col("channel") != "").then(pl.col("channel"))
    return known.with_columns(channel=channel, is_competitor=pl.col("topic") == COMPETITOR_TOPIC)
