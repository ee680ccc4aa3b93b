"""What one arm shows against the control, and how many more customers would show it."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from experiments.stats.comparison import Comparison
from experiments.stats.options import Options
from experiments.stats.planner import Plan, needed_customers
from experiments.stats.sums import Proportion

__all__ = ["Code", "Finding", "Missing", "find", "more_needed"]


class Code(StrEnum):
    EFFECTIVE = "effective"
    HARMFUL = "harmful"
    INCONCLUSIVE = "inconclusive"
    SAMPLE_RATIO = "sample_ratio"


class Missing(StrEnum):
    """Why the number of customers still needed cannot be given."""

    EMPTY = "empty"
    EQUAL = "equal"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`more_needed` counts customers of the whole table at its present shares, where inconclusive and not `missing`."""

    code: Code
    comparison: Comparison
    control: Proportion
    arm: Proportion
    more_needed: int | None = None
    missing: Missing | None = None


def find(*, comparison: Comparison, control: Proportion, arm: Proportion, n_table: int, options: Options) -> Finding:
    """By the fixed-horizon p, adjusted over the arms; `n_table` counts the known outcomes of every arm."""
    code = _code(comparison, options.alpha)
    if code != Code.INCONCLUSIVE:
        return Finding(code=code, comparison=comparison, control=control, arm=arm)
    needed = more_needed(control=control, arm=arm, n_table=n_table, options=options)
    more, missing = (None, needed) if isinstance(needed, Missing) else (needed, None)
    return Finding(code=code, comparison=comparison, control=control, arm=arm, more_needed=more, missing=missing)


def more_needed(*, control: Proportion, arm: Proportion, n_table: int, options: Options) -> int | Missing:
    """Customers to add, to all arms at the present shares, until the observed difference has the power asked for.

    Missing where there is no difference, or where the formula would be content with those that are there: the exact
    test, or the adjustment for several arms, then asks for more than it knows of.
    """
    if not control.n or not arm.n:
        return Missing.EMPTY
    plan = Plan(control_share=control.n, arm_share=arm.n, alpha=options.alpha, power=options.power)
    pair = needed_customers(control_rate=control.rate, arm_rate=arm.rate, plan=plan)
    if pair is None:
        return Missing.EQUAL
    more = ceil(pair * n_table / (control.n + arm.n)) - n_table
    return more if more > 0 else Missing.UNCONFIRMED


def _code(comparison: Comparison, alpha: float) -> Code:
    difference, p_adjusted = comparison.difference, comparison.p_adjusted
    if difference is None or p_adjusted is None or p_adjusted >= alpha or not difference:
        return Code.INCONCLUSIVE
    return Code.EFFECTIVE if difference > 0 else Code.HARMFUL
