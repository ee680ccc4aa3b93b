"""How many customers an effect needs, what power a size has, and what effect a size can show, for two rates.

For the pooled z test, two-sided, of arms that need not be equal (Fleiss, Levin & Paik 2003, Statistical Methods for
Rates and Proportions, ch. 4, without the continuity correction). The chance of a significant difference in the wrong
direction is not counted as power.
"""

from dataclasses import dataclass
from math import ceil, sqrt

from scipy import special

from experiments.stats.tails import normal_quantile

__all__ = ["Plan", "detectable_rate", "needed_customers", "power"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Shares of the control and of one arm (in any unit: they are divided by their sum), level, and power."""

    control_share: float = 0.5
    arm_share: float = 0.5
    alpha: float = 0.05
    power: float = 0.80

    def __post_init__(self) -> None:
        if min(self.control_share, self.arm_share) <= 0:
            raise ValueError("both shares must be above 0")
        if not (0 < self.alpha < 1 and self.alpha / 2 < self.power < 1):
            raise ValueError("alpha and power must lie between 0 and 1, power above half of alpha")

    @property
    def control_part(self) -> float:
        return self.control_share / (self.control_share + self.arm_share)


def needed_customers(*, control_rate: float, arm_rate: float, plan: Plan) -> int | None:
    """Customers in both arms together at which the difference is found with the plan's power; None if it is 0."""
    if control_rate == arm_rate:
        return None
    under_none, under_effect = _spreads(control_rate, arm_rate, plan)
    reach = normal_quantile(plan.alpha / 2) * under_none + normal_quantile(1 - plan.power) * under_effect
    return ceil((reach / (arm_rate - control_rate)) ** 2)


def power(*, control_rate: float, arm_rate: float, customers: float, plan: Plan) -> float:
    """Chance that `customers`, in both arms together, show this difference at the plan's level."""
    under_none, under_effect = _spreads(control_rate, arm_rate, plan)
    shift = abs(arm_rate - control_rate) * sqrt(customers) - normal_quantile(plan.alpha / 2) * under_none
    if not under_effect:
        return float(shift > 0)
    return float(special.ndtr(shift / under_effect))


def detectable_rate(*, control_rate: float, customers: float, plan: Plan, is_below: bool = True) -> float | None:
    """The arm's rate nearest to the control's that `customers` show with the plan's power.

    Below the control's rate unless told otherwise; None where not even 0 (or 1) is far enough away.
    """
    from scipy.optimize import brentq  # only here: it takes longer to import than a table takes to analyse

    end = 0.0 if is_below else 1.0

    def missing(rate: float) -> float:
        return power(control_rate=control_rate, arm_rate=rate, customers=customers, plan=plan) - plan.power

    if control_rate == end or missing(end) < 0:
        return None
    return float(brentq(missing, control_rate, end, xtol=1e-14))


def _spreads(control_rate: float, arm_rate: float, plan: Plan) -> tuple[float, float]:
    """Standard deviation of the difference for one customer in all: with one rate for both arms, and with two."""
    control, arm = plan.control_part, 1 - plan.control_part
    pooled = control * control_rate + arm * arm_rate
    under_none = pooled * (1 - pooled) / (control * arm)
    under_effect = control_rate * (1 - control_rate) / control + arm_rate * (1 - arm_rate) / arm
    return sqrt(under_none), sqrt(under_effect)
