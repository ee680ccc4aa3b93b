"""The largest Qini area that any order could have, which makes a Qini area a coefficient from −1 to 1.

Nobody is seen both treated and left alone, so the best that could be is what the two arms' outcomes allow: the best
outcomes of the treated put beside the worst of the control group. For an outcome of 0 or 1 this is the optimum curve of
Radcliffe 2007: a share a of all customers is won by treatment and a share b lost by it.
"""

import numpy as np

from experiments.uplift.trial import Trial, Vector

__all__ = ["optimum"]

STEPS = 2_000


def optimum(trial: Trial) -> float:
    """In the unit of the outcome; 0 where the outcome does not vary."""
    treated, control = trial.outcome[trial.treated], trial.outcome[~trial.treated]
    return _of_shares(treated.mean(), control.mean()) if trial.is_binary else _of_amounts(treated, control)


def _of_shares(treated: float, control: float) -> float:
    won, lost = min(treated, 1 - control), min(control, 1 - treated)
    return float(won * (1 - won) + lost * (1 - lost)) / 2


def _of_amounts(treated: Vector, control: Vector) -> float:
    """The area of the sorted differences of opposite quantiles."""
    at = (np.arange(STEPS) + 0.5) / STEPS
    effects = np.sort(_quantiles(treated, at) - _quantiles(control, 1 - at))[::-1]
    gain = np.r_[0.0, np.cumsum(effects) / STEPS]
    return float(np.trapezoid(gain, dx=1 / STEPS) - gain[-1] / 2)


def _quantiles(values: Vector, at: Vector) -> Vector:
    return np.asarray(np.quantile(values, at, method="inverted_cdf"), dtype=np.float64)
