"""Intervals of the figures of a study: normal, around the figure, with its standard error."""

import numpy as np

from experiments.stats.tails import normal_quantile
from experiments.uplift.document import Estimate
from experiments.uplift.trial import Vector

__all__ = ["from_draws", "half_width", "of_mean"]


def half_width(*, error: float, level: float) -> float:
    """How far the ends lie from the figure; `error` is its standard error."""
    return normal_quantile((1 - level) / 2) * error


def from_draws(value: float, draws: Vector, *, level: float) -> Estimate:
    """With the standard error of the bootstrap (Efron 1993, ch. 12.6): ends at any level from a few hundred draws."""
    half = half_width(error=float(draws.std(ddof=1)), level=level)
    return Estimate(value=float(value), low=float(value) - half, high=float(value) + half)


def of_mean(scores: Vector, *, level: float = 0.95) -> Estimate:
    """Of the mean of two or more scores."""
    half = half_width(error=float(scores.std(ddof=1) / np.sqrt(len(scores))), level=level)
    mean = float(scores.mean())
    return Estimate(value=mean, low=mean - half, high=mean + half)
