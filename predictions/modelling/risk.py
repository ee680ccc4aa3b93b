"""Risk levels: the one place that turns a probability into a word."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["AT_RISK", "LEVELS", "risk_levels"]

LEVELS = ("low", "medium", "high", "critical")
AT_RISK = ("high", "critical")


def risk_levels(*, probability: NDArray[np.float64], bounds: Sequence[float]) -> list[str]:
    """The level of each probability at the six decimals that are stored; a bound belongs to the level above."""
    stored = np.rint(np.asarray(probability) * 1e6).astype(np.int64)
    edges = np.rint(np.asarray(bounds, dtype=np.float64) * 1e6).astype(np.int64)
    return [LEVELS[place] for place in np.searchsorted(edges, stored, side="right")]
