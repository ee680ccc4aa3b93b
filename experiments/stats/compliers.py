"""The effect among compliers: those whom the assignment made to be treated (Imbens & Angrist 1994, Econometrica 62).

The effect of the assignment on the outcome divided by its effect on being treated (Wald 1940), whatever share of the
treatment group was not reached and of the control group was treated all the same. The interval is Fieller's (1954),
which is that of Anderson and Rubin (1949) for one instrument: it keeps its level also where few complied.
"""

from dataclasses import dataclass

from experiments.stats.reasons import Reason
from experiments.stats.sums import Paired
from experiments.stats.tails import Interval, normal_quantile

__all__ = ["Compliers", "complier_effect"]


@dataclass(frozen=True)
class Compliers:
    """`share` of the customers that comply; `effect` in units of the outcome, above 0 where the treatment is better."""

    share: float | None
    effect: float | None
    interval: Interval | None = None
    reason: Reason | None = None


def complier_effect(*, control: Paired, arm: Paired, is_more_good: bool = False, alpha: float = 0.05) -> Compliers:
    """x is 1 for a customer who was treated, else 0; y the outcome (0 or 1, or an amount).

    The interval is None where the share of compliers could be 0 by chance: the effect has then no bound.
    """
    if min(control.n, arm.n) < 2:
        return Compliers(None, None, reason=Reason.NOT_ENOUGH_VALUES)
    sign = 1 if is_more_good else -1
    share, gain = arm.x.mean - control.x.mean, sign * (arm.y.mean - control.y.mean)
    if not share:
        return Compliers(share, None, reason=Reason.SAME_TREATMENT)
    interval, reason = _fieller(share, gain, _variances(control, arm, sign), normal_quantile(alpha / 2))
    return Compliers(share, gain / share, interval, reason)


def _variances(control: Paired, arm: Paired, sign: int) -> tuple[float, float, float]:
    """Of the difference of x, of y, and their covariance."""
    sizes = [(part, part.n * (part.n - 1)) for part in (control, arm)]
    return (
        sum(part.x.squares / size for part, size in sizes),
        sum(part.y.squares / size for part, size in sizes),
        sign * sum(part.products / size for part, size in sizes),
    )


def _fieller(
    share: float, gain: float, variances: tuple[float, float, float], z: float
) -> tuple[Interval | None, Reason | None]:
    """The effects b at which gain − b · share is within z of its standard errors from 0."""
    of_share, of_gain, of_both = variances
    if not of_gain and not of_share:
        return None, Reason.NO_SPREAD
    square = share * share - z * z * of_share
    if square <= 0:
        return None, Reason.FEW_COMPLIERS
    middle = share * gain - z * z * of_both
    root = max(0.0, middle * middle - square * (gain * gain - z * z * of_gain)) ** 0.5
    return ((middle - root) / square, (middle + root) / square), None
