"""The configuration of an experiment as people read it, once it is locked."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.joining import listed
from experiments.admin.fields import as_percent
from experiments.admin.forms import STRATUM_TITLES
from experiments.models import Experiment
from experiments.models.configuration import Metric
from predictions.models import RiskLevel

__all__ = ["SHOWN", "Shown"]

SHOWN = {
    name: f"{name}_shown"
    for name in (
        *("min_probability", "risk_levels", "secondary_metrics", "guardrail_metrics", "significance", "power"),
        *("smallest_effect", "strata", "daily_capacity", "value"),
    )
}


class Shown:
    """Columns that stand in for the form's fields."""

    @admin.display(description=gettext_lazy("lowest risk"))
    def min_probability_shown(self, experiment: Experiment) -> str:
        return _("no bound") if experiment.min_probability is None else _percent(experiment.min_probability)

    @admin.display(description=gettext_lazy("risk levels"))
    def risk_levels_shown(self, experiment: Experiment) -> str:
        return _titles(RiskLevel.choices, experiment.risk_levels) or _("all")

    @admin.display(description=gettext_lazy("secondary metrics"))
    def secondary_metrics_shown(self, experiment: Experiment) -> str:
        return _titles(Metric.choices, experiment.secondary_metrics) or "–"

    @admin.display(description=gettext_lazy("guardrail metrics"))
    def guardrail_metrics_shown(self, experiment: Experiment) -> str:
        return _titles(Metric.choices, experiment.guardrail_metrics) or "–"

    @admin.display(description=gettext_lazy("significance level"))
    def significance_shown(self, experiment: Experiment) -> str:
        return _percent(experiment.significance)

    @admin.display(description=gettext_lazy("power"))
    def power_shown(self, experiment: Experiment) -> str:
        return _percent(experiment.power)

    @admin.display(description=gettext_lazy("smallest effect worth seeing"))
    def smallest_effect_shown(self, experiment: Experiment) -> str:
        return _("%(n)s of 100 customers") % {"n": as_percent(experiment.smallest_effect)}

    @admin.display(description=gettext_lazy("strata"))
    def strata_shown(self, experiment: Experiment) -> str:
        return _titles(STRATUM_TITLES, experiment.strata) if experiment.is_stratified else "–"

    @admin.display(description=gettext_lazy("treatments a day"))
    def daily_capacity_shown(self, experiment: Experiment) -> str:
        return _("no bound") if experiment.daily_capacity is None else str(experiment.daily_capacity)

    @admin.display(description=gettext_lazy("value"))
    def value_shown(self, experiment: Experiment) -> str:
        is_fixed = experiment.value_source == Experiment.Value.FIXED
        return str(experiment.value) if is_fixed else "–"


def _percent(share: Any) -> str:
    return f"{as_percent(share)} %"


def _titles(choices: Iterable[tuple[Any, Any]], names: list[str]) -> str:
    titles = {str(name): str(title) for name, title in choices}
    return listed(titles.get(name, name) for name in names)
