"""What a customer's page tells of its health: the score and what it is made of, where it goes, and what to do."""

import datetime as dt
import logging
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers import charts
from customers.admin.labels import drawn, label
from customers.admin.panels import Panel, register
from customers.models import Customer
from healthscore import disagreement, explanations, fact_words, words
from healthscore.admin import beside, shown
from healthscore.admin.alerts import SEVERITIES
from healthscore.admin.band import band
from healthscore.dimensions.catalogue import DIMENSIONS
from healthscore.dimensions.configuration import Configuration
from healthscore.explanations import Explanation
from healthscore.models import HealthAlert, HealthDay, HealthScore, NotScored, Override
from predictions.admin.customer_panels import VARIANTS as RISKS
from predictions.models import Prediction

__all__ = ["card"]

logger = logging.getLogger(__name__)
MOST_REASONS = 5


def card(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The customer's score of the latest day that was scored, or why there is none."""
    latest = beside.latest_day()
    if latest is None:
        return {"why_none": _("No day was scored yet. Run: python manage.py compute_health")}
    row = HealthScore.objects.select_related("configuration").filter(customer=customer, as_of=latest.as_of).first()
    override = beside.in_force(on=latest.as_of).filter(customer=customer).select_related("created_by").first()
    common = {
        "day": latest.as_of,
        "failures": shown.failures(latest.failures),
        "override": _override(override) if override else None,
        "alerts": _alerts(customer),
        "may_override": request.user.has_perm("healthscore.add_override"),
    }
    if row is None:
        return common | {"why_none": _why_none(customer, latest)}
    return common | _scored(customer, row)


def _scored(customer: Customer, row: HealthScore) -> dict[str, Any]:
    configuration = row.configuration.configuration
    weights = configuration.weights(row.customer_type)
    found = _explained(customer, row, configuration)
    return {
        "score": shown.score(row.score),
        "grade": shown.grade(row.grade),
        "coverage": f"{row.coverage:.0%}",
        "mrr": shown.money(row.mrr),
        "forecast": shown.score(row.forecast_30d),
        "has_forecast": row.forecast_30d is not None,
        "change": shown.change(row.change_30d),
        "version": row.configuration,
        "dimensions": _dimensions(row, weights, configuration, found),
        "reasons": _reasons(found),
        "why_no_reasons": _why_no_reasons(found),
        "curve": _curve(row, configuration),
        "steps": words.recommendations(grade=row.grade, scores=row.dimensions, weights=weights),
        "churn": _churn(customer, row),
    }


def _why_none(customer: Customer, latest: HealthDay) -> str:
    left_out = NotScored.objects.filter(customer=customer, as_of=latest.as_of).first()
    if left_out is not None:
        return str(left_out.told())
    return _("The customer was not registered before %(day)s, the latest day scored.") % {
        "day": date_format(latest.as_of)
    }


def _override(override: Override) -> dict[str, Any]:
    return {
        "row": override,
        "grade": shown.grade(override.grade),
        "told": _("until %(day)s, by %(who)s: %(why)s")
        % {
            "day": date_format(override.expires_on),
            "who": override.created_by or "–",
            "why": override.reason,
        },
    }


def _alerts(customer: Customer) -> list[dict[str, Any]]:
    """Those that are not closed."""
    found = HealthAlert.objects.filter(customer=customer).exclude(state=HealthAlert.State.CLOSED)
    return [
        {
            "pk": one.pk,
            "title": words.alert_title(one.code),
            "severity": label(one.severity, one.get_severity_display(), SEVERITIES),
            "message": words.alert_message(one.code, value=one.value, threshold=one.threshold, detail=one.detail),
            "opened_on": one.opened_on,
            "taken_up_by": one.acknowledged_by,
        }
        for one in found.select_related("acknowledged_by").order_by("severity", "code")
    ]


def _explained(customer: Customer, row: HealthScore, configuration: Configuration) -> Explanation | None:
    """Against 30 days before; None where it cannot be told now, for the page is worth more than its reasons."""
    since = row.as_of - dt.timedelta(days=configuration.trend_days)
    try:
        return explanations.explain(customer=customer, since=since, until=row.as_of, configuration=configuration)
    except Exception:
        logger.exception("The score of customer row %s cannot be explained.", customer.pk)
        return None


def _dimensions(
    row: HealthScore, weights: dict[str, float], configuration: Configuration, found: Explanation | None
) -> list[dict[str, Any]]:
    """In the order of the weights' table; a bar each."""
    figures = {(one.dimension, one.part): fact_words.now(one) for one in found.parts} if found else {}
    bars = []
    for dimension in DIMENSIONS:
        stored = row.breakdown[dimension.name]
        inner = configuration.document[dimension.name]["weights"]
        parts = [
            {
                "title": _(part.title),
                "description": _(part.description),
                "weight": f"{float(inner[part.name]):.0%}",
                "score": _two(stored["parts"][part.name]),
                "figure": figures.get((dimension.name, part.name), ""),
            }
            for part in dimension.parts
        ]
        bars.append(
            {
                "title": _(dimension.title),
                "weight": f"{weights[dimension.name]:.0%}",
                "value": stored["score"],
                "score": _two(stored["score"]),
                "level": _level(stored["score"], configuration),
                "parts": parts,
            }
        )
    return bars


def _two(value: float | None) -> str:
    return _("no data") if value is None else shown.score(value)


def _level(value: float | None, configuration: Configuration) -> str:
    """The colour of a bar: that of the grade which such a score would have."""
    if value is None:
        return ""
    bounds = configuration.document["grades"]
    grade = next((name for name, bound in bounds.items() if value >= bound), "critical")
    return shown.LEVELS[grade]


def _reasons(found: Explanation | None) -> list[dict[str, Any]]:
    """The parts that moved the score most."""
    if found is None or found.change is None:
        return []
    moved = [part for part in found.parts if abs(part.change) >= fact_words.LEAST]
    return [{"is_down": part.change < 0, "sentence": part.sentence} for part in moved[:MOST_REASONS]]


def _why_no_reasons(found: Explanation | None) -> str:
    if found is None:
        return _("The change cannot be explained now: the data could not be read.")
    if found.change is None:
        return _("There is no score of 30 days before to compare with.")
    return _("Nothing that counts has changed in 30 days.")


def _curve(row: HealthScore, configuration: Configuration) -> str:
    """The stored scores of the last 90 days, and the forecast with its band; empty below two scores."""
    trend = configuration.document["trend"]
    first = row.as_of - dt.timedelta(days=int(trend["history_days"]))
    past = HealthScore.objects.filter(customer=row.customer_id, as_of__range=(first, row.as_of)).order_by("as_of")
    points = [(day, float(score)) for day, score in past.values_list("as_of", "score")]
    if len(points) < 2:
        return ""
    name = _("Health score")
    series: dict[str, Any] = {name: ([day for day, _score in points], [score for _day, score in points])}
    bands = {}
    if row.forecast_30d is not None:
        ahead = _("Forecast with 95 % band")
        end = row.as_of + dt.timedelta(days=int(trend["forecast_days"]))
        series[ahead] = ([row.as_of, end], [float(row.score), float(row.forecast_30d)])
        bands[ahead] = band(points=points, forecast=float(row.forecast_30d), until=end)
    svg = charts.line(series, title=_("Health score of the last 90 days"), y_label=_("score"), bands=bands)
    return drawn(svg)


def _churn(customer: Customer, row: HealthScore) -> dict[str, Any] | None:
    """The latest probability of leaving, and whether it says the opposite."""
    latest = Prediction.objects.filter(customer=customer).order_by("-as_of").first()
    if latest is None:
        return None
    return {
        "chance": f"{latest.probability:.1%}",
        "level": label(latest.risk_level, latest.get_risk_level_display(), RISKS),
        "day": latest.as_of,
        "disagrees": disagreement.disagrees(grade=row.grade, level=latest.risk_level),
    }


register(
    Panel(
        name="health",
        position=5,
        template="admin/healthscore/panels/card.html",
        context=card,
        permission="healthscore.view_healthscore",
        tab="health",
    )
)
