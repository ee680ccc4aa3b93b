"""The Qini curve: how much is gained by treating the first share of the customers in some order.

Radcliffe 2007 (Using Control Groups to Target on Predicted Lift) draws the extra outcomes among the treated of the
first customers, R_t − R_c · N_t / N_c, against how many they are. Here the curve is G(φ), the sum of the scores Γ of
those within the first share φ divided by the number of all: the same curve per customer, without the ratio of two
counts that both vary. Its area above the straight line from (0, 0) to (1, G(1)), which is what treating at random
gains, is the Qini area (Yadlowsky et al. 2021). Every fold is ranked by itself, since models of different folds have
different levels; equal priorities are taken in proportion.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.uplift.trial import Vector
from predictions.modelling.evaluation import resampled

__all__ = ["GRID", "Order", "Resampled", "replicates"]

GRID: Vector = np.linspace(0, 1, 21)


class Order:
    """Customers by falling priority within their fold; what they gain for any weights of theirs."""

    def __init__(self, *, priority: Vector, scores: Vector, folds: NDArray[np.int64]) -> None:
        self._scores = scores
        self._folds = [_Fold(np.flatnonzero(folds == fold), priority) for fold in np.unique(folds)]

    def measured(self, weights: Vector | None = None, grid: Vector = GRID) -> tuple[float, Vector]:
        """The Qini area, and G at each share of the grid; both in the unit of the scores.

        Folds weigh as many customers as they have, whatever the weights.
        """
        given = np.ones(len(self._scores)) if weights is None else weights
        gains = [fold.gains(self._scores, given) for fold in self._folds]
        areas = [_area(share, gain) for share, gain in gains]
        curves = [np.interp(grid, share, gain) for share, gain in gains]
        return float(np.average(areas, weights=self._sizes)), np.average(curves, axis=0, weights=self._sizes)

    @property
    def _sizes(self) -> list[int]:
        return [len(fold.order) for fold in self._folds]


class _Fold:
    def __init__(self, places: NDArray[np.int64], priority: Vector) -> None:
        self.order = places[np.argsort(-priority[places], kind="stable")]
        ranked = priority[self.order]
        self.starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])

    def gains(self, scores: Vector, weights: Vector) -> tuple[Vector, Vector]:
        """The share of the fold and G at the end of each group of equal priority, from (0, 0) on."""
        weight = weights[self.order]
        total = weight.sum()
        share = np.add.reduceat(weight, self.starts) / total
        gain = np.add.reduceat(weight * scores[self.order], self.starts) / total
        return np.r_[0.0, np.cumsum(share)], np.r_[0.0, np.cumsum(gain)]


def _area(share: Vector, gain: Vector) -> float:
    return float(np.trapezoid(gain, share) - gain[-1] / 2)


@dataclass(frozen=True, kw_only=True)
class Resampled:
    """Areas (replicates,) and curves (replicates, grid) by the name of the order, on the same drawn customers."""

    areas: Mapping[str, Vector]
    curves: Mapping[str, Vector]


def replicates(
    orders: Mapping[str, Order], *, folds: NDArray[np.int64], n: int, seed: int, grid: Vector = GRID
) -> Resampled:
    """Customers drawn with replacement within their folds, n times (Efron 1993, ch. 6); models and scores stay."""
    random = np.random.default_rng(seed)
    places = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
    areas: dict[str, Vector] = {name: np.empty(n) for name in orders}
    curves: dict[str, Vector] = {name: np.empty((n, len(grid))) for name in orders}
    for at in range(n):
        weights = np.empty(len(folds))
        for members in places:
            weights[members] = resampled(random, len(members))
        for name, order in orders.items():
            areas[name][at], curves[name][at] = order.measured(weights, grid)
    return Resampled(areas=areas, curves=curves)
