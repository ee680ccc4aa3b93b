"""Whether the arms were alike at assignment: standardised differences of covariates (Austin 2009, Stat. Med. 28)."""

from dataclasses import dataclass

from experiments.stats.reasons import Reason
from experiments.stats.sums import Moments

__all__ = ["NOTABLE", "Balance", "balance"]

NOTABLE = 0.1


@dataclass(frozen=True)
class Balance:
    """Mean of the arm less mean of the control in standard deviations; None where it cannot be had, and why.

    0.1 and more, either way, is notable (Austin 2009). In a random assignment that is chance, and by chance it happens
    in small arms: the sample ratio judges the assignment, this only tells where the arms differ.
    """

    difference: float | None
    reason: Reason | None = None

    @property
    def is_notable(self) -> bool:
        return self.difference is not None and abs(self.difference) >= NOTABLE


def balance(*, control: Moments, arm: Moments) -> Balance:
    """Of one covariate, or of one label's 0s and 1s. The unit is the root of the mean of the two variances."""
    if min(control.n, arm.n) < 2:
        return Balance(None, Reason.NOT_ENOUGH_VALUES)
    spread = ((control.variance + arm.variance) / 2) ** 0.5
    if not spread:
        return Balance(None, Reason.NO_SPREAD)
    return Balance((arm.mean - control.mean) / spread)
