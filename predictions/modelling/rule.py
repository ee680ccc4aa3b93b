"""What scores while there is too little data for a model: a customer's purchases against its own past.

A customer who buys at a rate r a day buys nothing in h days with probability exp(−r·h) (Poisson). The rate is the mean
of that of the last 20 days and that of all 180; where there is no purchase at all, the days with activity stand in.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.encoding import Encoding, Matrix
from predictions.modelling.remarks import Remark, remark

__all__ = ["Rule", "missing_rows"]

Vector = NDArray[np.float64]
LEAST_ROWS = 200
LOWEST, HIGHEST = 0.02, 0.98
READS = ("transaction_count_20d", "lifetime_transaction_count", "active_days_20d", "customer_age_days")


def missing_rows(*, n_churned: int, n_retained: int, least: int = LEAST_ROWS) -> Remark | None:
    """What is missing for a model; None when nothing is."""
    if n_churned >= least and n_retained >= least:
        return None
    return remark("few_rows", least=least, n_churned=n_churned, n_retained=n_retained)


@dataclass(frozen=True)
class Rule:
    """Positions in the matrix of the four features that the rule reads."""

    n_features: int
    horizon_days: int
    recent: int
    past: int
    active: int
    age: int
    kind: str = "rule"

    @classmethod
    def over(cls, encoding: Encoding, *, horizon_days: int) -> "Rule":
        recent, past, active, age = (encoding.names.index(name) for name in READS)
        return cls(len(encoding.names), horizon_days, recent, past, active, age)

    def rates(self, matrix: Matrix) -> tuple[Vector, Vector]:
        """Half the daily rate of the last 20 days, and half that of the last 180."""
        age = np.maximum(np.nan_to_num(matrix[:, self.age].astype(np.float64)), 1.0)
        recent, past = matrix[:, self.recent].astype(np.float64), matrix[:, self.past].astype(np.float64)
        active = matrix[:, self.active].astype(np.float64)
        recent = np.where(past > 0, recent, active) / np.minimum(age, 20) / 2
        return recent, np.where(past > 0, past / np.minimum(age, 180) / 2, recent)

    def probability(self, matrix: Matrix) -> Vector:
        """Probability of churn for each row, within [0.02, 0.98]."""
        recent, past = self.rates(matrix)
        return np.clip(np.exp(-self.horizon_days * (recent + past)), LOWEST, HIGHEST)

    def log_odds(self, matrix: Matrix) -> Vector:
        inside = self.probability(matrix)
        return np.log(inside / (1 - inside))

    def contributions(self, matrix: Matrix) -> Vector:
        """(rows, features + 1) in log-odds: what the purchases say over even odds, shared by their two rates."""
        recent, past = self.rates(matrix)
        total = self.log_odds(matrix)
        share = np.divide(recent, recent + past, out=np.full_like(recent, 0.5), where=recent + past > 0)
        shares = np.zeros((len(matrix), self.n_features + 1))
        shares[:, self.recent] = total * share
        shares[:, self.past] = total * (1 - share)
        return shares

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Rule":
        return cls(**document)
