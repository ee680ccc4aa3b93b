"""The relative difference and its interval from the log risk ratio (Katz et al. 1978, Biometrics 34)."""

from dataclasses import dataclass
from math import expm1, log, sqrt

from experiments.stats.newcombe import difference
from experiments.stats.reasons import Reason
from experiments.stats.sums import Proportion
from experiments.stats.tails import Interval, normal_quantile

__all__ = ["Relative", "relative_difference"]


@dataclass(frozen=True)
class Relative:
    """Better by this share of the control's rate; what cannot be had is None, with the reason."""

    value: float | None
    interval: Interval | None
    reason: Reason | None = None


def relative_difference(*, control: Proportion, arm: Proportion, is_event_good: bool, alpha: float = 0.05) -> Relative:
    """1 − risk ratio where the event is bad, risk ratio − 1 where it is good; nothing is added to the counts."""
    if not control.n or not arm.n:
        return Relative(None, None, Reason.EMPTY_ARM)
    if not control.events:
        return Relative(None, None, Reason.CONTROL_HAS_NONE)
    sign = 1 if is_event_good else -1
    value = sign * difference(arm, control) / control.rate
    if not arm.events:
        return Relative(value, None, Reason.ARM_HAS_NONE)
    if (arm.events, control.events) == (arm.n, control.n):
        return Relative(value, None, Reason.EVERYBODY)
    return Relative(value, _interval(control, arm, sign, alpha))


def _interval(control: Proportion, arm: Proportion, sign: int, alpha: float) -> Interval:
    ratio = log(arm.rate / control.rate)
    half = normal_quantile(alpha / 2) * sqrt(_spread(arm) + _spread(control))
    ends = sorted((sign * expm1(ratio - half), sign * expm1(ratio + half)))
    return ends[0], ends[1]


def _spread(proportion: Proportion) -> float:
    """1 / events − 1 / n, without the subtraction."""
    return (proportion.n - proportion.events) / (proportion.n * proportion.events)
