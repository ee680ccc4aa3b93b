"""The effect within subgroups: exploratory, so each p is adjusted for having looked at all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.stats.comparison import rate_test
from experiments.stats.holm import holm
from experiments.stats.newcombe import difference, newcombe
from experiments.stats.reasons import Reason
from experiments.stats.sums import Proportion
from experiments.stats.tails import Interval

__all__ = ["Subgroup", "SubgroupEffect", "subgroup_effects"]


@dataclass(frozen=True, kw_only=True)
class Subgroup:
    """The customers of one level of one covariate at assignment: `customer_type`, `vip`."""

    covariate: str
    level: str
    control: Proportion
    arm: Proportion


@dataclass(frozen=True, kw_only=True)
class SubgroupEffect:
    """As a comparison of the whole: above 0 is better; None where it cannot be had, and why."""

    subgroup: Subgroup
    difference: float | None
    interval: Interval | None
    p_value: float | None
    p_adjusted: float | None
    test: str | None
    reason: Reason | None
    is_exploratory: bool = True


def subgroup_effects(
    subgroups: Sequence[Subgroup], *, is_event_good: bool = False, alpha: float = 0.05
) -> tuple[SubgroupEffect, ...]:
    """Each with its interval, not adjusted; p by Holm over all subgroups that have one."""
    tests = [rate_test(subgroup.control, subgroup.arm) for subgroup in subgroups]
    effects = []
    for subgroup, test, p_adjusted in zip(subgroups, tests, holm([test.p_value for test in tests]), strict=True):
        pair = (subgroup.arm, subgroup.control) if is_event_good else (subgroup.control, subgroup.arm)
        effects.append(
            SubgroupEffect(
                subgroup=subgroup,
                difference=None if test.reason == Reason.EMPTY_ARM else difference(*pair),
                interval=newcombe(*pair, alpha=alpha),
                p_value=test.p_value,
                p_adjusted=p_adjusted,
                test=test.name,
                reason=test.reason,
            )
        )
    return tuple(effects)
