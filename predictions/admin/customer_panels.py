"""What a customer's page tells of the future: the latest probability with its reasons, its history, the features."""

import logging
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from customers import charts
from customers.admin.labels import drawn
from customers.admin.panels import Panel, register
from customers.models import Customer
from predictions.models import FeatureSnapshot, Prediction

HISTORY = 120
VARIANTS = {"low": "success", "medium": "info", "high": "warning", "critical": "danger"}
FAMILIES = {
    "basic": gettext_lazy("Basic information"),
    "rfm": gettext_lazy("Recency, frequency, monetary value"),
    "transaction": gettext_lazy("Transaction behaviour"),
    "interaction": gettext_lazy("Interaction"),
    "trend": gettext_lazy("Trend"),
    "lifecycle": gettext_lazy("Lifecycle"),
    "social": gettext_lazy("Social network"),
    "risk": gettext_lazy("Risk signals"),
}
STAGES = {
    "new": gettext_lazy("new"),
    "active": gettext_lazy("active"),
    "at_risk": gettext_lazy("at risk"),
    "reactivated": gettext_lazy("reactivated"),
    "lapsed": gettext_lazy("lapsed"),
}
logger = logging.getLogger(__name__)


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
    """Sentences in the reader's language with their direction, strongest first."""
    from predictions.explanations import reasons_for

    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [
        {"sentence": reason["sentence"][language], "is_up": reason["contribution"] > 0}
        for reason in reasons_for(prediction)
    ]


def _why_none(customer: Customer, snapshot: FeatureSnapshot | None) -> str:
    """Why the latest day has no probability for this customer, in a sentence."""
    if snapshot is None:
        return _("No day has been computed yet. Run the daily job first.")
    row = _row(customer, snapshot)
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


def _row(customer: Customer, snapshot: FeatureSnapshot) -> dict[str, Any] | None:
    from predictions import snapshots

    try:
        frame = snapshots.read(as_of=snapshot.as_of, customer_id=customer.customer_id)
    except Exception:
        logger.exception("The snapshot of %s cannot be read.", snapshot.as_of)
        return None
    return None if frame.is_empty() else frame.row(0, named=True)


def _curve(history: list[Prediction]) -> str:
    if len(history) < 2:
        return ""
    svg = charts.line(
        {_("Probability"): ([one.as_of for one in history], [float(one.probability) for one in history])},
        title=_("Probability of leaving on each day scored"),
        y_label=_("Probability"),
        percent=True,
    )
    return drawn(svg)


def features(_request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The 88 values at the latest day computed, by family, with what each of them is."""
    from predictions.features.catalogue import FEATURES

    snapshot = FeatureSnapshot.objects.order_by("-as_of").first()
    row = _row(customer, snapshot) if snapshot else None
    if snapshot is None or row is None:
        return {"families": [], "as_of": None}
    families = [
        {"title": FAMILIES.get(family, family), "rows": [_feature(one, row) for one in group]}
        for family, group in groupby(FEATURES, key=lambda one: one.family)
    ]
    return {"families": families, "as_of": snapshot.as_of}


def _feature(feature: Any, row: dict[str, Any]) -> dict[str, str]:
    return {"name": feature.name, "description": _(feature.description), "value": shown(row.get(feature.name))}


def shown(value: Any) -> str:
    """A value as people read it: a dash for none, whole numbers whole, at most four decimals."""
    if value is None:
        return "–"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 10**15
        return number_format(int(value) if whole else float(f"{value:.4f}"), use_l10n=True, force_grouping=True)
    return number_format(value, force_grouping=True) if isinstance(value, int) else str(value)


register(
    Panel(
        name="outlook",
        position=10,
        template="admin/predictions/panels/outlook.html",
        context=outlook,
        permission="predictions.view_prediction",
    )
)
register(
    Panel(
        name="features",
        position=70,
        template="admin/predictions/panels/features.html",
        context=features,
        permission="predictions.view_prediction",
    )
)

__all__ = ["FAMILIES", "STAGES", "VARIANTS", "reasons", "shown"]
