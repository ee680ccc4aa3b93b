"""Columns one by one: missing values, constants, distributions, outliers. Frames in, plain rows out; no Django."""

import math
from dataclasses import dataclass

import polars as pl

from customers.report.tallies import Tally

N_BINS = 24
TOP_LABELS = 12
FENCE = 3.0
"""Outliers lie more than this many interquartile ranges outside the quartiles (Tukey 1977, "far out")."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    table: str
    column: str
    n_rows: int
    n_missing: int
    n_distinct: int

    @property
    def share(self) -> float | None:
        return self.n_missing / self.n_rows if self.n_rows else None


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A number's distribution; outliers by fences on its logarithm where it is positive and skewed, as money is."""

    table: str
    column: str
    unit: str
    n: int
    mean: float
    std: float
    minimum: float
    p25: float
    median: float
    p75: float
    p99: float
    maximum: float
    is_log: bool
    fence_low: float | None
    fence_high: float | None
    n_outliers: int
    counts: tuple[int, ...]
    edges: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """How often each label occurs, the commonest first; `n_other` are the rows of the rest."""

    table: str
    column: str
    n_distinct: int
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    n_other: int


def missing(tally: Tally, *, table: str, column: str) -> Missing:
    return Missing(
        table=table, column=column, n_rows=tally.n_rows, n_missing=tally.n_missing, n_distinct=tally.n_distinct
    )


def distribution(counts: pl.DataFrame, *, table: str, column: str, unit: str) -> Distribution | None:
    """Of numbers, as value and n; None where there is no value."""
    numbers = counts.with_columns(pl.col("value").cast(pl.Float64)).sort("value")
    if numbers.is_empty():
        return None
    quartiles = [quantile(numbers, share) or 0.0 for share in (0, 0.25, 0.5, 0.75, 0.99, 1)]
    mean = _mean(numbers, pl.col("value"))
    is_log = quartiles[0] > 0 and mean > 1.2 * quartiles[2]
    low, high = _fences(quartiles[1], quartiles[3], is_log=is_log)
    outside = (pl.col("value") < low) | (pl.col("value") > high) if low is not None else pl.lit(value=False)
    bins, edges = _bins(numbers, lower=quartiles[0], upper=quartiles[4 if quartiles[4] > quartiles[0] else 5])
    return Distribution(
        table=table, column=column, unit=unit, n=int(numbers["n"].sum()), mean=mean,
        std=math.sqrt(max(0.0, _mean(numbers, (pl.col("value") - mean) ** 2))),
        minimum=quartiles[0], p25=quartiles[1], median=quartiles[2], p75=quartiles[3], p99=quartiles[4],
        maximum=quartiles[5], is_log=is_log, fence_low=low, fence_high=high,
        n_outliers=int(numbers.filter(outside)["n"].sum()), counts=bins, edges=edges,
    )  # fmt: skip


def labels(tally: Tally, *, table: str, column: str) -> Labels | None:
    """None where there is no label; ties in code point order."""
    top, n_distinct, n_rows = pl.DataFrame(schema={"value": pl.String(), "n": pl.Int64()}), 0, 0
    for part in tally.parts():
        n_distinct, n_rows = n_distinct + part.height, n_rows + int(part["n"].sum())
        top = pl.concat([top, part]).sort("n", "value", descending=[True, False]).head(TOP_LABELS)
    if not n_distinct:
        return None
    return Labels(
        table=table,
        column=column,
        n_distinct=n_distinct,
        labels=tuple(top["value"]),
        counts=tuple(top["n"]),
        n_other=n_rows - int(top["n"].sum()),
    )


def duplicates(customers: pl.DataFrame, *, same: tuple[str, ...]) -> pl.DataFrame:
    """Customers with one name (however it is spaced or capitalised), registration date and attributes, more than once.

    A customer without a name is nobody's duplicate: households of a source without names are alike in all else.
    Columns: name, registered_on, n, customer_ids (up to five).
    """
    named = customers.filter(pl.col("name").is_not_null()).with_columns(
        key=pl.col("name").str.to_lowercase().str.replace_all(r"\s+", "")
    )
    others = [name for name in same if name != "name"]
    groups = named.group_by("key", "registered_on", *others).agg(
        pl.col("name").min(), n=pl.len(), customer_ids=pl.col("customer_id").sort().head(5)
    )
    return (
        groups.filter(pl.col("n") > 1)
        .sort("n", "key", descending=[True, False])
        .select("name", "registered_on", "n", "customer_ids")
    )


def _fences(p25: float, p75: float, *, is_log: bool) -> tuple[float | None, float | None]:
    """None where the middle half is one value: then everything else would be outside."""
    if p25 == p75:
        return None, None
    if is_log:
        low, high = math.log(p25), math.log(p75)
        return math.exp(low - FENCE * (high - low)), math.exp(high + FENCE * (high - low))
    return p25 - FENCE * (p75 - p25), p75 + FENCE * (p75 - p25)


def _bins(numbers: pl.DataFrame, *, lower: float, upper: float) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Equal bins from the least value to `upper`; the last one holds everything above as well."""
    width = (upper - lower) / N_BINS or 1.0
    place = ((pl.col("value") - lower) / width).floor().clip(0, N_BINS - 1).cast(pl.Int32)
    found = dict(numbers.group_by(place=place).agg(pl.col("n").sum()).iter_rows())
    edges = tuple(lower + width * place for place in range(N_BINS + 1))
    return tuple(found.get(place, 0) for place in range(N_BINS)), edges


def quantile(numbers: pl.DataFrame, share: float) -> float | None:
    """Between the two nearest of the ordered values (Hyndman and Fan 1996, type 7); `numbers` sorted, value and n."""
    if numbers.is_empty():
        return None
    up_to = numbers["n"].cum_sum()
    place = (int(up_to[-1]) - 1) * share
    low, high = (
        float(numbers["value"][int(up_to.search_sorted(rank, side="right"))])
        for rank in (math.floor(place), math.ceil(place))
    )
    return low + (high - low) * (place - math.floor(place))


def _mean(numbers: pl.DataFrame, of: pl.Expr) -> float:
    """Rounded once at the end, so that it depends on no order."""
    terms = numbers.select(total=of * pl.col("n"))["total"]
    return math.fsum(terms) / int(numbers["n"].sum())
