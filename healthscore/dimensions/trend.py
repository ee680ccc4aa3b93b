"""Where a score is going: how it changed, and where it will be if it goes on like that."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from healthscore.dimensions.configuration import Configuration
from healthscore.dimensions.engine import SCALE, at_least

__all__ = ["NONE", "direction", "forecast", "theil_sen"]

NONE = -1
IMPROVING, STABLE, DECLINING = "improving", "stable", "declining"
_CHUNK = 64

Scores = NDArray[np.int16]
Values = NDArray[np.float64]


def direction(change: pl.Expr, configuration: Configuration) -> pl.Expr:
    """Of a change in ten-thousandths; stable also where there is none to tell."""
    bound = configuration.document["trend"]["threshold"]
    least = at_least(bound) + (1 if at_least(bound) == round(bound * SCALE, 6) else 0)
    return (
        pl.when(change >= least)
        .then(pl.lit(IMPROVING))
        .when(change <= -least)
        .then(pl.lit(DECLINING))
        .otherwise(pl.lit(STABLE))
    )


def forecast(*, days: Sequence[int], scores: Scores, configuration: Configuration) -> Values:
    """The score some days on, in ten-thousandths within 0 to 1, for each row of `scores` (NONE marks a day without).

    `days` are ordinals, rising, and the last is today; NaN where today or too many of the days before have no score.
    """
    trend = configuration.document["trend"]
    result = np.full(len(scores), np.nan)
    enough = ((scores != NONE).sum(axis=1) >= trend["least_scores"]) & (scores[:, -1] != NONE)
    slopes = theil_sen(days=days, scores=scores[enough])
    result[enough] = np.clip(scores[enough, -1] + trend["forecast_days"] * slopes, 0, SCALE)
    return result


def theil_sen(*, days: Sequence[int], scores: Scores) -> Values:
    """The median of the slopes a day between every two days of each row; NaN for rows with fewer than two scores.

    Sen (1968), Estimates of the regression coefficient based on Kendall's tau. Rows with scores on the same days go
    together, in chunks that stay near the processor: the pairs are many.
    """
    result = np.full(len(scores), np.nan)
    ordinals = np.asarray(days, dtype=np.float64)
    is_there = scores != NONE
    for rows in _alike(is_there):
        has = is_there[rows[0]]
        for start in range(0, len(rows) if has.sum() > 1 else 0, _CHUNK):
            chunk = rows[start : start + _CHUNK]
            result[chunk] = _medians(ordinals[has], scores[np.ix_(chunk, has)].astype(np.float64))
    return result


def _alike(rows: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
    """The numbers of the rows that are equal, a group at a time; rows are compared as the bytes of their bits."""
    bits = np.ascontiguousarray(np.packbits(rows, axis=1))
    _kinds, which = np.unique(bits.view(f"V{bits.shape[1]}").ravel(), return_inverse=True)
    order = np.argsort(which, kind="stable")
    yield from (group for group in np.split(order, np.flatnonzero(np.diff(which[order])) + 1) if len(group))


def _medians(days: Values, values: Values) -> Values:
    """The median slope of each row; pairs a step apart lie beside each other, so each step is one subtraction."""
    n = len(days)
    slopes = np.empty((len(values), n * (n - 1) // 2))
    end = 0
    for step in range(1, n):
        start, end = end, end + n - step
        np.subtract(values[:, step:], values[:, :-step], out=slopes[:, start:end])
        slopes[:, start:end] /= days[step:] - days[:-step]
    middle = end // 2
    slopes.partition(middle, axis=1)  # by one place only: by two it takes five times as long
    upper = slopes[:, middle]
    return upper if end % 2 else (slopes[:, :middle].max(axis=1) + upper) / 2
