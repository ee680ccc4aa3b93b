"""Formulas that several features share, over exact whole numbers.

Sums and products of cents run in 128 bits; only the last step makes a float, so equal facts give equal bits.
"""

from collections.abc import Sequence

import polars as pl

from predictions.features.core import BUCKETS, WEEKS, Window
from predictions.features.terms import Daily, constant

CENTS = 100


def exact(term: pl.Expr) -> pl.Expr:
    """A whole number in 128 bits, for products of cents."""
    return term.cast(pl.Int128)


def ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole; null where the whole is 0 or null."""
    return pl.when(whole != 0).then(part.cast(pl.Float64) / whole.cast(pl.Float64))


def money(cents: pl.Expr) -> pl.Expr:
    """Cents as an amount."""
    return over(cents, CENTS)


def over(value: pl.Expr, divisor: int) -> pl.Expr:
    """value / divisor, correctly rounded."""
    return value.cast(pl.Float64) / constant(divisor).cast(pl.Float64)


def change(now: pl.Expr, before: pl.Expr) -> pl.Expr:
    """(now − before) / (now + before), within [−1, 1]; 0 where both are 0."""
    now, before = exact(now), exact(before)
    return pl.when((now + before) == 0).then(0.0).otherwise(ratio(now - before, now + before))


def spread(n: pl.Expr, total: pl.Expr, squares: pl.Expr) -> pl.Expr:
    """n times the population standard deviation: √(n·Σx² − (Σx)²), exactly 0 for equal values."""
    n, total, squares = exact(n), exact(total), exact(squares)
    return (n * squares - total * total).cast(pl.Float64).sqrt()


def slope(daily: Daily) -> pl.Expr:
    """Ten times the least-squares slope a bucket of W, a whole number: −3·q0 − q1 + q2 + 3·q3."""
    q0, q1, q2, q3 = (daily.total(bucket) for bucket in BUCKETS)
    return 3 * (q3 - q0) + (q2 - q1)


def log_decline(daily: Daily) -> pl.Expr:
    """Minus the least-squares slope a bucket of W of ln(1 + total); exactly 0 where the buckets mirror each other."""
    q0, q1, q2, q3 = (log1p(daily.total(bucket)) for bucket in BUCKETS)
    return over(1.5 * (q0 - q3) + 0.5 * (q1 - q2), 5)


def log1p(count: pl.Expr) -> pl.Expr:
    """ln(1 + count)."""
    return (count + 1).cast(pl.Float64).log()


def weekly_variation(daily: Daily) -> pl.Expr:
    """Standard deviation / mean over weeks 1 to 8, a week with none counting 0; null where the mean is 0."""
    weeks = [exact(daily.total(week)) for week in WEEKS]
    total = _sum(weeks)
    return ratio(spread(pl.lit(len(weeks)), total, _sum([week * week for week in weeks])), total)


def steps(value: pl.Expr, bounds: Sequence[tuple[bool | pl.Expr, int]], otherwise: int) -> pl.Expr:
    """The score of the first condition that holds; `otherwise` where none does or the value is null."""
    scores = [pl.when(condition & value.is_not_null()).then(score) for condition, score in bounds]
    return pl.coalesce(*scores, pl.lit(otherwise))


def _sum(terms: Sequence[pl.Expr]) -> pl.Expr:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def fading_sum(daily: Daily, *, days: int, half_life: int) -> pl.Expr:
    """Σ daily · 2^(−(age − 1)/half_life) over ages 1 to `days`, always added oldest first."""
    weighted = [daily.total(Window(age, age)) * 2.0 ** (-(age - 1) / half_life) for age in range(days, 0, -1)]
    return _sum(weighted)
