"""What a customer's page tells of the future: the latest probability with its reasons, and its history."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers import charts
from customers.admin.labels import drawn
from customers.admin.panels import Panel, register
from customers.models import Customer
from predictions.admin.families import STAGES
from predictions.comparison import row_at
from predictions.models import FeatureSnapshot, Prediction, RiskLevel

HISTORY = 120
VARIANTS = {"low": "success", "medium": "info", "high": "warning", "critical": "danger"}


def outlook(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The customer's prediction at the latest day that was scored, its reasons, and the curve up to it."""
    history = list(customer.predictions.select_related("model").order_by("-as_of")[:HISTORY])
    snapshot = FeatureSnapshot.objects.order_by("-as_of").first()
    latest = history[0] if history else None
    is_current = latest is not None and (snapshot is None or latest.as_of >= snapshot.as_of)
    return {
        "latest": latest,
        "chance": f"{latest.probability:.1%}" if latest else "",
        "is_current": is_current,
        "variant": VARIANTS.get(latest.risk_level, "") if latest else "",
        "reasons": reasons(latest) if latest else [],
        "stage_title": STAGES.get(latest.lifecycle_stage, latest.lifecycle_stage) if latest else "",
        "why_none": "" if is_current else _why_none(customer, snapshot),
        "curve": _curve(history[::-1]),
    }


def reasons(prediction: Prediction) -> list[dict[str, Any]]:
    """Sentences in the reader's language with how much each pushes which way, strongest first."""
    from predictions.explanations import reasons_for

    language = "zh" if (get_language() or "").startswith("zh") else "en"
    told = reasons_for(prediction)
    strongest = max((abs(reason["contribution"]) for reason in told), default=0) or 1
    return [
        {
            "sentence": reason["sentence"][language],
            "is_up": reason["contribution"] > 0,
            "contribution": f"{reason['contribution']:+.2f}",
            "share": round(abs(reason["contribution"]) / strongest, 3),
        }
        for reason in told
    ]


def _why_none(customer: Customer, snapshot: FeatureSnapshot | None) -> str:
    """Why the latest day has no probability for this customer, in a sentence."""
    if snapshot is None:
        return _("No day has been computed yet. Run the daily job first.")
    row = row_at(customer, snapshot.as_of)
    day = date_format(snapshot.as_of)
    if row is None:
        return _("The customer was not registered before %(day)s, the latest day computed.") % {"day": day}
    stage = str(STAGES.get(row["lifecycle_stage"], row["lifecycle_stage"]))
    if row["lifecycle_stage"] == "lapsed":
        return _(
            "On %(day)s the stage is “%(stage)s”: there was no activity in the 20 days before. The customer has left "
            "already, so there is no probability of leaving."
        ) % {"day": day, "stage": stage}
    if not row["eligible"]:
        return _(
            "On %(day)s the stage is “%(stage)s” and the account status “%(status)s”; only active accounts are scored."
        ) % {"day": day, "stage": stage, "status": row["account_status"]}
    return _("On %(day)s the stage is “%(stage)s”; the day has not been scored yet.") % {"day": day, "stage": stage}


def _curve(history: list[Prediction]) -> str:
    """The probability on each day scored, with the lines at which the risk levels begin."""
    if len(history) < 2:
        return ""
    levels = zip((RiskLevel.MEDIUM, RiskLevel.HIGH, RiskLevel.CRITICAL), settings.RISK_LEVEL_BOUNDS, strict=True)
    svg = charts.line(
        {_("Probability"): ([one.as_of for one in history], [float(one.probability) for one in history])},
        title=_("Probability of leaving on each day scored"),
        y_label=_("Probability"),
        levels={_("from here %(level)s") % {"level": level.label}: float(bound) for level, bound in levels},
        percent=True,
    )
    return drawn(svg)


register(
    Panel(
        name="outlook",
        position=10,
        template="admin/predictions/panels/outlook.html",
        context=outlook,
        permission="predictions.view_prediction",
    )
)
__all__ = ["STAGES", "VARIANTS", "reasons"]
