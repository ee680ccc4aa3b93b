"""The examination: fitted candidates on weeks that nobody has seen, for customers seen and unseen."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from predictions.modelling.contest import Entry
from predictions.modelling.evaluation import Measured, evaluate, gain_by_decile
from predictions.modelling.rows import Rows

__all__ = ["Examined", "curves", "examine", "thinned"]

Vector = NDArray[np.float64]
MOST_ROWS = 60_000
POINTS = 101


@dataclass(frozen=True)
class Examined:
    """A candidate's measures on all test rows, and on customers seen and unseen before."""

    everyone: Measured
    seen: Measured
    unseen: Measured
    gain: list[float]

    def document(self) -> dict[str, Any]:
        """JSON: each measure {"value", "low", "high"}; the groups nested under "seen" and "unseen"."""
        return {
            **_group(self.everyone),
            "gain_by_decile": self.gain,
            "seen": _group(self.seen),
            "unseen": _group(self.unseen),
        }


def thinned(rows: Rows, *, seed: int) -> Rows:
    """All test rows, or of a large shop those of as many customers as make about 60,000."""
    if len(rows) <= MOST_ROWS:
        return rows
    customers = np.unique(rows.customers)
    share = int(len(customers) * MOST_ROWS / len(rows))
    drawn = np.random.default_rng(seed).choice(customers, size=share, replace=False)
    return rows.where(np.isin(rows.customers, drawn))


def examine(*, entry: Entry, test: Rows, is_seen: NDArray[np.bool_], seed: int) -> Examined:
    """Measure one candidate on the test rows."""
    probability = entry.probability(test)
    everyone, seen, unseen = (
        evaluate(
            probability=probability[chosen],
            churned=test.churned[chosen],
            customers=test.customers[chosen],
            threshold=entry.threshold,
            seed=seed,
        )
        for chosen in (np.ones(len(test), dtype=np.bool_), is_seen, ~is_seen)
    )
    return Examined(everyone, seen, unseen, gain_by_decile(probability=probability, churned=test.churned))


def curves(*, probability: Vector, churned: NDArray[np.bool_]) -> dict[str, Any]:
    """ROC, precision and recall, reliability and gain, each in at most 101 points; empty for one class."""
    if not churned.any() or churned.all():
        return {}
    false_rate, true_rate, _ = roc_curve(churned, probability)
    precision, recall, _ = precision_recall_curve(churned, probability)
    return {
        "roc": {"x": _points(false_rate), "y": _points(true_rate)},
        "precision_recall": {"x": _points(recall[::-1]), "y": _points(precision[::-1])},
        "calibration": _reliability(probability, churned),
        "gain": {
            "x": [tenth / 10 for tenth in range(11)],
            "y": [0.0, *gain_by_decile(probability=probability, churned=churned)],
        },
    }


def _reliability(probability: Vector, churned: NDArray[np.bool_]) -> dict[str, list[float]]:
    """Mean probability, churn rate and rows of each tenth of the probability scale that has rows."""
    bins = np.minimum((probability * 10).astype(np.int64), 9)
    n = np.bincount(bins, minlength=10)
    used = n > 0
    told = np.bincount(bins, probability, minlength=10)[used] / n[used]
    came = np.bincount(bins, churned.astype(np.float64), minlength=10)[used] / n[used]
    return {"x": told.round(6).tolist(), "y": came.round(6).tolist(), "n": n[used].tolist()}


def _points(values: Vector) -> list[float]:
    places = np.unique(np.linspace(0, len(values) - 1, POINTS).round().astype(np.int64))
    return [float(value) for value in np.round(values[places], 6)]


def _group(measured: Measured) -> dict[str, Any]:
    shown = {
        name: {"value": interval.value, "low": interval.low, "high": interval.high}
        for name, interval in measured.measures.items()
    }
    return {**shown, "n_rows": measured.n_rows, "n_customers": measured.n_customers, "reason": measured.reason}
