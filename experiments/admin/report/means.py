"""Secondary metrics and guardrails."""

from typing import Any

from django.utils.translation import gettext as _

from customers.admin.labels import label
from customers.joining import listed
from experiments.admin.report.notes import Notes
from experiments.admin.report.section import Section, figure
from experiments.admin.report.words import amount, p_value, percent, span
from experiments.document import Document, MeanComparison, MetricResult
from experiments.models.configuration import Metric

__all__ = ["means"]


def means(document: Document, name: str, notes: Notes) -> Section:
    is_guardrail = name == "guardrails"
    results: list[MetricResult] = document[name]  # type: ignore[literal-required]
    heads = [_("metric"), _("arm"), _("control group"), _("arm's mean"), notes.mark(_("difference"), "welch")]
    heads += (
        [_("p")] if is_guardrail else [_("p"), notes.mark(_("difference, CUPED"), "cuped"), _("p"), _("variance saved")]
    )
    comparisons = [(result, one) for result in results for one in result["comparisons"]]
    worse = sorted({str(Metric(result["metric"]).label) for result, one in comparisons if one["is_worse"]})
    return Section(
        name=name,
        title=_("Guardrails: what must not get worse") if is_guardrail else _("Beside churn"),
        lead=_(
            "Means a customer over the observation days; each p stands alone, so a few small ones of many are chance."
        ),
        heads=heads,
        rows=[_mean(result, one, notes, is_guardrail=is_guardrail) for result, one in comparisons],
        after=[_("Worse than in the control group: %(metrics)s.") % {"metrics": listed(worse)}] if worse else [],
        is_warning=is_guardrail and bool(worse),
    )


def _mean(result: MetricResult, one: MeanComparison, notes: Notes, *, is_guardrail: bool) -> list[Any]:
    cells = [
        _title_with_mark(result, one),
        one["arm"],
        figure(notes, _mean_text(one["mean_control"]), "welch", one),
        figure(notes, _mean_text(one["mean_arm"]), "welch", one),
        figure(notes, span(one["difference"], one["ci"], _mean_text), "welch", one),
        figure(notes, p_value(one["p_value"]), "welch", one),
    ]
    cuped = one["cuped"]
    if is_guardrail or cuped is None:
        return cells if is_guardrail else [*cells, "–", "–", "–"]
    return [
        *cells,
        figure(notes, span(cuped["difference"], cuped["ci"], _mean_text), "cuped", cuped),
        figure(notes, p_value(cuped["p_value"]), "cuped", cuped),
        figure(notes, percent(cuped["variance_saved"], digits=0), "cuped", cuped),
    ]


def _mean_text(value: float | None) -> str:
    """Small means need their digits."""
    return "–" if value is None else f"{value:,.4f}" if abs(value) < 1 else amount(value)


def _title_with_mark(result: MetricResult, one: MeanComparison) -> Any:
    title = Metric(result["metric"]).label
    if not (one["is_better"] or one["is_worse"]):
        return title
    told = _("%(metric)s: better") if one["is_better"] else _("%(metric)s: worse")
    return label(
        "better" if one["is_better"] else "worse", told % {"metric": title}, {"better": "success", "worse": "danger"}
    )
