"""An analysis as JSON: names and places of the figures are a promise to scripts; a null stands beside its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.stats.reasons import Reason
from experiments.stats.tails import Interval

if TYPE_CHECKING:
    from experiments.stats.always_valid import AlwaysValid
    from experiments.stats.analysis import Analysis, ArmRate
    from experiments.stats.beta_binomial import Belief
    from experiments.stats.comparison import Comparison, Metric
    from experiments.stats.cuped import Cuped

__all__ = ["to_document"]

Document = dict[str, Any]


def to_document(analysis: Analysis) -> Document:
    """Plain dicts, lists, numbers, texts and None."""
    verdict, ratio = analysis.verdict, analysis.sample_ratio
    return {
        "arms": [_arm(arm) for arm in analysis.arms],
        "comparisons": [_comparison(comparison) for comparison in analysis.comparisons],
        "srm": {"p_value": ratio.p_value, "flag": ratio.is_flagged},
        "verdict": {"code": str(verdict.code), "zh": verdict.zh, "en": verdict.en},
    }


def _arm(arm: ArmRate) -> Document:
    figures = {"name": arm.name, "n": arm.n, "events": arm.events, "rate": arm.rate, "rate_ci": _ends(arm.interval)}
    return _with_reason(figures, None if arm.n else Reason.NO_KNOWN)


def _comparison(comparison: Comparison) -> Document:
    figures = {
        "arm": comparison.arm,
        "control": comparison.control,
        "difference": comparison.difference,
        "difference_ci": _ends(comparison.interval),
        "relative": comparison.relative.value,
        "relative_ci": _ends(comparison.relative.interval),
        "p_value": comparison.test.p_value,
        "p_adjusted": comparison.p_adjusted,
        "test": comparison.test.name,
        "number_needed_to_treat": comparison.number_needed_to_treat,
        "sequential": _sequential(comparison.sequential),
        "bayes": _bayes(comparison.belief),
        "metric": _metric(comparison.metric) if comparison.metric else None,
    }
    return _with_reason(figures, comparison.reason)


def _sequential(sequential: AlwaysValid) -> Document:
    return _with_reason({"p_value": sequential.p_value, "ci": _ends(sequential.interval)}, sequential.reason)


def _bayes(belief: Belief) -> Document:
    figures = {"probability_better": belief.probability_better, "expected_loss": belief.expected_loss}
    return _with_reason(figures, belief.reason)


def _metric(metric: Metric) -> Document:
    figures = {
        "mean_control": metric.mean_control,
        "mean_arm": metric.mean_arm,
        "difference": metric.test.difference,
        "ci": _ends(metric.test.interval),
        "p_value": metric.test.p_value,
        "cuped": _cuped(metric.cuped) if metric.cuped else None,
    }
    return _with_reason(figures, metric.test.reason)


def _cuped(cuped: Cuped) -> Document:
    figures = {
        "difference": cuped.difference,
        "ci": _ends(cuped.interval),
        "p_value": cuped.p_value,
        "variance_saved": cuped.variance_saved,
    }
    return _with_reason(figures, cuped.reason)


def _ends(interval: Interval | None) -> list[float] | None:
    return list(interval) if interval else None


def _with_reason(figures: Document, reason: str | None) -> Document:
    return figures | {"reason": str(reason)} if reason else figures
