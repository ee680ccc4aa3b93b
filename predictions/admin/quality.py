"""How good the predictions were, how far the data has moved, and the manifests of the features."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from customers import charts
from customers.admin.labels import drawn, label
from customers.admin.machine import MachineRows
from customers.joining import listed, running
from predictions.admin import figures
from predictions.models import DailyQuality, Drift, FeatureSnapshot

VERDICTS = {"moved": "warning", "": "success"}
STAGES = {"reading": _("reading"), "features": _("features"), "writing": _("writing")}


class Charted(MachineRows):
    """A list with a chart above it, shown to those who may see the rows."""

    list_before_template = "admin/chart_above.html"

    def chart(self) -> str:
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        drawn = self.chart() if self.has_view_permission(request) else ""
        return super().changelist_view(request, {**(extra_context or {}), "chart": drawn})


@admin.register(DailyQuality)
class DailyQualityAdmin(Charted):
    list_display = (
        "as_of",
        "model",
        "n_predictions",
        "n_churned",
        "n_treated",
        "auc",
        "calibration_error",
        "lift",
        "base_rate",
    )
    of_all = ("n_predictions", "n_churned", "n_treated", "base_rate")
    list_select_related = ("model",)
    list_filter = ("model", ("as_of", RangeDateFilter))
    list_filter_submit = True
    search_fields = ("model__version",)
    fields = (
        ("as_of", "model"),
        ("n_predictions", "n_churned", "n_treated"),
        ("auc", "calibration_error"),
        ("lift", "base_rate"),
        "told",
    )
    readonly_fields = ("auc", "calibration_error", "lift", "base_rate", "told")
    empty_title = _("No day has closed yet")
    empty_message = _("A day is measured once its label is known: the horizon after the predictions were made.")

    def chart(self) -> str:
        return figures.quality(list(DailyQuality.objects.order_by("-as_of")[:120]))

    @admin.display(description=_("ROC AUC"))
    def auc(self, day: DailyQuality) -> str:
        return _with_interval(day, "roc_auc")

    @admin.display(description=_("calibration error"))
    def calibration_error(self, day: DailyQuality) -> str:
        return _with_interval(day, "ece")

    @admin.display(description=_("lift of the top tenth"))
    def lift(self, day: DailyQuality) -> str:
        return _with_interval(day, "lift_top_decile")

    @admin.display(description=_("base rate"))
    def base_rate(self, day: DailyQuality) -> str:
        return _with_interval(day, "base_rate")

    @admin.display(description=_("warnings"))
    def told(self, day: DailyQuality) -> str:
        return running(day.told) or "–"


def _with_interval(day: DailyQuality, name: str) -> str:
    low, high = (day.metrics.get("intervals") or {}).get(name) or (None, None)
    return figures.cell({"value": day.metrics.get(name), "low": low, "high": high})


@admin.register(Drift)
class DriftAdmin(Charted):
    list_display = ("as_of", "feature", "psi_shown", "p_shown", "verdict", "model")
    list_select_related = ("model",)
    list_filter = ("is_warning", "model", ("as_of", RangeDateFilter))
    list_filter_submit = True
    search_fields = ("feature",)
    search_help_text = _("A part of a feature's name, or score.")
    empty_title = _("No drift measured yet")
    empty_message = _("Each scored day is compared with the data that its model was trained on.")

    def chart(self) -> str:
        latest = Drift.objects.order_by("-as_of").values("as_of")[:1]
        top = list(Drift.objects.filter(as_of=latest).order_by("-psi")[:15])
        if not top:
            return ""
        title = gettext("Largest drift on %(day)s") % {"day": top[0].as_of}
        return drawn(charts.bars([one.feature for one in top], [one.psi for one in top], title=title, y_label="PSI"))

    @admin.display(description=_("PSI"), ordering="psi")
    def psi_shown(self, row: Drift) -> str:
        return f"{row.psi:.3f}"

    @admin.display(description=_("p"), ordering="p_value")
    def p_shown(self, row: Drift) -> str:
        return "–" if row.p_value is None else f"{row.p_value:.3g}"

    @admin.display(description=_("warning"), ordering="is_warning")
    def verdict(self, row: Drift) -> str:
        return label("moved", gettext("moved"), VERDICTS) if row.is_warning else label("", gettext("steady"), VERDICTS)


@admin.register(FeatureSnapshot)
class FeatureSnapshotAdmin(MachineRows):
    of_all = ("n_customers", "n_eligible")
    list_display = ("as_of", "n_customers", "n_eligible", "catalogue_version", "seconds", "computed_at")
    list_filter = (("as_of", RangeDateFilter), "catalogue_version")
    list_filter_submit = True
    search_fields = ("catalogue_version", "path")
    fields = (("as_of", "catalogue_version"), ("n_customers", "n_eligible"), "path", "sha256", "seconds", "computed_at")
    readonly_fields = ("seconds",)
    empty_title = _("No features computed yet")
    empty_message = _(
        "The daily job computes the 88 features of each day, or: python manage.py compute_features --as-of D"
    )

    @admin.display(description=_("seconds"))
    def seconds(self, row: FeatureSnapshot) -> str:
        known = [(name, value) for name, value in row.timings.items() if isinstance(value, int | float)]
        parts = [f"{STAGES.get(name, name)} {value:.1f}" for name, value in known]
        return listed(parts) or "–"
