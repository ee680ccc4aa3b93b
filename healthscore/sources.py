"""Rows of the database as the frames that the dimensions read: whole cents, local dates, instants in UTC.

The one place of this app that turns rows into frames. Customers, deals and tickets are held whole; activity, of which
there is most, is read once in batches and split by customer into parts on disk, so that memory is bounded by a part. A
source that cannot be read is left out and named; only the customers themselves have to be there.
"""

import datetime as dt
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min

from customers import arrow, clock
from customers.models import Activity
from healthscore.dimensions.rows import ACTIVITY, CUSTOMERS, INSTANT, SALES, SEEN, SUPPORT, Rows
from predictions.sources import BATCH_ROWS

__all__ = ["SOURCES", "Facts", "Failure", "Part", "batches", "read", "spool"]

logger = logging.getLogger(__name__)

SOURCES = ("sales", "support", "activity")
PART_ROWS = 1_500_000
MOST_PARTS = 200
_MARGIN = dt.timedelta(hours=4)
_NAMED = {**CUSTOMERS, "customer_id": pl.String(), "name": pl.String()}
_SQL = {
    "customers": """
        SELECT id AS customer_pk, registered_on, customer_type, contract_date AS contract_on,
            contract_length_months AS contract_months, payment_status, nps_score, onboarding_completed, customer_id,
            name FROM customers_customer""",
    "sales": """
        SELECT customer_id AS customer_pk, deal_id, deal_date AS deal_on, CAST(ROUND(deal_amount * 100) AS BIGINT)
            AS cents, deal_stage AS stage, contract_length AS contract_months, renewal_date AS renewal_on
        FROM customers_deal""",
    "support": """
        SELECT customer_id AS customer_pk, ticket_id, created_date AS created_at, resolved_date AS resolved_at,
            priority, satisfaction_score AS satisfaction FROM customers_ticket""",
    "activity": """
        SELECT date AS at, customer_id AS customer_pk, activity_type, usage_depth AS depth,
            session_duration AS minutes, NULLIF(feature_name, '') AS feature FROM customers_activity""",
    "seen": """
        SELECT customer_id AS customer_pk, MIN(date) AS first_at,
            MAX(CASE WHEN date < '{since}' THEN date END) AS earlier_at FROM customers_activity""",
}
_READ: dict[str, dict[str, Any]] = {
    "customers": _NAMED,
    "sales": SALES,
    "support": {name: dtype for name, dtype in SUPPORT.items() if not name.endswith("_on")},
    "activity": {"at": INSTANT, **{name: dtype for name, dtype in ACTIVITY.items() if name != "day"}},
    "seen": {"customer_pk": pl.Int64(), "first_at": INSTANT, "earlier_at": INSTANT},
}


@dataclass(frozen=True)
class Failure:
    """A source that could not be read, and what was said about it."""

    source: str
    error: str


@dataclass(frozen=True)
class Facts:
    """The rows that scores of some days need; `customers` has its part, and the id and name beside the facts."""

    customers: pl.DataFrame
    sales: pl.DataFrame
    support: pl.DataFrame
    seen: pl.DataFrame
    activity: Callable[[int], pl.DataFrame] = field(repr=False)
    n_parts: int
    failures: tuple[Failure, ...]

    def part(self, number: int) -> "Part":
        """The rows of a part's customers."""
        mine = self.customers.filter(pl.col("part") == number)

        def of_mine(frame: pl.DataFrame) -> pl.DataFrame:
            return frame if self.n_parts == 1 else frame.join(mine, on="customer_pk", how="semi")

        return Part(
            customers=mine,
            sales=of_mine(self.sales),
            support=of_mine(self.support),
            seen=of_mine(self.seen),
            activity=self.activity(number).sort("day"),
        )


@dataclass(frozen=True)
class Part:
    """The rows of some customers, activity by day."""

    customers: pl.DataFrame
    sales: pl.DataFrame
    support: pl.DataFrame
    seen: pl.DataFrame
    activity: pl.DataFrame

    def rows(self, *, as_of: dt.date, window: int) -> Rows:
        """The rows known at a date, activity of the `window` days before it."""
        days = self.activity["day"]
        first, last = (int(days.search_sorted(day, side="left")) for day in (as_of - dt.timedelta(days=window), as_of))
        recent = self.activity.slice(first, last - first)
        return Rows.before(
            as_of=as_of,
            midnight=clock.start_of(as_of),
            customers=self.customers.select(*CUSTOMERS),
            sales=self.sales,
            support=self.support,
            activity=recent,
            seen=self._seen(first, recent),
        )

    def _seen(self, first: int, recent: pl.DataFrame) -> pl.DataFrame:
        """With the last day of activity before the window for whoever has none in it: the others do without."""
        quiet = self.seen.join(recent, on="customer_pk", how="anti")
        earlier = self.activity.slice(0, first).filter(pl.col("customer_pk").is_in(quiet["customer_pk"].implode()))
        latest = earlier.group_by("customer_pk").agg(latest_on=pl.col("day").last())
        seen = self.seen.join(latest, on="customer_pk", how="left", maintain_order="left")
        return seen.with_columns(earlier_on=pl.coalesce("latest_on", "earlier_on")).drop("latest_on")


@contextmanager
def read(
    *, since: dt.date, until: dt.date, customer_pk: int | None = None, parts: int | None = None
) -> Iterator[Facts]:
    """The rows for scores at dates up to `until`, with the activity of [since, until); of one customer or of all."""
    failures: list[Failure] = []
    whose = "" if customer_pk is None else f" WHERE {{}} = {customer_pk:d}"
    customers = _frame("customers", whose.format("id"))
    n_parts = 1 if customer_pk is not None else parts or suggested_parts()
    customers = customers.sort("customer_id").with_columns(part=pl.col("customer_pk") % n_parts)
    of_customer = whose.format("customer_id")
    sales = _kept("sales", lambda: _frame("sales", of_customer), SALES, failures)
    support = _kept("support", lambda: _tickets(of_customer), SUPPORT, failures)
    seen = _kept("activity", lambda: _seen(since, of_customer), SEEN, failures)
    with ExitStack() as stack:
        activity = _parts_of_activity(since, until, of_customer, n_parts, failures, stack)
        if any(failure.source == "activity" for failure in failures):
            seen = seen.clear()
        yield Facts(customers, sales, support, seen, activity, n_parts, tuple(failures))


def suggested_parts() -> int:
    """As many parts as keep each within its bounds, by the span of the activity's ids, which is quick to find."""
    span = Activity.objects.aggregate(low=Min("id"), high=Max("id"))
    n_rows = 0 if span["high"] is None else span["high"] - span["low"] + 1
    return min(max(1, -(-n_rows // PART_ROWS)), MOST_PARTS)


def _kept(
    source: str, reader: Callable[[], pl.DataFrame], schema: dict[str, Any], failures: list[Failure]
) -> pl.DataFrame:
    try:
        with _alone():
            return reader()
    except Exception as error:  # noqa: BLE001 - whatever it was, the others go on and it is said
        _note(source, error, failures)
        return pl.DataFrame(schema=schema)


def _alone() -> AbstractContextManager[None]:
    """Within a caller's transaction a query that fails must not take the rest with it."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _note(source: str, error: BaseException, failures: list[Failure]) -> None:
    logger.error("The source %s could not be read.", source, exc_info=error)
    if source not in {failure.source for failure in failures}:
        lines = str(error).strip().splitlines()
        failures.append(Failure(source, f"{type(error).__name__}: {lines[0] if lines else ''}".removesuffix(": ")))


def _tickets(whose: str) -> pl.DataFrame:
    frame = _frame("support", whose)
    local = {f"{name}_on": _local_date(f"{name}_at") for name in ("created", "resolved")}
    return frame.with_columns(**local).select(*SUPPORT)


def _seen(since: dt.date, whose: str) -> pl.DataFrame:
    start = _literal(clock.start_of(since))
    frame = _frame("seen", f"{whose} GROUP BY customer_id", since=start)
    return frame.select("customer_pk", first_on=_local_date("first_at"), earlier_on=_local_date("earlier_at"))


def _local_date(column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(clock.business_zone().key).dt.date()


def _parts_of_activity(
    since: dt.date, until: dt.date, whose: str, n_parts: int, failures: list[Failure], stack: ExitStack
) -> Callable[[int], pl.DataFrame]:
    """What gives the activity of a part: from memory where there is one part only, else from files."""
    empty = pl.DataFrame(schema=ACTIVITY)
    folder = stack.enter_context(spool())
    try:
        with _alone():
            if n_parts == 1:
                whole = pl.concat([empty, *_activity(since, until, whose)])
                return lambda _part: whole
            _split(_activity(since, until, whose), n_parts, folder)
    except Exception as error:  # noqa: BLE001 - as above
        _note("activity", error, failures)
        return lambda _part: empty
    return lambda part: _piece(folder / f"{part}.arrow", empty)


def _piece(path: Path, empty: pl.DataFrame) -> pl.DataFrame:
    return pl.read_ipc(path) if path.exists() else empty


@contextmanager
def spool() -> Iterator[Path]:
    """A folder under DATA_DIR that is there while it is used."""
    base = Path(settings.DATA_DIR) / "spool"
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="health-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _split(batches: Iterator[pl.DataFrame], n_parts: int, folder: Path) -> None:
    schema = pl.DataFrame(schema=ACTIVITY).to_arrow().schema
    with ExitStack() as stack:
        sinks: dict[int, pa.ipc.RecordBatchFileWriter] = {}
        for batch in batches:
            pieces = batch.with_columns(part=pl.col("customer_pk") % n_parts)
            for key, piece in pieces.partition_by("part", as_dict=True, include_key=False).items():
                part = int(key[0])
                if part not in sinks:
                    sinks[part] = stack.enter_context(pa.ipc.new_file(str(folder / f"{part}.arrow"), schema))
                sinks[part].write_table(piece.to_arrow().cast(schema))


def _activity(since: dt.date, until: dt.date, whose: str) -> Iterator[pl.DataFrame]:
    low = _literal(clock.start_of(since) - _MARGIN)
    high = _literal(clock.start_of(until) + _MARGIN)
    among = f"{whose} AND" if whose else " WHERE"
    sql = f"{_SQL['activity']}{among} date >= '{low}' AND date < '{high}'"
    for batch in batches(sql=sql, schema=_READ["activity"]):
        frame = batch.with_columns(day=_local_date("at"))
        yield frame.filter(pl.col("day") >= since, pl.col("day") < until).select(*ACTIVITY)


def _frame(kind: str, tail: str, **given: str) -> pl.DataFrame:
    found = batches(sql=_SQL[kind].format(**given) + tail, schema=_READ[kind])
    return pl.concat([pl.DataFrame(schema=_READ[kind]), *found])


def batches(*, sql: str, schema: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
    """The rows of a query, whose columns the schema has in order: in Arrow form on PostgreSQL, except within a
    transaction, whose rows only Django's connection sees."""
    if arrow.is_possible():
        for batch in arrow.batches(sql):
            yield batch.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(BATCH_ROWS):
            columns = zip(schema.items(), zip(*rows, strict=True), strict=True)
            yield pl.DataFrame([_series(name, dtype, values) for (name, dtype), values in columns])


def _series(name: str, dtype: Any, values: tuple[Any, ...]) -> pl.Series:
    """Values as the database gives them: SQLite has dates and times as text in UTC, and truth as numbers."""
    is_text = any(isinstance(value, str) for value in values)
    if dtype == pl.Date() and is_text:
        return pl.Series(name, values, dtype=pl.String()).str.to_date("%Y-%m-%d")
    if dtype == INSTANT and is_text:
        texts = pl.Series(name, values, dtype=pl.String())
        return texts.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
    if dtype == pl.Boolean():
        return pl.Series(name, values, dtype=pl.Int64(), strict=False).cast(pl.Boolean())
    return pl.Series(name, values, dtype=dtype, strict=dtype == pl.String())


def _literal(instant: dt.datetime) -> str:
    """An instant as text that both databases compare with their own."""
    return str(connection.ops.adapt_datetimefield_value(instant.astimezone(dt.UTC)))
