"""What each arm brought in money."""

from typing import Any

from experiments.document import Money
from experiments.facts import NOT_LISTED
from experiments.figures.setting import Setting, ends, reasoned
from experiments.models import Arm, Experiment
from experiments.reasons import NO_VALUES
from experiments.stats import Analysis, Comparison
from experiments.stats.money import money

__all__ = ["worth"]


def worth(setting: Setting, analysis: Analysis) -> list[Money]:
    return [
        _worth(setting, arm, comparison) for arm, comparison in zip(setting.others, analysis.comparisons, strict=True)
    ]


def _worth(setting: Setting, arm: Arm, comparison: Comparison) -> Money:
    customers = setting.churn[arm.position].n
    value, (cost, basis) = _value_of_one(setting, arm), _cost(setting, arm)
    found = money(
        difference=comparison.difference,
        interval=comparison.interval,
        treated=customers,
        value=value or 0.0,
        cost=cost,
    )
    is_valued = value is not None
    figures: dict[str, Any] = {
        "arm": arm.name,
        "control": setting.control.name,
        "customers": customers,
        "kept": found.kept,
        "kept_ci": ends(found.kept_interval),
        "value_of_one": value,
        "value": None if value is None or found.kept is None else found.kept * value,
        "value_ci": [end * value for end in found.kept_interval] if value is not None and found.kept_interval else None,
        "cost": cost,
        "cost_basis": basis,
        "net": found.net if is_valued else None,
        "net_ci": ends(found.net_interval) if is_valued else None,
        "return_on_cost": found.return_on_cost if is_valued else None,
        "return_on_cost_ci": ends(found.return_interval) if is_valued else None,
    }
    document: Money = reasoned(figures, "; ".join(filter(None, [None if is_valued else NO_VALUES, found.reason])))
    return document


def _value_of_one(setting: Setting, arm: Arm) -> float | None:
    """The number given, or the mean monthly value, when enrolled, of the arm's customers with a known outcome."""
    experiment = setting.experiment
    if experiment.value_source == Experiment.Value.FIXED:
        return None if experiment.value is None else float(experiment.value)
    values = setting.facts.moments(arm.position, "known_monthly_value")
    return max(0.0, values.mean) if values.n else None


def _cost(setting: Setting, arm: Arm) -> tuple[float, str]:
    """What was recorded; else the cost of one times those treated, else those listed, else everybody."""
    known = setting.facts.sizes(lambda cell: cell if cell.is_known and cell.arm == arm.position else None)
    recorded = setting.facts.sums.get((arm.position, "cost"))
    if recorded is not None and recorded.total:
        return recorded.total / 100, "recorded"
    treated = sum(n for cell, n in known.items() if cell.is_treated)
    listed = sum(n for cell, n in known.items() if cell.listed_for != NOT_LISTED)
    basis, n = next(
        ((name, n) for name, n in (("treated", treated), ("listed", listed)) if n), ("assigned", sum(known.values()))
    )
    return float(setting.experiment.treatment_cost * n), basis
