"""Terms read off rows with their fine columns: counts, sums, extremes, labels, entropy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import polars as pl

from predictions.features.days import Ints, exact_sums
from predictions.features.terms import Term


@dataclass(frozen=True)
class Labels:
    """Of one label column, for each customer: distinct labels, the top one, its count, and the entropy."""

    kinds: pl.Series
    top: pl.Series
    top_count: pl.Series
    entropy: pl.Series


@dataclass(frozen=True)
class RowTable:
    """Rows of one window, each with `position`: which of the `n_customers` it belongs to."""

    rows: pl.DataFrame
    n_customers: int
    _cache: dict[str, object] = field(default_factory=dict)

    def read(self, term: Term) -> pl.Series:
        """The term for each customer."""
        if term.how in Labels.__dataclass_fields__:
            return cast(pl.Series, getattr(self.labels(term.column), term.how)).alias(term.name)
        if term.how in _STATISTICS:
            return self.statistics(term.column)[term.how].alias(term.name)
        return _OF_ROWS[term.how](self, term).alias(term.name)

    def labels(self, column: str) -> Labels:
        if column not in self._cache:
            self._cache[column] = _labels(self.rows, column, self.n_customers)
        return cast(Labels, self._cache[column])

    def statistics(self, column: str) -> pl.DataFrame:
        """Least, greatest, median and sum of squares of a column; null for a customer without rows."""
        key = f"statistics {column}"
        if key not in self._cache:
            found = self.rows.group_by("position").agg(
                **{how: make(pl.col(column)) for how, make in _STATISTICS.items()}
            )
            everyone = pl.DataFrame({"position": np.arange(self.n_customers, dtype=np.int64)})
            self._cache[key] = everyone.join(found, on="position", how="left", maintain_order="left")
        return cast(pl.DataFrame, self._cache[key])

    def _where(self, term: Term) -> pl.DataFrame:
        """The position, and the value if any, of the rows that count."""
        columns = ["position", *([term.column] if term.column else [])]
        is_counted = [pl.col(term.column).is_not_null()] if term.column else []
        if term.where is not None:
            is_counted.append(term.where)
        return self.rows.lazy().filter(*is_counted).select(columns).collect() if is_counted else self.rows

    def _count(self, term: Term) -> pl.Series:
        return pl.Series(exact_sums(_positions(self._where(term)), self.n_customers))

    def _sum(self, term: Term) -> pl.Series:
        rows = self._where(term)
        values = rows[term.column].cast(pl.Int64).to_numpy()
        return pl.Series(exact_sums(_positions(rows), self.n_customers, values))


_STATISTICS: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "min": pl.Expr.min,
    "max": pl.Expr.max,
    "median": pl.Expr.median,
    "squares": lambda values: (values.cast(pl.Int128) * values.cast(pl.Int128)).sum(),
}
_OF_ROWS: Mapping[str, Callable[[RowTable, Term], pl.Series]] = {
    "count": RowTable._count,
    "known": RowTable._count,
    "sum": RowTable._sum,
}


def _positions(rows: pl.DataFrame) -> Ints:
    return rows["position"].to_numpy()


def _labels(rows: pl.DataFrame, column: str, n: int) -> Labels:
    """Labels by falling count, ties by code point (the byte order of UTF-8 is that order)."""
    counts = (
        rows.filter(pl.col(column).is_not_null())
        .group_by("position", pl.col(column).alias("label"))
        .agg(count=pl.len().cast(pl.Int64))
        .with_columns(pl.col("label").cast(pl.String))
        .sort("position", "count", "label", descending=[False, True, False])
    )
    top = counts.unique("position", keep="first", maintain_order=True)
    everyone = pl.DataFrame({"position": np.arange(n, dtype=np.int64)})
    top = everyone.join(top, on="position", how="left", maintain_order="left")
    return Labels(
        kinds=pl.Series(exact_sums(_positions(counts), n)),
        top=top["label"],
        top_count=top["count"].fill_null(0),
        entropy=_entropy(counts, n),
    )


def _entropy(counts: pl.DataFrame, n: int) -> pl.Series:
    """−Σ p ln p, added from the largest share to the smallest: bincount adds in the order of the rows."""
    positions, count = _positions(counts), counts["count"].to_numpy()
    total = exact_sums(positions, n, count)
    share = pl.Series(count / total[positions])
    surprise = (share * share.log()).to_numpy()
    # 0 − x, not −x: the entropy of one label is a plain 0.
    sums = 0.0 - np.bincount(positions, weights=surprise, minlength=n)
    return pl.select(pl.when(pl.Series(total > 0)).then(pl.Series(sums))).to_series()
