"""How good probabilities are: each measure for weighted rows, so that a bootstrap is the same sum with other weights.

The order and the groups of equal probabilities are worked out once; a resample of customers only changes weights.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.remarks import Remark, remark

__all__ = ["MEASURES", "Interval", "Measured", "Ranked", "ece", "evaluate", "gain_by_decile", "log_loss", "roc_auc"]

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]
EDGE = 1e-15
N_BINS = 10
REPLICATES = 200


class Ranked:
    """Rows by falling probability, with the bounds of groups of equal ones."""

    def __init__(self, *, probability: Vector, churned: Flags, threshold: float = 0.5) -> None:
        self.order = np.argsort(-probability, kind="stable")
        self.probability = np.asarray(probability, dtype=np.float64)[self.order]
        self.churned = np.asarray(churned, dtype=np.float64)[self.order]
        self.starts = np.flatnonzero(np.r_[True, np.diff(self.probability) != 0]) if len(probability) else np.array([0])
        inside = np.clip(self.probability, EDGE, 1 - EDGE)
        self.loss = -np.where(self.churned > 0, np.log(inside), np.log1p(-inside))
        self.error = (self.probability - self.churned) ** 2
        self.is_right = ((self.probability >= threshold) == (self.churned > 0)).astype(np.float64)
        self.bins = np.minimum((np.clip(self.probability, 0, 1) * N_BINS).astype(np.int64), N_BINS - 1)

    def grouped(self, weights: Vector) -> tuple[Vector, Vector]:
        """Weight of churned and of retained rows in each group of equal probability."""
        churned = np.add.reduceat(weights * self.churned, self.starts)
        return churned, np.add.reduceat(weights, self.starts) - churned


def _roc_auc(ranked: Ranked, weights: Vector) -> float:
    """Chance that a churned row ranks above a retained one, ties counting half (Hanley & McNeil 1982)."""
    churned, retained = ranked.grouped(weights)
    above = np.cumsum(churned) - churned / 2
    return float((retained * above).sum() / (churned.sum() * retained.sum()))


def _pr_auc(ranked: Ranked, weights: Vector) -> float:
    """Average precision: precision at each distinct threshold, weighted by the recall it adds."""
    churned, retained = ranked.grouped(weights)
    reached = np.cumsum(churned)
    total = reached + np.cumsum(retained)
    precision = np.divide(reached, total, out=np.zeros_like(reached), where=total > 0)
    return float((precision * churned).sum() / churned.sum())


def _mean(values: Vector, weights: Vector) -> float:
    return float((values * weights).sum() / weights.sum())


def _gaps(ranked: Ranked, weights: Vector) -> Vector:
    """Mean probability less churn rate of each bin, times the bin's share of the rows."""
    sums = np.bincount(ranked.bins, weights * (ranked.probability - ranked.churned), minlength=N_BINS)
    return np.asarray(sums / weights.sum())


def _ece(ranked: Ranked, weights: Vector) -> float:
    """Expected calibration error over ten bins of equal width (Naeini 2015)."""
    return float(np.abs(_gaps(ranked, weights)).sum())


def _ece_by_chance(ranked: Ranked, weights: Vector) -> float:
    """What a resample moves the bins' gaps by: the error that chance alone would give to a calibrated model."""
    whole = _gaps(ranked, np.ones(len(weights)))
    return float(np.abs(_gaps(ranked, weights) - whole).sum())


def _captured(ranked: Ranked, weights: Vector, share: float) -> float:
    """Share of the churned among the top `share` of the rows; equal probabilities are taken in proportion."""
    churned, retained = ranked.grouped(weights)
    rows = np.r_[0.0, np.cumsum(churned + retained)]
    caught = np.r_[0.0, np.cumsum(churned)]
    return float(np.interp(share * rows[-1], rows, caught) / caught[-1])


def _lift_top_decile(ranked: Ranked, weights: Vector) -> float:
    return _captured(ranked, weights, 0.1) / 0.1


MEASURES: dict[str, Callable[[Ranked, Vector], float]] = {
    "roc_auc": _roc_auc,
    "pr_auc": _pr_auc,
    "log_loss": lambda ranked, weights: _mean(ranked.loss, weights),
    "brier": lambda ranked, weights: _mean(ranked.error, weights),
    "ece": _ece,
    "lift_top_decile": _lift_top_decile,
    "base_rate": lambda ranked, weights: _mean(ranked.churned, weights),
    "accuracy": lambda ranked, weights: _mean(ranked.is_right, weights),
}
CHANCE = "ece_by_chance"
NEEDS_BOTH = {"roc_auc", "pr_auc", "lift_top_decile"}


@dataclass(frozen=True)
class Interval:
    """A measure with its 95 % interval over customers; None where the rows hold one class only."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Measured:
    """Every measure of one model on one set of rows; `reason` says why one is None."""

    measures: dict[str, Interval]
    n_rows: int
    n_customers: int
    reason: Remark | None = None

    def values(self) -> dict[str, float | None]:
        return {name: interval.value for name, interval in self.measures.items()}


def evaluate(
    *,
    probability: Vector,
    churned: Flags,
    customers: NDArray[np.int64],
    threshold: float = 0.5,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Measured:
    """Every measure with an interval from resampling customers with all their rows: percentiles (Efron 1993, ch. 13).

    Only the calibration error has another, see `_ece_interval`.
    """
    if not len(churned):
        return Measured({name: Interval(None) for name in MEASURES}, 0, 0, remark("no_rows"))
    ranked = Ranked(probability=probability, churned=churned, threshold=threshold)
    is_mixed = bool(churned.any() and not churned.all())
    wanted = {name: measure for name, measure in MEASURES.items() if is_mixed or name not in NEEDS_BOTH}
    drawing = {**wanted, CHANCE: _ece_by_chance}
    everyone, places = np.unique(customers, return_inverse=True)
    drawn = _replicates(ranked, drawing, places[ranked.order], len(everyone), replicates, seed)
    whole = np.ones(len(churned))
    measures = {
        name: _interval(wanted[name](ranked, whole), drawn[name]) if name in wanted else Interval(None)
        for name in MEASURES
    }
    measures["ece"] = _ece_interval(_ece(ranked, whole), drawn["ece"], drawn[CHANCE])
    return Measured(measures, len(churned), len(everyone), None if is_mixed else remark("one_class"))


def _replicates(
    ranked: Ranked,
    wanted: dict[str, Callable[[Ranked, Vector], float]],
    places: NDArray[np.int64],
    n_customers: int,
    replicates: int,
    seed: int,
) -> dict[str, list[float]]:
    random = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in wanted}
    for _ in range(replicates):
        weights = resampled(random, n_customers)[places]
        mixed = bool((weights * ranked.churned).any() and (weights * (1 - ranked.churned)).any())
        for name, measure in wanted.items():
            if weights.any() and (mixed or name not in NEEDS_BOTH):
                drawn[name].append(measure(ranked, weights))
    return drawn


def resampled(random: np.random.Generator, n_customers: int) -> Vector:
    """How often each customer is drawn when as many as there are are drawn with replacement."""
    return np.bincount(random.integers(0, n_customers, n_customers), minlength=n_customers).astype(np.float64)


def _interval(value: float, drawn: list[float]) -> Interval:
    if not drawn:
        return Interval(value)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _ece_interval(value: float, drawn: list[float], by_chance: list[float]) -> Interval:
    """The basic bootstrap interval (Davison & Hinkley 1997, ch. 5), with 0 in it where chance explains the error.

    A sum of absolute gaps is too large by chance (Roelofs 2022, Mitigating Bias in Calibration Error Estimation), and
    that of a resample is so twice over: percentiles can all lie above the value. The basic interval mirrors them at the
    value; it is cut at 0 and reaches up to the value itself at least.
    """
    if not drawn:
        return Interval(value)
    low, high = np.quantile(drawn, [0.025, 0.975])
    is_chance = value <= np.quantile(by_chance, 0.975)
    return Interval(value, 0.0 if is_chance else float(max(0, 2 * value - high)), float(max(value, 2 * value - low)))


def gain_by_decile(*, probability: Vector, churned: Flags) -> list[float]:
    """Share of all churned among the 10 %, 20 %, … 100 % of rows with the highest probability."""
    ranked = Ranked(probability=probability, churned=churned)
    return [_captured(ranked, np.ones(len(churned)), tenth / 10) for tenth in range(1, 11)] if churned.any() else []


def roc_auc(*, score: Vector, churned: Flags) -> float | None:
    """Of one score, None where there is one class only."""
    if not churned.any() or churned.all():
        return None
    return _roc_auc(Ranked(probability=score, churned=churned), np.ones(len(churned)))


def log_loss(*, probability: Vector, churned: Flags) -> float:
    """Mean of −ln of the probability given to what happened, clipped at 1e-15."""
    return float(Ranked(probability=probability, churned=churned).loss.mean())


def ece(*, probability: Vector, churned: Flags) -> float:
    """Expected calibration error, ten bins of equal width."""
    return _ece(Ranked(probability=probability, churned=churned), np.ones(len(churned)))
