"""The home page: a few numbers that say how things stand, each with the list behind it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from customers import boundary
from customers.clock import business_date
from customers.models import Customer, ImportFile, Run, SetAsideRow
from predictions.admin.customer_panels import VARIANTS
from predictions.admin.figures import cell
from predictions.admin.risk import sentences
from predictions.models import ModelVersion, Prediction, RiskLevel

N_TOP = 10
STATE_VARIANTS = {"done": "success", "failed": "danger", "running": "primary", "waiting": "info"}


@dataclass(frozen=True)
class Card:
    """One number; `variant` colours its mark, never alone: the words say the same."""

    title: Any
    number: str
    note: Any
    url: str
    icon: str
    variant: str = ""


def home(request: HttpRequest) -> dict[str, Any]:
    """Cards as far as this user may see what is behind them, and the first rows of the risk list."""
    may = request.user.has_perm
    cards = [card() for permission, card in CARDS if may(permission)]
    sees_risk = may("predictions.view_prediction")
    latest = Prediction.objects.aggregate(day=Max("as_of"))["day"] if sees_risk else None
    return {
        "cards": cards,
        "levels": _levels(latest) if latest else [],
        "risk_day": latest,
        "top": _top(latest) if latest else [],
        "is_empty": not Customer.objects.exists(),
        "upload_url": reverse("admin:customers_importfile_add") if may("customers.add_importfile") else "",
        "risk_url": reverse("admin:predictions_risktoday_changelist"),
    }


def _customers() -> Card:
    n = Customer.objects.count()
    url = reverse("admin:customers_customer_changelist")
    return Card(_("Customers"), number_format(n, force_grouping=True), _("known to the system"), url, "groups")


def _last_run() -> Card:
    url = reverse("admin:customers_run_changelist")
    run = Run.objects.filter(kind=Run.Kind.DAILY).order_by("-as_of").first()
    if run is None:
        return Card(_("Daily job"), _("never"), _("has not run yet"), url, "schedule")
    note = run.error.splitlines()[0][:140] if run.error else _("as of %(day)s") % {"day": date_format(run.as_of)}
    url = reverse("admin:customers_run_change", args=[run.pk])
    return Card(_("Daily job"), run.get_state_display(), note, url, "schedule", STATE_VARIANTS.get(run.state, ""))


def _champion() -> Card:
    model = ModelVersion.objects.filter(role=ModelVersion.Role.CHAMPION).first()
    if model is None:
        url = reverse("admin:predictions_modelversion_changelist")
        return Card(_("Champion's ROC AUC"), "–", _("no model yet"), url, "military_tech")
    url = reverse("admin:predictions_modelversion_change", args=[model.pk])
    auc = cell((model.metrics.get("roc_auc") or {}).get("value"))
    return Card(_("Champion's ROC AUC"), auc, model.version, url, "military_tech", "warning" if model.warnings else "")


def _set_aside() -> Card:
    n = SetAsideRow.objects.filter(resolved_at=None).count()
    file = ImportFile.objects.order_by("-created_at").first()
    note = (
        _("latest import: %(file)s, %(state)s") % {"file": file.name, "state": file.get_state_display()} if file else ""
    )
    url = reverse("admin:customers_setasiderow_changelist")
    return Card(_("Rows set aside"), number_format(n, force_grouping=True), note, url, "rule", "warning" if n else "")


CARDS = (
    ("customers.view_customer", _customers),
    ("customers.view_run", _last_run),
    ("predictions.view_modelversion", _champion),
    ("customers.view_setasiderow", _set_aside),
)


def _levels(day: Any) -> list[dict[str, Any]]:
    counts = dict(Prediction.objects.filter(as_of=day).order_by().values_list("risk_level").annotate(n=Count("pk")))
    total = sum(counts.values()) or 1
    return [
        {
            "title": level.label,
            "name": level.value,
            "n": counts.get(level.value, 0),
            "share": counts.get(level.value, 0) / total,
            "percent": round(100 * counts.get(level.value, 0) / total, 1),
            "variant": VARIANTS[level.value],
        }
        for level in reversed(RiskLevel)
    ]


def _top(day: Any) -> list[dict[str, Any]]:
    """The first of the risk list who may be treated today."""
    rows = Prediction.objects.filter(as_of=day).select_related("customer").order_by("-probability", "customer_id")
    return [
        {"row": row, "chance": f"{row.probability:.1%}", "main_reason": next(iter(sentences(row)), "")}
        for row in boundary.first(rows, N_TOP, outlet="home", on=business_date())
    ]
