"""Today's list to call: the first of the customers at risk who may be treated."""

import datetime as dt
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from churnsite.home.days import Days
from churnsite.home.links import of_today
from customers import boundary
from customers.admin.labels import label
from customers.models import Intervention
from customers.visibility import visible
from experiments.admin.report.words import amount
from predictions.admin.customer_panels import VARIANTS
from predictions.modelling.risk import AT_RISK
from predictions.models import Prediction

__all__ = ["OUTLET", "first"]

OUTLET = "home"
N_FIRST = 10


def first(days: Days, *, user: Any, on: dt.date) -> dict[str, Any]:
    """Ten at most, the likeliest to leave first, and the work list that goes on from there."""
    rows = visible(Prediction.objects.filter(as_of=days.latest, risk_level__in=AT_RISK), user)
    rows = rows.select_related("customer__assignee__user").order_by("-probability", "customer_id")
    rows = rows.annotate(contacted_at=_last_contact())
    return {
        "rows": [_row(row) for row in boundary.first(rows, N_FIRST, outlet=OUTLET, on=on)],
        "n_at_risk": days.now.n_at_risk,
        "url": of_today(*AT_RISK, treatable="yes"),
        "all_url": of_today(),
    }


def _last_contact() -> Subquery:
    measures = Intervention.objects.filter(customer=OuterRef("customer")).order_by("-occurred_at")
    return Subquery(measures.values("occurred_at")[:1])


def _row(row: Any) -> dict[str, Any]:
    assignee = getattr(row.customer, "assignee", None)
    return {
        "customer": str(row.customer),
        "url": reverse("admin:customers_customer_change", args=[row.customer_id]),
        "chance": f"{row.probability:.1%}",
        "level": label(row.risk_level, row.get_risk_level_display(), VARIANTS),
        "main_reason": _main_reason(row),
        "worth": amount(None if row.monthly_value is None else float(row.monthly_value)),
        "contact": _contact(row.contacted_at),
        "assignee": str(assignee.user) if assignee else "",
    }


def _main_reason(row: Prediction) -> str:
    """The sentence of what raises the risk most; empty where nothing does."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    told = (one["sentence"][language] for one in row.reasons or [] if one["feature"] == row.main_reason)
    return next(told, "")


def _contact(at: dt.datetime | None) -> str:
    if at is None:
        return _("not yet contacted")
    return _("contacted on %(day)s") % {"day": date_format(timezone.localtime(at).date())}
