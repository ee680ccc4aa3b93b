"""The risk list of today, and the predictions of every day."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action
from unfold.views import ChangeList

from customers import boundary
from customers.admin import held
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.spreadsheet import csv_response
from predictions.admin.customer_panels import STAGES, VARIANTS
from predictions.models import Prediction, RiskToday

VIEW = "predictions.view_prediction"


class StageFilter(admin.SimpleListFilter):
    title = _("lifecycle stage")
    parameter_name = "lifecycle_stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, title in STAGES.items() if name != "lapsed"]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> QuerySet[Prediction]:
        return queryset.filter(lifecycle_stage=self.value()) if self.value() else queryset


class PredictionList(held.MarksHeld, MachineRows):
    """What both lists share."""

    list_select_related = ("customer", "model")
    search_fields = ("=customer__customer_id", "customer__customer_id__startswith", "customer__name__istartswith")
    search_help_text = _("The beginning of a customer ID or of a name.")
    actions_list = ("export",)
    fields = (("who", "as_of"), ("chance", "level"), ("stage", "model"), "why", "may_be_treated", "churned")
    readonly_fields = ("who", "chance", "level", "stage", "why", "may_be_treated")
    empty_title = _("Nobody has been scored yet")
    empty_message = _("Import customers and transactions, then run: python manage.py run_daily")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(VIEW))

    @admin.display(description=_("customer"), ordering="customer__customer_id")
    def who(self, row: Prediction) -> Any:
        url = reverse("admin:customers_customer_change", args=[row.customer_id])
        return format_html('<a class="text-link" href="{}">{}</a>', url, row.customer)

    @admin.display(description=_("probability"), ordering="probability")
    def chance(self, row: Prediction) -> str:
        return f"{row.probability:.1%}"

    @admin.display(description=_("risk level"), ordering="probability")
    def level(self, row: Prediction) -> str:
        return label(row.risk_level, row.get_risk_level_display(), VARIANTS)

    @admin.display(description=_("lifecycle stage"), ordering="lifecycle_stage")
    def stage(self, row: Prediction) -> Any:
        return STAGES.get(row.lifecycle_stage, row.lifecycle_stage)

    @admin.display(description=_("reasons"))
    def why(self, row: Prediction) -> str:
        return "; ".join(sentences(row)) or "–"

    @action(description=_("Download as CSV"), icon="download", permissions=["view"])
    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list as it is filtered and sorted, without those who may not be treated today."""
        rows = self.get_changelist_instance(request).get_queryset(request)
        rows = boundary.let_out(rows, outlet=f"{self.opts.label_lower}.csv", on=held.today())
        header = ["customer_id", "name", "as_of", "probability", "risk_level", "lifecycle_stage"]
        header += ["customer_type", "region", "model_version", "reasons"]
        return csv_response(name="risk.csv", header=header, rows=_csv_rows(rows))


class CustomersList(ChangeList):
    """Leads from a row to its customer's page, where the reasons are."""

    def url_for_result(self, result: Any) -> str:
        return reverse("admin:customers_customer_change", args=[result.customer_id])


@admin.register(RiskToday)
class RiskTodayAdmin(PredictionList):
    """The customers of the latest day that was scored, the most endangered first."""

    list_display = ("customer_name", "chance", "level", "stage", "kind", "region", "may_be_treated", "main_reason")
    list_filter = ("risk_level", held.TreatableFilter, StageFilter, "customer__customer_type", "customer__region")
    ordering = ("-probability", "customer_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RiskToday]:
        latest = Prediction.objects.aggregate(day=Max("as_of"))["day"]
        return super().get_queryset(request).filter(as_of=latest)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CustomersList

    @admin.display(description=_("customer"), ordering="customer__customer_id")
    def customer_name(self, row: Prediction) -> str:
        return str(row.customer)

    @admin.display(description=_("customer type"), ordering="customer__customer_type")
    def kind(self, row: Prediction) -> str:
        return row.customer.customer_type

    @admin.display(description=_("region"), ordering="customer__region")
    def region(self, row: Prediction) -> str:
        return row.customer.region

    @admin.display(description=_("main reason"))
    def main_reason(self, row: Prediction) -> str:
        return next(iter(sentences(row)), "")


@admin.register(Prediction)
class PredictionAdmin(PredictionList):
    list_display = ("as_of", "who", "chance", "level", "stage", "may_be_treated", "model", "churned")
    list_filter = ("risk_level", held.TreatableFilter, StageFilter, "churned", ("as_of", RangeDateFilter), "model")
    list_filter_submit = True
    ordering = ("-as_of", "-probability", "customer")


def sentences(row: Prediction) -> list[str]:
    """The reasons that are kept, in the reader's language; a list makes none, that would take long."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [reason["sentence"][language] for reason in row.reasons or []]


def _csv_rows(rows: QuerySet[Prediction]) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=2000):
        customer = row.customer
        yield [
            *(customer.customer_id, customer.name, row.as_of, row.probability, row.risk_level, row.lifecycle_stage),
            *(customer.customer_type, customer.region, row.model.version, "; ".join(sentences(row))),
        ]
