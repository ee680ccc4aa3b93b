"""Churn of each arm against the control, in the whole and as it built up, and the metrics beside it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from experiments.document import Churn, MeanComparison, MetricResult, OverTime, Point, SampleRatio
from experiments.facts import PAIRS
from experiments.figures.setting import Setting, ends, reasoned
from experiments.models import Arm
from experiments.reasons import NOBODY
from experiments.stats import Analysis, Proportion, analyse
from experiments.stats import Arm as ArmFacts
from experiments.stats.always_valid import always_valid
from experiments.stats.cuped import cuped
from experiments.stats.newcombe import difference, newcombe
from experiments.stats.reasons import Reason
from experiments.stats.welch import MeanDifference, welch

__all__ = ["analysed", "churn", "metric_results", "over_time", "sample_ratio"]


def analysed(setting: Setting) -> Analysis:
    """The analysis of churn.

    Before anybody is enrolled one customer stands in for each share, as the sample ratio asks for some; it is left out.
    """
    stand_in = 0 if setting.n_enrolled else 1
    arms = [
        ArmFacts(
            name=arm.name,
            enrolled=setting.enrolled[arm.position] + stand_in,
            outcome=setting.churn[arm.position],
            share=1.0 if stand_in else float(arm.share),
        )
        for arm in setting.arms
    ]
    return analyse(arms, options=setting.options)


def churn(analysis: Analysis) -> Churn:
    document = analysis.to_document()
    comparisons = [{name: value for name, value in one.items() if name != "metric"} for one in document["comparisons"]]
    found: Any = {"arms": document["arms"], "comparisons": comparisons}
    return found


def sample_ratio(setting: Setting, analysis: Analysis) -> SampleRatio:
    if not setting.n_enrolled:
        return {"p_value": None, "flag": False, "reason": NOBODY}
    return {"p_value": analysis.sample_ratio.p_value, "flag": analysis.sample_ratio.is_flagged}


def metric_results(setting: Setting, names: Sequence[str], *, more_is: Literal["good", "bad"]) -> list[MetricResult]:
    return [
        {
            "metric": name,
            "more_is": more_is,
            "comparisons": [_mean_comparison(setting, arm, name, more_is) for arm in setting.others],
        }
        for name in names
    ]


def _mean_comparison(setting: Setting, arm: Arm, name: str, more_is: str) -> MeanComparison:
    control, mine = setting.facts.moments(0, name), setting.facts.moments(arm.position, name)
    test = welch(control=control, arm=mine, alpha=setting.alpha)
    side = _side(test, setting.alpha)
    figures = {
        "arm": arm.name,
        "control": setting.control.name,
        "mean_control": control.mean if control.n else None,
        "mean_arm": mine.mean if mine.n else None,
        "difference": test.difference,
        "ci": ends(test.interval),
        "p_value": test.p_value,
        "cuped": _cuped(setting, arm, name) if name in PAIRS else None,
        "is_better": side == (1 if more_is == "good" else -1),
        "is_worse": side == (-1 if more_is == "good" else 1),
    }
    found: MeanComparison = reasoned(figures, test.reason)
    return found


def _side(test: MeanDifference, alpha: float) -> int:
    """1 where there is surely more, −1 where there is surely less, else 0."""
    if test.p_value is None or test.p_value >= alpha or not test.difference:
        return 0
    return 1 if test.difference > 0 else -1


def _cuped(setting: Setting, arm: Arm, name: str) -> Any:
    facts = setting.facts
    found = cuped(control=facts.paired(0, name), arm=facts.paired(arm.position, name), alpha=setting.alpha)
    figures = {
        "difference": found.difference,
        "ci": ends(found.interval),
        "p_value": found.p_value,
        "variance_saved": found.variance_saved,
    }
    return reasoned(figures, found.reason)


def over_time(setting: Setting) -> list[OverTime]:
    """Everybody whose days were over on each date, as one would have seen it then with today's knowledge."""
    facts = setting.facts
    by_day = facts.churn(lambda cell: (facts.ripe_on(cell), cell.arm))
    days = sorted({day for day, _arm in by_day})
    return [
        {"arm": arm.name, "control": setting.control.name, "points": _points(setting, arm, days, by_day)}
        for arm in setting.others
    ]


def _points(
    setting: Setting, arm: Arm, days: Sequence[dt.date], by_day: dict[tuple[dt.date, int], Proportion]
) -> list[Point]:
    points, control, mine = [], Proportion(), Proportion()
    for day in days:
        control += by_day.get((day, 0), Proportion())
        mine += by_day.get((day, arm.position), Proportion())
        points.append(_point(setting, day, control, mine))
    return points


def _point(setting: Setting, day: dt.date, control: Proportion, arm: Proportion) -> Point:
    options = setting.options
    sequential = always_valid(control, arm, alpha=options.alpha, tuned_for=options.tuned_for)
    is_empty = not (control.n and arm.n)
    figures = {
        "on": day.isoformat(),
        "n_control": control.n,
        "n_arm": arm.n,
        "difference": None if is_empty else difference(control, arm),
        "difference_ci": ends(newcombe(control, arm, alpha=options.alpha)),
        "sequential_ci": ends(sequential.interval),
        "sequential_p": sequential.p_value,
    }
    found: Point = reasoned(figures, Reason.EMPTY_ARM if is_empty else sequential.reason)
    return found
