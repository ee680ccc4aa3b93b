"""What assigned customers did in their observation days and in the 20 days before, from the events.

The events of all of them are read once, in batches, and counted into arrays: memory grows with the customers, not with
the events. Purchases and activity are those of the label, read by the same reader, archive included.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from customers.archive.kinds import cents
from customers.churn import WINDOW_DAYS
from customers.clock import start_of
from customers.models import Intervention
from predictions import sources
from predictions.features.engine import IS_ACTIVITY, IS_PURCHASE

__all__ = ["ASSIGNED", "FIGURES", "observe"]

ASSIGNED = {
    "assignment_pk": pl.Int64(),
    "customer_pk": pl.Int64(),
    "customer_id": pl.String(),
    "enrolled_on": pl.Date(),
}
FIGURES = {
    "churned": pl.Boolean(),
    "n_purchases": pl.Int64(),
    "cents": pl.Int64(),
    "n_active_days": pl.Int64(),
    "n_complaints": pl.Int64(),
    "n_unsubscribes": pl.Int64(),
    "n_purchases_before": pl.Int64(),
    "cents_before": pl.Int64(),
    "n_active_days_before": pl.Int64(),
    "first_treated_at": sources.INSTANT,
    "cost_cents": pl.Int64(),
}
BATCH = 50_000
_NEVER = np.iinfo(np.int64).max
_EPOCH = dt.date(1970, 1, 1)
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def observe(assigned: pl.DataFrame, *, observation_days: int) -> pl.DataFrame:
    """`assigned` (the columns ASSIGNED, each customer once) by customer, with the columns FIGURES beside them."""
    ordered = assigned.sort("customer_pk")
    if ordered.is_empty():
        return ordered.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in FIGURES.items())
    tally = _Tally(ordered, observation_days)
    since, until = tally.since, tally.until
    for batch in sources.events(kind="transactions", since=since, until=until, customers=ordered):
        tally.add_transactions(batch)
    for batch in sources.events(kind="interactions", since=since, until=until, customers=ordered):
        tally.add_interactions(batch)
    for batch in _interventions(tally.first, until):
        tally.add_interventions(batch)
    return ordered.with_columns(tally.columns())


def _interventions(since: dt.date, until: dt.date) -> Iterator[pl.DataFrame]:
    """customer_pk, occurred_at, cents of the interventions of local days in [since, until), in batches."""
    found = Intervention.objects.filter(occurred_at__gte=start_of(since), occurred_at__lt=start_of(until)).order_by()
    rows = found.values_list("customer_id", "occurred_at", "cost").iterator(chunk_size=BATCH)
    schema = {"customer_pk": pl.Int64(), "occurred_at": sources.INSTANT, "cents": pl.Int64()}
    while batch := list(islice(rows, BATCH)):
        plain = [(customer, moment, cents(cost)) for customer, moment, cost in batch]
        yield pl.DataFrame(plain, schema=schema, orient="row")


class _Tally:
    """Counts by customer, in the order of their keys; row 0 of each is of the days before, row 1 of those observed."""

    def __init__(self, ordered: pl.DataFrame, observation_days: int) -> None:
        self.keys: Ints = ordered["customer_pk"].to_numpy().astype(np.int64)
        self.enrolled: Ints = _days(ordered["enrolled_on"])
        self.observation_days = observation_days
        self.first = _date(self.enrolled.min())
        self.since = self.first - dt.timedelta(days=WINDOW_DAYS)
        self.until = _date(self.enrolled.max() + observation_days)
        names = ("purchases", "cents", "complaints", "unsubscribes")
        self.counts: dict[str, Ints] = {name: np.zeros((2, len(self.keys)), dtype=np.int64) for name in names}
        self.active: Ints = np.zeros(len(self.keys), dtype=np.int64)  # a bit a day, the earliest day before lowest
        self.cost: Ints = np.zeros(len(self.keys), dtype=np.int64)
        self.first_treated: Ints = np.full(len(self.keys), _NEVER, dtype=np.int64)

    def add_transactions(self, batch: pl.DataFrame) -> None:
        place, offset, rows = self._placed(batch.filter(IS_PURCHASE))
        side = (offset >= 0).astype(np.int64)
        np.add.at(self.counts["purchases"], (side, place), 1)
        np.add.at(self.counts["cents"], (side, place), rows["cents"].to_numpy())
        self._mark(place, offset)

    def add_interactions(self, batch: pl.DataFrame) -> None:
        place, offset, rows = self._placed(batch)
        for name, kind in (("complaints", "complaint"), ("unsubscribes", "unsubscribe")):
            is_kind = _mask(rows, pl.col("kind") == kind)
            np.add.at(self.counts[name], ((offset[is_kind] >= 0).astype(np.int64), place[is_kind]), 1)
        is_activity = _mask(rows, IS_ACTIVITY)
        self._mark(place[is_activity], offset[is_activity])

    def add_interventions(self, batch: pl.DataFrame) -> None:
        local = pl.col("occurred_at").dt.convert_time_zone(str(sources.clock.business_zone())).dt.date()
        place, offset, rows = self._placed(batch.with_columns(day=local))
        within = offset >= 0
        np.add.at(self.cost, place[within], rows["cents"].to_numpy()[within])
        moments = rows["occurred_at"].dt.epoch("us").to_numpy()
        np.minimum.at(self.first_treated, place[within], moments[within])

    def columns(self) -> list[pl.Series]:
        before, after = self.active & ((1 << WINDOW_DAYS) - 1), self.active >> WINDOW_DAYS
        treated = pl.Series(self.first_treated, dtype=pl.Int64)
        values: dict[str, Any] = {
            "churned": after == 0,
            "n_purchases": self.counts["purchases"][1],
            "cents": self.counts["cents"][1],
            "n_active_days": np.bitwise_count(after),
            "n_complaints": self.counts["complaints"][1],
            "n_unsubscribes": self.counts["unsubscribes"][1],
            "n_purchases_before": self.counts["purchases"][0],
            "cents_before": self.counts["cents"][0],
            "n_active_days_before": np.bitwise_count(before),
            "first_treated_at": treated.replace(_NEVER, None).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "cost_cents": self.cost,
        }
        return [pl.Series(name, values[name]).cast(dtype) for name, dtype in FIGURES.items()]

    def _placed(self, batch: pl.DataFrame) -> tuple[Ints, Ints, pl.DataFrame]:
        """Of the rows that are an assigned customer's and in its days: whose, days after enrolment, and the rows."""
        customer = batch["customer_pk"].to_numpy()
        place = np.minimum(np.searchsorted(self.keys, customer), len(self.keys) - 1)
        offset = _days(batch["day"]) - self.enrolled[place]
        is_mine = (self.keys[place] == customer) & (offset >= -WINDOW_DAYS) & (offset < self.observation_days)
        return place[is_mine], offset[is_mine], batch.filter(pl.Series(is_mine))

    def _mark(self, place: Ints, offset: Ints) -> None:
        np.bitwise_or.at(self.active, place, np.int64(1) << (offset + WINDOW_DAYS))


def _days(dates: pl.Series) -> Ints:
    """Days since 1970."""
    return dates.to_physical().to_numpy().astype(np.int64)


def _date(day: Any) -> dt.date:
    return _EPOCH + dt.timedelta(days=int(day))


def _mask(rows: pl.DataFrame, condition: pl.Expr) -> Mask:
    return rows.select(condition.alias("is")).get_column("is").to_numpy().astype(np.bool_)
