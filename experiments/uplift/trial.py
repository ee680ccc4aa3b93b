"""A finished experiment as arrays: one treated arm beside the control group, and its cut into folds."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.encoding import Matrix

__all__ = ["FOLDS", "Flags", "Trial", "Vector", "folds_of"]

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]
FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Customers of one treated arm and of the control group.

    `matrix` holds the features at assignment; `outcome` has more for better: 1 for a customer who stayed, or an amount.
    `propensity` is the arm's share of the two shares. `risk` orders customers as treating by risk would, highest first;
    None where nothing of the kind was known before.
    """

    matrix: Matrix
    outcome: Vector
    treated: Flags
    folds: NDArray[np.int64]
    propensity: float
    risk: Vector | None = None

    def __len__(self) -> int:
        return len(self.outcome)

    def where(self, chosen: Flags) -> "Trial":
        """Some of the customers."""
        return replace(
            self,
            matrix=self.matrix[chosen],
            outcome=self.outcome[chosen],
            treated=self.treated[chosen],
            folds=self.folds[chosen],
            risk=None if self.risk is None else self.risk[chosen],
        )

    @property
    def is_binary(self) -> bool:
        return bool(np.isin(self.outcome, (0.0, 1.0)).all())


def folds_of(customers: Sequence[str], *, seed: str = "uplift", n: int = FOLDS) -> NDArray[np.int64]:
    """A fold from 0 to n − 1 by a hash of the customer: the same whatever the order of the rows."""
    return np.fromiter((_fold(seed, customer, n) for customer in customers), dtype=np.int64, count=len(customers))


def _fold(seed: str, customer: str, n: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{customer}".encode()).digest()[:8], "big") % n
