"""The engine: applies the as-of date and the windows, fills in the terms, and computes every declared feature.

Ages are computed here and nowhere else, rows that are not 1 to 180 days old are dropped before anything is counted,
and windows cannot reach beyond those ages: so no feature can see the future.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cache
from typing import cast

import numpy as np
import polars as pl

from customers.churn import ACTIVITY_KINDS, CHANNELS, INTERACTION_KINDS, PURCHASE_STATUS, TRANSACTION_STATUSES
from predictions.features.catalogue import FEATURES
from predictions.features.core import HISTORY_DAYS, Feature, Window
from predictions.features.days import DayTable, Ints
from predictions.features.rows import RowTable
from predictions.features.terms import REGISTRY, Term

ELIGIBLE_STATUSES = ("active", "unknown")
MONETARY_THRESHOLDS = (100, 1000, 5000, 10000)

CUSTOMERS = {
    "customer_pk": pl.Int64(),
    "customer_id": pl.String(),
    "registered_on": pl.Date(),
    "customer_type": pl.String(),
    "region": pl.String(),
    "age_group": pl.String(),
    "gender": pl.String(),
    "vip_level": pl.Int64(),
    "account_status": pl.String(),
    "status_since": pl.Date(),
    "registration_channel": pl.String(),
}
STATUS = pl.Enum(sorted(TRANSACTION_STATUSES))
KIND = pl.Enum(sorted(INTERACTION_KINDS))
CHANNEL = pl.Enum(sorted(CHANNELS))
TRANSACTIONS = {
    "customer_pk": pl.Int64(),
    "day": pl.Date(),
    "hour": pl.Int8(),
    "cents": pl.Int64(),
    "category": pl.String(),
    "method": pl.String(),
    "status": STATUS,
}
INTERACTIONS = {
    "customer_pk": pl.Int64(),
    "day": pl.Date(),
    "kind": KIND,
    "channel": CHANNEL,
    "duration_seconds": pl.Int64(),
    "page_depth": pl.Int64(),
    "satisfaction": pl.Int64(),
    "is_competitor": pl.Boolean(),
}
NEIGHBOURS = {
    "customer_pk": pl.Int64(),
    "neighbour_pk": pl.Int64(),
    "is_friend": pl.Boolean(),
    "is_referred": pl.Boolean(),
    "is_referrer": pl.Boolean(),
    "active_days": pl.Int64(),
}
IS_PURCHASE = pl.col("status") == PURCHASE_STATUS
IS_ACTIVITY = pl.col("kind").is_in(ACTIVITY_KINDS)
COLUMNS = {
    "customer_pk": pl.Int64(),
    "customer_id": pl.String(),
    **{one.name: one.dtype for one in FEATURES},
    "eligible": pl.Boolean(),
}


def compute(
    *,
    as_of: dt.date,
    customers: pl.DataFrame,
    transactions: pl.DataFrame,
    interactions: pl.DataFrame,
    neighbours: pl.DataFrame,
    monetary_thresholds: Sequence[float] = MONETARY_THRESHOLDS,
) -> pl.DataFrame:
    """The 88 features of each customer registered before `as_of`, in the customers' order.

    Frames have the columns CUSTOMERS, TRANSACTIONS, INTERACTIONS and NEIGHBOURS above; blank text is null, days are
    local calendar dates, amounts whole cents. Events may be of any day and any customer: only those of the history
    count. `monetary_thresholds` are four rising amounts. Returns COLUMNS; never NaN.
    """
    known = customers.filter(pl.col("registered_on") < as_of)
    facts = Facts(as_of, known["customer_pk"].to_numpy(), transactions, interactions, neighbours)
    terms = known.select(_given(as_of)).with_columns(facts.fill(needed_terms()))
    terms = terms.with_columns(
        pl.lit(cents).alias(f"threshold_{n}") for n, cents in enumerate(_cents(monetary_thresholds))
    )
    values = terms.select(one.value.alias(one.name) for one in FEATURES)
    eligible = pl.col("account_status").is_in(ELIGIBLE_STATUSES) & (pl.col("active_days_20d") > 0)
    ids = known.select("customer_pk", "customer_id")
    return ids.hstack(values.with_columns(eligible=eligible)).select(*COLUMNS)


@cache
def needed_terms() -> tuple[Term, ...]:
    """The terms of the declared features, each once, in the order of first use."""
    return tuple(REGISTRY[name] for name in dict.fromkeys(_roots(FEATURES)) if name in REGISTRY)


def _roots(features: Sequence[Feature]) -> Iterator[str]:
    for feature in features:
        yield from feature.expression.meta.root_names()


def _given(as_of: dt.date) -> list[pl.Expr]:
    """The customer's own columns; the only ones that need the as-of date are the age and whether the status began."""
    since = pl.col("status_since")
    labels = ("customer_type", "region", "age_group", "gender", "account_status", "registration_channel")
    return [
        (pl.lit(as_of) - pl.col("registered_on")).dt.total_days().alias("age_days"),
        (since.is_null() | (since < as_of)).alias("status_begun"),
        pl.col("vip_level"),
        *(blank_is_null(pl.col(label)) for label in labels),
    ]


def blank_is_null(text: pl.Expr) -> pl.Expr:
    """An empty text counts as no label."""
    return pl.when(text != "").then(text)


def _cents(thresholds: Sequence[float]) -> list[int]:
    return [int((Decimal(str(amount)) * 100).to_integral_value(ROUND_CEILING)) for amount in thresholds]


@dataclass(frozen=True)
class Facts:
    """The rows of the history of some customers, with their ages."""

    as_of: dt.date
    customer_pks: Ints
    transactions: pl.DataFrame
    interactions: pl.DataFrame
    neighbours: pl.DataFrame

    @property
    def n(self) -> int:
        return len(self.customer_pks)

    def fill(self, terms: Sequence[Term]) -> list[pl.Series]:
        """Each term for each customer."""
        transactions, interactions = self._of_history(self.transactions), self._of_history(self.interactions)
        transactions = transactions.with_columns(weekday=pl.col("day").dt.weekday(), **_labels("category", "method"))
        days = self._day_tables(transactions, interactions)
        rows = {
            "purchase_rows": transactions.filter(IS_PURCHASE),
            "transaction_rows": transactions,
            "interaction_rows": interactions,
        }
        tables: dict[tuple[str, Window], RowTable] = {}
        neighbour_table = RowTable(self._placed(self.neighbours), self.n)

        def table(term: Term) -> DayTable | RowTable:
            if term.source in days:
                return days[term.source]
            if term.source == "neighbour_rows":
                return neighbour_table
            key = (term.source, term.window)
            if key not in tables:
                tables[key] = RowTable(_within(rows[term.source], term.window), self.n)
            return tables[key]

        return [self._constant(term) if term.source == "constant" else table(term).read(term) for term in terms]

    def _constant(self, term: Term) -> pl.Series:
        return pl.Series(term.name, np.full(self.n, int(term.how), np.int64))

    def _day_tables(self, transactions: pl.DataFrame, interactions: pl.DataFrame) -> dict[str, DayTable]:
        bought = transactions.filter(IS_PURCHASE)
        purchases = self._daily(bought)
        return {
            "purchases": purchases,
            "amount": self._daily(bought, bought["cents"].to_numpy()),
            "logins": self._daily(interactions.filter(pl.col("kind") == "login")),
            "activity": self._daily(interactions.filter(IS_ACTIVITY)).plus(purchases),
        }

    def _daily(self, rows: pl.DataFrame, values: Ints | None = None) -> DayTable:
        positions, ages = rows["position"].to_numpy(), rows["age"].to_numpy()
        return DayTable.of(customers=positions, ages=ages, n_customers=self.n, values=values)

    def _of_history(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that may be seen: 1 to 180 days old."""
        age = (pl.lit(self.as_of).cast(pl.Int32) - pl.col("day").cast(pl.Int32)).cast(pl.Int64)
        return self._placed(rows.with_columns(age=age).filter(pl.col("age").is_between(1, HISTORY_DAYS)))

    def _placed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """With each row's position among the customers; rows of others are left out."""
        positions = _positions(rows["customer_pk"].to_numpy(), self.customer_pks)
        placed = rows.with_columns(pl.Series("position", positions))
        return placed if (positions >= 0).all() else placed.filter(pl.col("position") >= 0)


_DENSE_KEYS = 2**22


def _positions(keys: Ints, among: Ints) -> Ints:
    """Where each key stands in `among`; −1 where it does not."""
    if not len(among):
        return np.full(len(keys), -1, np.int64)
    lowest, highest = among.min(), among.max()
    if highest - lowest < _DENSE_KEYS:
        places = np.full(highest - lowest + 3, -1, np.int64)
        places[among - lowest + 1] = np.arange(len(among))
        return cast(Ints, places[np.clip(keys - lowest + 1, 0, highest - lowest + 2)])
    order = np.argsort(among)
    ranked = among[order]
    found = np.minimum(np.searchsorted(ranked, keys), len(ranked) - 1)
    return np.where(ranked[found] == keys, order[found], -1).astype(np.int64)


def _within(rows: pl.DataFrame, window: Window) -> pl.DataFrame:
    return (
        rows
        if window.last == HISTORY_DAYS and window.first == 1
        else rows.filter(pl.col("age").is_between(window.first, window.last))
    )


def _labels(*columns: str) -> dict[str, pl.Expr]:
    return {column: blank_is_null(pl.col(column)) for column in columns}
