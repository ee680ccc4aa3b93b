"""The customer × day table: what was counted on each local day of the history, and the terms read off it.

A table holds one row for each age (1 to 180) and one column for each customer, so that every step below is one
operation over all customers, and nothing loops over them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from predictions.features.core import HISTORY_DAYS
from predictions.features.terms import Term

Ints = npt.NDArray[np.int64]
_LOW_BITS = 32


def exact_sums(positions: Ints, size: int, values: Ints | None = None) -> Ints:
    """The sum of `values` (1 each where None) at each position, exact below 2⁶³.

    bincount adds doubles: each half of a value stays far below 2⁵³, so both sums are whole numbers without loss.
    """
    if values is None:
        return np.bincount(positions, minlength=size)
    low = np.bincount(positions, weights=values & (2**_LOW_BITS - 1), minlength=size)
    high = np.bincount(positions, weights=values >> _LOW_BITS, minlength=size)
    sums: Ints = low.astype(np.int64) + (high.astype(np.int64) << _LOW_BITS)
    return sums


@dataclass(frozen=True)
class Pauses:
    """Gaps between consecutive days with any, for each customer: how many, their sum, squares, and the long ones."""

    gaps: Ints
    gap_sum: Ints
    gap_squares: Ints
    long_gaps: Ints


@dataclass(frozen=True)
class DayTable:
    """Whole numbers by age (rows, age 1 first) and customer (columns)."""

    values: Ints

    @classmethod
    def of(cls, *, customers: Ints, ages: Ints, n_customers: int, values: Ints | None = None) -> "DayTable":
        """Count the events, or add their values, by age and position of the customer."""
        positions = (ages - 1) * n_customers + customers
        sums = exact_sums(positions, HISTORY_DAYS * n_customers, values)
        return cls(sums.reshape(HISTORY_DAYS, n_customers))

    def plus(self, other: "DayTable") -> "DayTable":
        return DayTable(self.values + other.values)

    @cached_property
    def present(self) -> npt.NDArray[np.bool_]:
        return self.values > 0

    @cached_property
    def pauses(self) -> Pauses:
        """Walk from yesterday into the past, keeping each customer's last seen age."""
        n = self.values.shape[1]
        last, count, total, squares, long = (np.zeros(n, np.int64) for _ in range(5))
        for age, present in enumerate(self.present, start=1):
            gap = np.where(present & (last > 0), age - last, 0)
            count += gap > 0
            total += gap
            squares += gap * gap
            long += gap > 7
            last[present] = age
        return Pauses(gaps=count, gap_sum=total, gap_squares=squares, long_gaps=long)

    def read(self, term: Term) -> pl.Series:
        """The term for each customer."""
        if term.how in _OF_PAUSES:
            return pl.Series(term.name, getattr(self.pauses, term.how))
        return _OF_WINDOW[term.how](self, term).alias(term.name)

    def _total(self, term: Term) -> pl.Series:
        return pl.Series(self.values[_ages(term)].sum(axis=0, dtype=np.int64))

    def _days(self, term: Term) -> pl.Series:
        return pl.Series(self.present[_ages(term)].sum(axis=0, dtype=np.int64))

    def _latest(self, term: Term) -> pl.Series:
        present = self.present[_ages(term)]
        return _or_null(present.argmax(axis=0) + term.window.first, np.any(present, axis=0))

    def _first(self, term: Term) -> pl.Series:
        present = self.present[_ages(term)]
        return _or_null(term.window.last - present[::-1].argmax(axis=0), np.any(present, axis=0))

    def _weeks(self, term: Term) -> pl.Series:
        starts = np.arange(0, HISTORY_DAYS, 7)
        return pl.Series(np.logical_or.reduceat(self.present, starts, axis=0).sum(axis=0, dtype=np.int64))


def _ages(term: Term) -> slice:
    return slice(term.window.first - 1, term.window.last)


def _or_null(ages: Ints, is_known: npt.NDArray[np.bool_]) -> pl.Series:
    return pl.Series(np.where(is_known, ages, 0).astype(np.int64)).replace(0, None)


_OF_PAUSES = frozenset(Pauses.__dataclass_fields__)
_OF_WINDOW: Mapping[str, Callable[[DayTable, Term], pl.Series]] = {
    "total": DayTable._total,
    "days": DayTable._days,
    "latest": DayTable._latest,
    "first": DayTable._first,
    "weeks": DayTable._weeks,
}
