"""Logistic regression as a table of coefficients: medians for what is missing, logarithms for what is skewed.

Each feature becomes one or more columns: the value (missing → median; signed log1p where declared; standardised), a
column that says that it was missing, or one column a label. A feature's contribution is the sum over its columns of
coefficient times distance from the training mean, in log-odds; with the intercept they sum to the raw score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.encoding import Encoding, Matrix

__all__ = ["Linear", "fit_linear"]

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """One column of the design: of which feature, how made, its training mean and scale, and its coefficient."""

    feature: int
    how: str  # "value", "log", "missing", "label"
    label: float = 0.0
    median: float = 0.0
    mean: float = 0.0
    scale: float = 1.0
    coefficient: float = 0.0

    def values(self, matrix: Matrix) -> Vector:
        """The standardised column for the rows of `matrix`."""
        values: Vector = (self.raw(matrix) - self.mean) / self.scale
        return values

    def raw(self, matrix: Matrix) -> Vector:
        given = matrix[:, self.feature].astype(np.float64)
        if self.how == "missing":
            return np.isnan(given).astype(np.float64)
        if self.how == "label":
            return np.asarray(given == self.label, dtype=np.float64)
        filled = np.where(np.isnan(given), self.median, given)
        if self.how == "log":
            filled = np.sign(filled) * np.log1p(np.abs(filled))
        return np.asarray(filled, dtype=np.float64)


@dataclass(frozen=True)
class Linear:
    """A fitted logistic regression over the encoded features."""

    n_features: int
    intercept: float
    columns: tuple[Column, ...]
    kind: str = "logistic_regression"

    def log_odds(self, matrix: Matrix) -> Vector:
        total = np.full(len(matrix), self.intercept)
        for column in self.columns:
            total += column.coefficient * column.values(matrix)
        return total

    def probability(self, matrix: Matrix) -> Vector:
        """Probability of churn for each row."""
        return 1 / (1 + np.exp(-self.log_odds(matrix)))

    def contributions(self, matrix: Matrix) -> Vector:
        """(rows, features + 1) in log-odds; the last column is the intercept."""
        shares = np.zeros((len(matrix), self.n_features + 1))
        for column in self.columns:
            shares[:, column.feature] += column.coefficient * column.values(matrix)
        shares[:, -1] = self.intercept
        return shares

    def document(self) -> dict[str, Any]:
        return asdict(self) | {"columns": [asdict(column) for column in self.columns]}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Linear":
        columns = tuple(Column(**column) for column in document["columns"])
        return cls(**{**document, "columns": columns})


def fit_linear(
    *,
    matrix: Matrix,
    churned: NDArray[np.bool_],
    encoding: Encoding,
    features: Sequence[str] | None = None,
    weights: Vector | None = None,
    penalty: float = 20.0,
    kind: str = "logistic_regression",
) -> Linear:
    """L2-penalised logistic regression on all features, or on `features`; `penalty` is 1 / C."""
    from sklearn.linear_model import LogisticRegression  # it takes a second to come, and pages do without

    chosen = set(features or encoding.names)
    columns = [
        column
        for position, name in enumerate(encoding.names)
        if name in chosen
        for column in _columns(matrix[:, position], position, len(encoding.categories.get(name, ())))
    ]
    design = np.column_stack([column.values(matrix) for column in columns]) if columns else np.zeros((len(matrix), 1))
    fitted = LogisticRegression(C=1 / penalty, max_iter=300, tol=1e-5).fit(design, churned, sample_weight=weights)
    return Linear(
        n_features=len(encoding.names),
        intercept=float(fitted.intercept_[0]),
        columns=tuple(
            Column(**{**asdict(column), "coefficient": float(coefficient)})
            for column, coefficient in zip(columns, fitted.coef_[0], strict=False)
        ),
        kind=kind,
    )


def _columns(given: Matrix, position: int, n_labels: int) -> list[Column]:
    missing = np.isnan(given)
    if n_labels:
        made = [Column(position, "label", label=float(code)) for code in range(n_labels)]
    else:
        known = given[~missing].astype(np.float64)
        median = float(np.median(known)) if len(known) else 0.0
        made = [Column(position, "log" if _is_skewed(known) else "value", median=median)]
    if missing.any():
        made.append(Column(position, "missing"))
    standardised = [_standardised(column, given) for column in made]
    return [column for column in standardised if column.scale > 0]


def _is_skewed(known: Vector) -> bool:
    """Whether the largest values lie so far out that a logarithm serves a straight line better."""
    if not len(known):
        return False
    middle, high = np.quantile(np.abs(known), [0.5, 0.99])
    return bool(high > 4 * max(middle, 1.0))


def _standardised(column: Column, given: Matrix) -> Column:
    alone = np.full((len(given), column.feature + 1), np.nan, dtype=np.float32)
    alone[:, column.feature] = given
    raw = column.raw(alone)
    return Column(**{**asdict(column), "mean": float(raw.mean()), "scale": float(raw.std())})
