"""Rows to learn from: the encoded features of customers at as-of dates, and whether they churned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.encoding import Matrix

__all__ = ["Rows"]


@dataclass(frozen=True)
class Rows:
    """One row for each customer and as-of date; `days` are ordinals of the dates."""

    matrix: Matrix
    churned: NDArray[np.bool_]
    customers: NDArray[np.int64]
    days: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.churned)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Rows":
        """The rows of a mask, or at positions."""
        return Rows(self.matrix[chosen], self.churned[chosen], self.customers[chosen], self.days[chosen])

    def on(self, ordinals: set[int]) -> NDArray[np.bool_]:
        """Mask of the rows of these dates."""
        return np.isin(self.days, np.fromiter(ordinals, dtype=np.int32, count=len(ordinals)))

    def sample(self, *, most: int, seed: int) -> "Rows":
        """All rows, or `most` of them drawn evenly, in their order."""
        if len(self) <= most:
            return self
        drawn = np.random.default_rng(seed).choice(len(self), size=most, replace=False)
        return self.where(np.sort(drawn))

    def recency_weights(self, *, half_life_days: float | None) -> NDArray[np.float64] | None:
        """1 for the latest date, half as much for each half-life before it; None for equal weights."""
        if half_life_days is None:
            return None
        return np.asarray(0.5 ** ((self.days.max() - self.days) / half_life_days), dtype=np.float64)

    @property
    def n_churned(self) -> int:
        return int(self.churned.sum())

    @property
    def n_retained(self) -> int:
        return len(self) - self.n_churned
