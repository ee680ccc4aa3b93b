"""Maps from a model's probability to an observed frequency; kept only where it helps on rows it was not fitted on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.evaluation import log_loss

__all__ = ["Calibration", "choose", "fit"]

Vector = NDArray[np.float64]
Method = Literal["none", "platt", "beta", "isotonic"]
METHODS: tuple[Method, ...] = ("platt", "beta", "isotonic")
FOLDS = 5
EDGE = 1e-6


@dataclass(frozen=True)
class Calibration:
    """platt (Platt 1999): logit(p) a + c. beta (Kull 2017): ln(p) a − ln(1 − p) b + c. isotonic: between knots."""

    method: Method
    a: float = 1.0
    b: float = 1.0
    c: float = 0.0
    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()

    def apply(self, probability: Vector) -> Vector:
        """Calibrated probabilities, rising with the given ones."""
        if self.method == "none":
            return probability
        if self.method == "isotonic":
            return np.interp(probability, self.xs, self.ys)
        inside = np.clip(probability, EDGE, 1 - EDGE)
        return 1 / (1 + np.exp(-(self.a * np.log(inside) - self.b * np.log1p(-inside) + self.c)))

    def document(self) -> dict[str, Any]:
        return {"method": self.method, "a": self.a, "b": self.b, "c": self.c, "xs": [*self.xs], "ys": [*self.ys]}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Calibration":
        return cls(**{**document, "xs": tuple(document["xs"]), "ys": tuple(document["ys"])})


def fit(*, method: Method, probability: Vector, churned: NDArray[np.bool_]) -> Calibration:
    """Fit one map; a map that would turn the order round, or one class only, gives none."""
    from sklearn.linear_model import LogisticRegression  # it takes a second to come, and pages do without

    if method == "none" or churned.all() or not churned.any():
        return Calibration("none")
    if method == "isotonic":
        return _isotonic(probability, churned)
    inside = np.clip(probability, EDGE, 1 - EDGE)
    columns = [np.log(inside), -np.log1p(-inside)]
    design = np.column_stack(columns) if method == "beta" else (columns[0] + columns[1])[:, None]
    fitted = LogisticRegression(C=1e6, max_iter=500).fit(design, churned)
    slopes = [float(slope) for slope in fitted.coef_[0]]
    if min(slopes) < 0:
        return Calibration("none")
    return Calibration(method, a=slopes[0], b=slopes[-1], c=float(fitted.intercept_[0]))


def choose(
    *, probability: Vector, churned: NDArray[np.bool_], customers: NDArray[np.int64]
) -> tuple[Calibration, dict[str, float]]:
    """The map with the least log loss over folds of customers, and each one's loss; `none` unless one is better."""
    folds = np.unique(customers, return_inverse=True)[1] % FOLDS
    losses = {"none": log_loss(probability=probability, churned=churned)}
    for method in METHODS:
        losses[method] = log_loss(probability=_out_of_fold(method, probability, churned, folds), churned=churned)
    best: Method = min(("none", *METHODS), key=lambda name: losses[name])
    return fit(method=best, probability=probability, churned=churned), losses


def _out_of_fold(method: Method, probability: Vector, churned: NDArray[np.bool_], folds: NDArray[np.int64]) -> Vector:
    mapped = probability.copy()
    for fold in np.unique(folds):
        inside = folds == fold
        if (~inside).any():
            fitted = fit(method=method, probability=probability[~inside], churned=churned[~inside])
            mapped[inside] = fitted.apply(probability[inside])
    return mapped


def _isotonic(probability: Vector, churned: NDArray[np.bool_]) -> Calibration:
    from sklearn.isotonic import IsotonicRegression  # as above

    fitted = IsotonicRegression(y_min=1e-4, y_max=1 - 1e-4, out_of_bounds="clip").fit(probability, churned)
    return Calibration(
        "isotonic",
        xs=tuple(float(x) for x in fitted.X_thresholds_),
        ys=tuple(float(y) for y in fitted.y_thresholds_),
    )
