"""CUPED: an amount freed of what was known before the assignment (Deng, Xu, Kohavi & Walker 2013, WSDM)."""

from dataclasses import dataclass

from experiments.stats.reasons import Reason
from experiments.stats.sums import Moments, Paired
from experiments.stats.tails import Interval
from experiments.stats.welch import mean_test, welch

__all__ = ["Cuped", "cuped"]

# What is left of the variance below this share of its parts is their rounding, not spread.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Cuped:
    """As `MeanDifference`, and 1 − (standard error with / without)², both on the customers with the covariate."""

    difference: float | None = None
    interval: Interval | None = None
    p_value: float | None = None
    variance_saved: float | None = None
    reason: Reason | None = None


def cuped(*, control: Paired, arm: Paired, alpha: float = 0.05) -> Cuped:
    """Welch's t on y − θ(x − x̄), θ = cov(y, x) / var(x) and x̄ over the customers of both arms together."""
    both = control + arm
    if not control.n or not arm.n:
        return Cuped(reason=Reason.NO_COVARIATE)
    if not both.x.squares:
        return Cuped(reason=Reason.COVARIATE_ALIKE)
    theta = both.products / both.x.squares
    difference = (arm.y.mean - control.y.mean) - theta * (arm.x.mean - control.x.mean)
    if min(control.n, arm.n) < 2:
        return Cuped(difference, reason=Reason.FEW_COVARIATES)
    left = _left(control, theta), _left(arm, theta)
    test = mean_test(difference, (control.n, arm.n), left, alpha=alpha, reason=Reason.EXPLAINED)
    plain = welch(control=control.y, arm=arm.y, alpha=alpha).standard_error
    if not plain:
        return Cuped(difference, test.interval, test.p_value, None, test.reason or Reason.NOTHING_TO_SAVE)
    return Cuped(difference, test.interval, test.p_value, 1 - (_error(test.standard_error) / plain) ** 2, test.reason)


def _error(standard_error: float | None) -> float:
    return standard_error or 0.0


def _left(arm: Paired, theta: float) -> float:
    """Variance of y − θx within an arm."""
    explained = theta * (theta * arm.x.squares)
    squares = arm.y.squares - 2 * theta * arm.products + explained
    if squares <= _ROUNDING * (arm.y.squares + explained):
        return 0.0
    return Moments(n=arm.n, squares=squares).variance
