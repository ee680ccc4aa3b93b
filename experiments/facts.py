"""The facts that an analysis rests on: the rows of an experiment, counted and summed, and the digest of all that.

Rows come in batches; customers who are alike in everything that a report counts by are one cell, and amounts are summed
as whole numbers. So memory does not grow with the customers, and sums are exact and do not depend on the order.
"""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import polars as pl

from customers.clock import business_zone, start_of
from customers.models import Intervention
from experiments.document import VERSION
from experiments.models import Assignment, Experiment
from experiments.stats import Moments, Paired, Proportion

__all__ = ["NOT_LISTED", "Cell", "Facts", "read"]

BATCH = 50_000
NOT_LISTED = -1
CENTS, MICROS = 100, 1_000_000
UNITS = {
    "probability": MICROS,
    "monthly_value": CENTS,
    "known_monthly_value": CENTS,
    "cost": CENTS,
    "purchases": 1,
    "amount": CENTS,
    "active_days": 1,
    "complaints": 1,
    "unsubscribes": 1,
    "purchases_before": 1,
    "amount_before": CENTS,
    "active_days_before": 1,
}
PAIRS = {name: f"{name}_before" for name in ("purchases", "amount", "active_days")}
_COLUMNS = {
    "arm": ("arm__position", pl.Int64(), None),
    "enrolled_on": ("enrolled_on", pl.Date(), None),
    "risk_level": ("risk_level", pl.String(), None),
    "customer_type": ("customer_type", pl.String(), None),
    "listed_for": ("listing__arm__position", pl.Int64(), None),
    "listed_on": ("listing__listed_on", pl.Date(), None),
    "status": ("outcome__status", pl.String(), None),
    "first_treated_at": ("outcome__first_treated_at", pl.Datetime("us", "UTC"), None),
    "probability": ("probability", pl.Int64(), MICROS),
    "monthly_value": ("monthly_value", pl.Int64(), CENTS),
    "cost": ("outcome__treatment_cost", pl.Int64(), CENTS),
    "purchases": ("outcome__n_purchases", pl.Int64(), None),
    "amount": ("outcome__amount", pl.Int64(), CENTS),
    "active_days": ("outcome__n_active_days", pl.Int64(), None),
    "complaints": ("outcome__n_complaints", pl.Int64(), None),
    "unsubscribes": ("outcome__n_unsubscribes", pl.Int64(), None),
    "purchases_before": ("outcome__n_purchases_before", pl.Int64(), None),
    "amount_before": ("outcome__amount_before", pl.Int64(), CENTS),
    "active_days_before": ("outcome__n_active_days_before", pl.Int64(), None),
}
_OBSERVED = [name for name in UNITS if _COLUMNS.get(name, ("",))[0].startswith("outcome__")]

Key = TypeVar("Key", bound=Hashable)


class Cell(NamedTuple):
    """What customers have in common; arms by their position, the control at 0."""

    arm: int
    enrolled_on: dt.date
    risk_level: str
    customer_type: str
    listed_for: int
    is_known: bool
    is_churned: bool
    is_treated: bool


class Sums(NamedTuple):
    """Of whole numbers: how many, their sum, and the sum of their squares."""

    n: int = 0
    total: int = 0
    squares: int = 0

    def plus(self, other: "Sums") -> "Sums":
        return Sums(self.n + other.n, self.total + other.total, self.squares + other.squares)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Of an experiment at a date.

    `cells` has how many customers each has, `sums` those of each arm and variable in whole units (cents), `products`
    those of a metric with itself in the days before, `contaminated` the control customers by the date of their first
    treatment.
    """

    as_of: dt.date
    observation_days: int
    cells: dict[Cell, int]
    sums: dict[tuple[int, str], Sums]
    products: dict[tuple[int, str], int]
    contaminated: dict[dt.date, int]

    def digest(self, *beside: Any) -> str:
        """SHA-256 of everything here, the document's version, and what stands beside it."""
        counted = (self.cells, self.sums, self.products, self.contaminated)
        parts = [VERSION, self.as_of, self.observation_days, beside, *(sorted(one.items()) for one in counted)]
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()

    def sizes(self, key: Callable[[Cell], Key | None]) -> Counter[Key]:
        """Customers by `key` of their cell; those of None are left out."""
        counts: Counter[Key] = Counter()
        for cell, n in self.cells.items():
            if (found := key(cell)) is not None:
                counts[found] += n
        return counts

    def churn(self, key: Callable[[Cell], Key | None]) -> dict[Key, Proportion]:
        """Churned of those with a known outcome, by `key` of their cell; those of None are left out."""
        known = self.sizes(lambda cell: key(cell) if cell.is_known else None)
        churned = self.sizes(lambda cell: key(cell) if cell.is_churned else None)
        return {one: Proportion(n=n, events=churned[one]) for one, n in known.items()}

    def ripe_on(self, cell: Cell) -> dt.date:
        """The first date on which the outcomes of a cell can be known."""
        return cell.enrolled_on + dt.timedelta(days=self.observation_days)

    def moments(self, arm: int, name: str) -> Moments:
        """Of a variable in its own unit (currency, probability), correctly rounded."""
        n, total, squares = self.sums.get((arm, name), Sums())
        if not n:
            return Moments()
        unit = UNITS[name]
        mean, spread = Fraction(total, n * unit), Fraction(n * squares - total * total, n * unit * unit)
        return Moments(n=n, mean=float(mean), squares=float(spread))

    def paired(self, arm: int, metric: str) -> Paired:
        """A metric and the same metric in the days before."""
        before = PAIRS[metric]
        y, x = self.sums.get((arm, metric), Sums()), self.sums.get((arm, before), Sums())
        if not y.n:
            return Paired()
        of_both = y.n * self.products[arm, metric] - x.total * y.total
        products = Fraction(of_both, y.n * UNITS[metric] * UNITS[before])
        return Paired(x=self.moments(arm, before), y=self.moments(arm, metric), products=float(products))


def read(experiment: Experiment, *, as_of: dt.date) -> Facts:
    """Of everybody enrolled by `as_of`; an outcome is known where the observation days were over by then."""
    counting = _Counting(as_of, experiment.observation_days)
    for batch in _batches(experiment, as_of):
        counting.add(batch)
    contaminated = counting.contaminated + _contaminated_meanwhile(experiment, as_of)
    return Facts(
        as_of=as_of,
        observation_days=experiment.observation_days,
        cells=dict(counting.cells),
        sums=counting.sums,
        products=dict(counting.products),
        contaminated=dict(contaminated),
    )


def _batches(experiment: Experiment, as_of: dt.date) -> Iterator[pl.DataFrame]:
    found = Assignment.objects.filter(experiment=experiment, enrolled_on__lte=as_of).order_by()
    rows = found.values_list(*(path for path, _dtype, _unit in _COLUMNS.values())).iterator(chunk_size=BATCH)
    schema = {name: dtype for name, (_path, dtype, _unit) in _COLUMNS.items()}
    while batch := list(islice(rows, BATCH)):
        yield pl.DataFrame([_plain(row) for row in batch], schema=schema, orient="row")


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Decimals as whole numbers of their unit."""
    units = (unit for _path, _dtype, unit in _COLUMNS.values())
    return tuple(_whole(value, unit) if unit else value for value, unit in zip(row, units, strict=True))


def _whole(value: Decimal | None, unit: int) -> int | None:
    return None if value is None else int(value * unit)


class _Counting:
    """Batches counted into cells and sums."""

    def __init__(self, as_of: dt.date, observation_days: int) -> None:
        self.as_of = as_of
        self.latest = as_of - dt.timedelta(days=observation_days)
        self.cells: Counter[Cell] = Counter()
        self.sums: dict[tuple[int, str], Sums] = {}
        self.products: Counter[tuple[int, str]] = Counter()
        self.contaminated: Counter[dt.date] = Counter()

    def add(self, batch: pl.DataFrame) -> None:
        rows = self._marked(batch)
        for *cell, n in rows.group_by(Cell._fields).len().iter_rows():
            self.cells[Cell(*cell)] += n
        for arm in rows["arm"].unique().sort():
            self._sum(arm, rows.filter(pl.col("arm") == arm))
        local = pl.col("first_treated_at").dt.convert_time_zone(str(business_zone())).dt.date()
        for day, n in rows.filter((pl.col("arm") == 0) & pl.col("is_treated")).group_by(local).len().iter_rows():
            self.contaminated[day] += n

    def _marked(self, batch: pl.DataFrame) -> pl.DataFrame:
        is_known = (pl.col("enrolled_on") <= self.latest) & pl.col("status").is_not_null()
        is_listed = (pl.col("listed_on") <= self.as_of).fill_null(value=False)
        rows = batch.with_columns(
            is_known=is_known, listed_for=pl.when(is_listed).then("listed_for").otherwise(NOT_LISTED)
        )
        return rows.with_columns(
            is_churned=pl.col("is_known") & (pl.col("status") == "churned").fill_null(value=False),
            is_treated=pl.col("is_known") & pl.col("first_treated_at").is_not_null(),
            known_monthly_value=pl.when("is_known").then("monthly_value"),
            **{name: pl.when("is_known").then(name) for name in _OBSERVED},
        )

    def _sum(self, arm: int, rows: pl.DataFrame) -> None:
        # 128 bits: the squares of large amounts in cents do not fit into 64.
        columns = {name: pl.col(name).cast(pl.Int128) for name in UNITS}
        found = rows.select(
            *(column.count().alias(f"n {name}") for name, column in columns.items()),
            *(column.sum().alias(f"total {name}") for name, column in columns.items()),
            *((column * column).sum().alias(f"squares {name}") for name, column in columns.items()),
            *((columns[name] * columns[before]).sum().alias(f"products {name}") for name, before in PAIRS.items()),
        ).row(0, named=True)
        for name in UNITS:
            added = Sums(found[f"n {name}"], found[f"total {name}"], found[f"squares {name}"])
            self.sums[arm, name] = self.sums.get((arm, name), Sums()).plus(added)
        for name in PAIRS:
            self.products[arm, name] += found[f"products {name}"]


def _contaminated_meanwhile(experiment: Experiment, as_of: dt.date) -> Counter[dt.date]:
    """Control customers whose days are not over, by the date of their first treatment in these days."""
    latest = as_of - dt.timedelta(days=experiment.observation_days)
    waiting = Assignment.objects.filter(experiment=experiment, arm__is_control=True, enrolled_on__gt=latest)
    enrolled = dict(waiting.filter(enrolled_on__lte=as_of).values_list("customer_id", "enrolled_on"))
    if not enrolled:
        return Counter()
    since = start_of(min(enrolled.values()))
    done = Intervention.objects.filter(occurred_at__gte=since, occurred_at__lt=start_of(as_of))
    first: dict[int, dt.date] = {}
    for customer, moment in done.order_by("occurred_at").values_list("customer_id", "occurred_at").iterator():
        day = moment.astimezone(business_zone()).date()
        if customer in enrolled and day >= enrolled[customer]:
            first.setdefault(customer, day)
    return Counter(first.values())
