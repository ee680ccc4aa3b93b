"""The mean of models in log-odds; its contributions are the same mean of theirs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.encoding import Matrix
from predictions.modelling.linear import Linear
from predictions.modelling.rule import Rule
from predictions.modelling.trees import Trees

__all__ = ["Blend", "Model"]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Blend:
    """Models whose sum is log-odds, each with a weight; the weights sum to 1."""

    members: tuple[tuple[float, Trees | Linear], ...]
    kind: str = "blend"

    def log_odds(self, matrix: Matrix) -> Vector:
        return np.asarray(np.sum([weight * member.log_odds(matrix) for weight, member in self.members], axis=0))

    def probability(self, matrix: Matrix) -> Vector:
        """Probability of churn for each row."""
        return 1 / (1 + np.exp(-self.log_odds(matrix)))

    def contributions(self, matrix: Matrix) -> Vector:
        """(rows, features + 1) in log-odds; the last column is the mean."""
        return np.asarray(np.sum([weight * member.contributions(matrix) for weight, member in self.members], axis=0))


Model = Trees | Linear | Blend | Rule
