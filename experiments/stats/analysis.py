"""The whole analysis of a table of arms, control first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.stats.comparison import Comparison, compare, rate_test
from experiments.stats.document import to_document
from experiments.stats.holm import holm
from experiments.stats.options import Arm, Options
from experiments.stats.sample_ratio import SampleRatio, sample_ratio
from experiments.stats.sums import Proportion
from experiments.stats.tails import Interval
from experiments.stats.verdict import Verdict, give_verdict
from experiments.stats.wilson import wilson

__all__ = ["Analysis", "ArmRate", "analyse"]


@dataclass(frozen=True, kw_only=True)
class ArmRate:
    """Known outcomes of an arm, those with a 1, and the rate with Wilson's interval; None for an empty arm."""

    name: str
    n: int
    events: int
    rate: float | None
    interval: Interval | None

    @classmethod
    def of(cls, name: str, outcome: Proportion, alpha: float) -> "ArmRate":
        rate = outcome.rate if outcome.n else None
        return cls(name=name, n=outcome.n, events=outcome.events, rate=rate, interval=wilson(outcome, alpha=alpha))


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Everything that can be said of the table, and nothing rounded."""

    arms: tuple[ArmRate, ...]
    comparisons: tuple[Comparison, ...]
    sample_ratio: SampleRatio
    verdict: Verdict

    def to_document(self) -> dict[str, Any]:
        """What `analyse_csv --json` prints, ready for JSON."""
        return to_document(self)


def analyse(arms: Sequence[Arm], *, options: Options | None = None) -> Analysis:
    """By intention to treat: each arm against the first, which is the control.

    Raises ValueError for fewer than two arms, or two of one name.
    """
    if len(arms) < 2 or len({arm.name for arm in arms}) < len(arms):
        raise ValueError("an analysis needs a control and at least one arm, each with a name of its own")
    options = options or Options()
    comparisons = _comparisons(arms, options)
    ratio = sample_ratio(enrolled=[arm.enrolled for arm in arms], shares=[arm.share for arm in arms])
    return Analysis(
        arms=tuple(ArmRate.of(arm.name, arm.outcome, options.alpha) for arm in arms),
        comparisons=comparisons,
        sample_ratio=ratio,
        verdict=give_verdict(arms, comparisons, ratio=ratio, options=options),
    )


def _comparisons(arms: Sequence[Arm], options: Options) -> tuple[Comparison, ...]:
    control, others = arms[0], arms[1:]
    tests = [rate_test(control.outcome, arm.outcome) for arm in others]
    adjusted = holm([test.p_value for test in tests])
    return tuple(
        compare(control=control, arm=arm, test=test, p_adjusted=p_adjusted, options=options)
        for arm, test, p_adjusted in zip(others, tests, adjusted, strict=True)
    )
