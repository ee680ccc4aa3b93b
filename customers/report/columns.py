"""Columns one by one: missing values, constants, distributions, outliers. Frames in, plain rows out; no Django."""

import math
from dataclasses import dataclass

import polars as pl

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


def missing(frame: pl.DataFrame, *, table: str, columns: tuple[str, ...]) -> list[Missing]:
    return [
        Missing(
            table=table,
            column=name,
            n_rows=frame.height,
            n_missing=frame[name].null_count(),
            n_distinct=frame[name].drop_nulls().n_unique(),
        )
        for name in columns
    ]


def distribution(values: pl.Series, *, table: str, column: str, unit: str) -> Distribution | None:
    """None where there is no value."""
    numbers = values.drop_nulls().cast(pl.Float64).sort()  # so that sums do not depend on the order of the rows
    if numbers.is_empty():
        return None
    quartiles = [_quantile(numbers, share) for share in (0, 0.25, 0.5, 0.75, 0.99, 1)]
    is_log = quartiles[0] > 0 and _mean(numbers) > 1.2 * quartiles[2]
    low, high = _fences(quartiles[1], quartiles[3], is_log=is_log)
    outside = numbers.filter((numbers < low) | (numbers > high)).len() if low is not None and high is not None else 0
    counts, edges = _bins(numbers, upper=quartiles[4] if quartiles[4] > quartiles[0] else quartiles[5])
    return Distribution(
        table=table, column=column, unit=unit, n=numbers.len(), mean=_mean(numbers),
        std=math.sqrt(max(0.0, _mean((numbers - _mean(numbers)) ** 2))),
        minimum=quartiles[0], p25=quartiles[1], median=quartiles[2], p75=quartiles[3], p99=quartiles[4],
        maximum=quartiles[5], is_log=is_log, fence_low=low, fence_high=high, n_outliers=outside,
        counts=counts, edges=edges,
    )  # fmt: skip


def labels(values: pl.Series, *, table: str, column: str) -> Labels | None:
    """None where there is no label; ties in code point order."""
    counted = (
        values.drop_nulls()
        .cast(pl.String)
        .alias("label")
        .value_counts(name="n")
        .sort("n", "label", descending=[True, False])
    )
    if counted.is_empty():
        return None
    top = counted.head(TOP_LABELS)
    return Labels(
        table=table,
        column=column,
        n_distinct=counted.height,
        labels=tuple(top["label"]),
        counts=tuple(top["n"]),
        n_other=int(counted["n"].sum()) - int(top["n"].sum()),
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


def _bins(numbers: pl.Series, *, upper: float) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Equal bins from the least value to `upper`; the last one holds everything above as well."""
    lower = _quantile(numbers, 0)
    width = (upper - lower) / N_BINS or 1.0
    places = ((numbers - lower) / width).floor().clip(0, N_BINS - 1).cast(pl.Int32)
    found = dict(places.alias("place").value_counts(name="n").iter_rows())
    edges = tuple(lower + width * place for place in range(N_BINS + 1))
    return tuple(found.get(place, 0) for place in range(N_BINS)), edges


def _quantile(numbers: pl.Series, share: float) -> float:
    return float(numbers.quantile(share, interpolation="linear") or 0.0)


def _mean(numbers: pl.Series) -> float:
    return float(numbers.mean() or 0.0)  # type: ignore[arg-type]
