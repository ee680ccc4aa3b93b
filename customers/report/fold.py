"""The rows of the events folded into what the report shows of them, a batch at a time: memory does not grow with them.

Counts are kept by value and by day; who was active or bought on which day is put aside on disk, in parts by customer.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from customers.churn import ACTIVITY_KINDS, PURCHASE_STATUS
from customers.commands import Advance
from customers.report import source
from customers.report.spool import Spool
from customers.report.tallies import Tally

PART_CUSTOMERS = 5_000
EVENT_COLUMNS = {
    "transactions": ("amount_cents", "status", "product_category", "payment_method"),
    "interactions": ("kind", "channel", "duration_seconds", "page_depth", "satisfaction", "topic"),
}
_SCHEMAS = {"transactions": source.TRANSACTIONS, "interactions": source.INTERACTIONS}
DAYS = pl.Schema({"customer_pk": pl.Int64(), "day": pl.Date(), "n_bought": pl.Int64()})


class Events:
    """What the report keeps of the events; `folder` is for as long as it is used."""

    def __init__(self, *, folder: Path, n_customers: int) -> None:
        self.folder = folder
        self.first_active: dt.date | None = None
        self.columns = {
            table: {name: Tally(_SCHEMAS[table][name], folder=folder / f"{table}-{name}") for name in names}
            for table, names in EVENT_COLUMNS.items()
        }
        self.bought_cents = Tally(pl.Int64(), folder=folder / "bought")
        self.by_day = {table: Tally(pl.Date(), folder=folder / f"{table}-day") for table in EVENT_COLUMNS}
        n_parts = max(1, -(-n_customers // PART_CUSTOMERS))
        self._days = Spool(folder / "days", schema=DAYS, n_parts=n_parts)

    def add(self, table: str, batch: pl.DataFrame) -> None:
        for name, tally in self.columns[table].items():
            tally.add(batch[name])
        self.by_day[table].add(batch["day"])
        is_purchase = pl.col("status") == PURCHASE_STATUS
        if table == "transactions":
            bought = batch.filter(is_purchase)
            self.bought_cents.add(bought["amount_cents"])
            self._active(bought, n_bought=pl.len())
        else:
            self._active(batch.filter(pl.col("kind").is_in(ACTIVITY_KINDS)), n_bought=pl.lit(0))

    def n_rows(self, table: str) -> int:
        return self.by_day[table].n_rows

    def customer_days(self) -> Iterator[pl.DataFrame]:
        """Distinct customer_pk and day with activity, and its purchases; a customer is in one frame only."""
        for part in self._days.parts():
            yield part.group_by("customer_pk", "day").agg(pl.col("n_bought").sum()).sort("day", "customer_pk")

    def _active(self, rows: pl.DataFrame, *, n_bought: pl.Expr) -> None:
        days = rows.group_by("customer_pk", "day").agg(n_bought=n_bought.cast(pl.Int64))
        seen = [day for day in (self.first_active, days["day"].min()) if isinstance(day, dt.date)]
        self.first_active = min(seen, default=None)
        self._days.add(days.cast(DAYS), by=pl.col("customer_pk"))


def events(*, as_of: dt.date, everyone: pl.DataFrame, folder: Path, advance: Advance) -> Events:
    """All events before the as-of date, folded; of all customers."""
    folded = Events(folder=folder, n_customers=everyone.height)
    for done, table in enumerate(EVENT_COLUMNS):
        advance("reading", done, len(EVENT_COLUMNS))
        for batch in source.events(kind=table, as_of=as_of, known=everyone):
            folded.add(table, batch)
    advance("reading", len(EVENT_COLUMNS), len(EVENT_COLUMNS))
    return folded
