"""When a challenger becomes champion: better on the same rows, calibrated, and no leak."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.modelling.evaluation import resampled
from predictions.modelling.remarks import Remark, remark

__all__ = ["Decision", "Paired", "compare", "decide"]

Vector = NDArray[np.float64]
MOST_ECE = 0.05
REPLICATES = 500
EDGE = 1e-15


@dataclass(frozen=True)
class Paired:
    """Challenger's log loss less the champion's on the same rows, with its 95 % interval over customers."""

    difference: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        return self.high < 0


@dataclass(frozen=True)
class Decision:
    """Whether to promote, and why."""

    promote: bool
    why: Remark | None


def compare(
    *,
    challenger: Vector,
    champion: Vector,
    churned: NDArray[np.bool_],
    customers: NDArray[np.int64],
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Paired:
    """Bootstrap over customers of the difference in mean log loss, both models on the same resample."""
    gaps = _losses(challenger, churned) - _losses(champion, churned)
    everyone, places = np.unique(customers, return_inverse=True)
    sums = np.bincount(places, gaps, minlength=len(everyone))
    counts = np.bincount(places, minlength=len(everyone))
    random = np.random.default_rng(seed)
    weights = [resampled(random, len(everyone)) for _ in range(replicates)]
    drawn = [float(weight @ sums / (weight @ counts)) for weight in weights]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Paired(float(gaps.mean()), float(low), float(high))


def decide(
    *,
    leaks: list[str],
    calibration_error: float | None,
    has_champion: bool,
    champion_is_rule: bool,
    paired: Paired | None,
) -> Decision:
    """The promotion rule; `paired` is None where the champion cannot score the same rows."""
    if leaks:
        return Decision(False, remark("leaks", features=leaks))
    if not has_champion:
        return Decision(True, remark("no_champion"))
    if calibration_error is not None and calibration_error > MOST_ECE:
        return Decision(False, remark("calibration", ece=calibration_error, limit=MOST_ECE))
    if champion_is_rule:
        return Decision(True, remark("only_a_rule"))
    if paired is None:
        return Decision(True, remark("other_features"))
    return Decision(paired.is_better, remark("better" if paired.is_better else "not_surely_better", **asdict(paired)))


def _losses(probability: Vector, churned: NDArray[np.bool_]) -> Vector:
    inside = np.clip(probability, EDGE, 1 - EDGE)
    return np.asarray(-np.where(churned, np.log(inside), np.log1p(-inside)))
