"""What goes into an analysis: the arms as sums, and how they are to be read."""

from dataclasses import dataclass

from experiments.stats.always_valid import TUNED_FOR
from experiments.stats.sums import Moments, Paired, Proportion

__all__ = ["Arm", "Options", "Words"]


@dataclass(frozen=True, kw_only=True)
class Arm:
    """An arm as it was assigned.

    `share` is its planned part, in any unit: shares are divided by their sum. `enrolled` counts everybody assigned,
    `outcome` those whose outcome is known. `metric` are the amounts of those of them that have one, `paired` of those
    that have the covariate too; None where no amount, or no covariate, was asked for.
    """

    name: str
    enrolled: int
    outcome: Proportion
    share: float = 1.0
    metric: Moments | None = None
    paired: Paired | None = None

    def __post_init__(self) -> None:
        if self.enrolled < self.outcome.n:
            raise ValueError(f"{self.name}: {self.outcome.n} known outcomes of {self.enrolled} enrolled")


@dataclass(frozen=True)
class Words:
    """How the verdict speaks of the outcome.

    `en` and `zh` follow the percentage of customers with a 1; `gain_en` follows "about 77 more", `gain_zh` holds the
    number and follows 多 or 少. For churn: Words("left", "流失", "customers kept", "留住 {} 位").
    """

    en: str = "had the outcome"
    zh: str = "出现该结果"
    gain_en: str = "good outcomes"
    gain_zh: str = " {} 个好结果"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Level of tests and intervals, power for the customers still needed, and whether a 1 is the good outcome.

    `tuned_for` is the planned number of customers in each of two equal arms: the always-valid interval is tightest
    there. It must be fixed before the first outcome is seen.
    """

    alpha: float = 0.05
    power: float = 0.80
    is_event_good: bool = False
    tuned_for: int = TUNED_FOR
    words: Words = Words()
