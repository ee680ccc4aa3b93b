"""Welch's t: the difference of two means whose spreads may differ (Welch 1947, Biometrika 34)."""

from dataclasses import dataclass
from math import hypot

from experiments.stats.reasons import Reason
from experiments.stats.sums import Moments
from experiments.stats.tails import Interval, t_quantile, t_two_sided

__all__ = ["MeanDifference", "mean_test", "welch"]


@dataclass(frozen=True)
class MeanDifference:
    """Mean of the arm less mean of the control, in the unit of the amount; None where it cannot be had, and why."""

    difference: float | None
    interval: Interval | None = None
    p_value: float | None = None
    standard_error: float | None = None
    reason: Reason | None = None


def welch(*, control: Moments, arm: Moments, alpha: float = 0.05) -> MeanDifference:
    """Two-sided. An amount that is constant in one arm only is tested as usual."""
    if not control.n or not arm.n:
        return MeanDifference(None, reason=Reason.NO_AMOUNTS)
    difference = arm.mean - control.mean
    if min(control.n, arm.n) < 2:
        return MeanDifference(difference, reason=Reason.FEW_AMOUNTS)
    return mean_test(
        difference, (control.n, arm.n), (control.variance, arm.variance), alpha=alpha, reason=Reason.AMOUNTS_ALIKE
    )


def mean_test(
    difference: float, sizes: tuple[int, int], variances: tuple[float, float], *, alpha: float, reason: Reason
) -> MeanDifference:
    """Of any difference of two independent means; `reason` tells why there is no test where nothing varies."""
    parts = variances[0] / sizes[0], variances[1] / sizes[1]
    error = hypot(parts[0] ** 0.5, parts[1] ** 0.5)
    if not error:
        return MeanDifference(difference, standard_error=0.0, reason=reason)
    df = _degrees_of_freedom(parts, sizes)
    half = t_quantile(alpha / 2, df=df) * error
    p_value = t_two_sided(difference / error, df=df)
    return MeanDifference(difference, (difference - half, difference + half), p_value, error)


def _degrees_of_freedom(parts: tuple[float, float], sizes: tuple[int, int]) -> float:
    """Welch–Satterthwaite, in shares of the variance so that no fourth power overflows."""
    whole = parts[0] + parts[1]
    return 1 / sum((part / whole) ** 2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
