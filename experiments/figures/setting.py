"""What every part of the report is computed from: the experiment, its arms, the facts, and how to test."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from experiments.facts import Facts
from experiments.models import Arm, Experiment
from experiments.stats import Options, Proportion, Words
from experiments.stats.planner import Plan, needed_customers

__all__ = ["Setting", "ends", "reasoned"]

WORDS = Words("left", "流失", "customers kept", "留住 {} 位")
WIDEST_RATE = 0.5
LEAST_TUNED = 10


@dataclass(frozen=True)
class Setting:
    """`arms` in their order, the control first; places in it are the arms' numbers in the facts."""

    experiment: Experiment
    arms: tuple[Arm, ...]
    facts: Facts

    @property
    def control(self) -> Arm:
        return self.arms[0]

    @property
    def others(self) -> tuple[Arm, ...]:
        return self.arms[1:]

    @cached_property
    def churn(self) -> Mapping[int, Proportion]:
        """Known and churned by arm, 0 of 0 where there is none."""
        found = self.facts.churn(lambda cell: cell.arm)
        return {arm.position: found.get(arm.position, Proportion()) for arm in self.arms}

    @cached_property
    def enrolled(self) -> Mapping[int, int]:
        return self.facts.sizes(lambda cell: cell.arm)

    @property
    def n_enrolled(self) -> int:
        return sum(self.enrolled.values())

    @property
    def n_known(self) -> int:
        return sum(churn.n for churn in self.churn.values())

    @property
    def alpha(self) -> float:
        return float(self.experiment.significance)

    @cached_property
    def options(self) -> Options:
        """The experiment's own level and power; the always-valid interval is tightest at the size that was planned."""
        return Options(
            alpha=self.alpha, power=float(self.experiment.power), tuned_for=self._planned_size(), words=WORDS
        )

    def _planned_size(self) -> int:
        """Customers in each of two equal arms that tell as much as those needed for the smallest effect worth seeing.

        From the configuration alone, which is locked before the first outcome: at the control's widest rate, one half.
        """
        experiment, other = self.experiment, self.arms[1]
        shares = float(self.control.share), float(other.share)
        plan = Plan(control_share=shares[0], arm_share=shares[1], alpha=self.alpha, power=float(self.experiment.power))
        rate = max(0.0, WIDEST_RATE - float(experiment.smallest_effect))
        needed = needed_customers(control_rate=WIDEST_RATE, arm_rate=rate, plan=plan) or 0
        return max(LEAST_TUNED, round(2 * needed * shares[0] * shares[1] / sum(shares) ** 2))


def ends(interval: tuple[float, float] | None) -> list[float] | None:
    return list(interval) if interval else None


def reasoned(figures: dict[str, Any], reason: Any) -> Any:
    """The figures, with the reason beside them where there is one."""
    return figures | {"reason": str(reason)} if reason else figures
