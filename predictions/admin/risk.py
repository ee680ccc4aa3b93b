"""The risk list of today, and the predictions of every day."""

from typing import Any

from django.contrib import admin
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.views import ChangeList

from customers.admin import held
from customers.admin.exporting import Column, Exports
from customers.admin.filters import AssigneeFilter, NotContactedFilter, TextValuesFilter, TreatableDropdown
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.admin.paging import summed
from customers.admin.searching import FindsCustomers
from customers.joining import phrases
from customers.models import Intervention
from predictions.admin.customer_panels import VARIANTS
from predictions.admin.families import STAGES
from predictions.admin.filters import LevelFilter, OutcomeFilter, ReasonFilter, StageFilter, ValueFilter
from predictions.admin.work import WorkActions
from predictions.models import Prediction, RiskToday

VIEW = "predictions.view_prediction"


def looking_after(row: Prediction) -> str:
    """The name of whoever looks after the customer; empty where nobody does."""
    assignee = getattr(row.customer, "assignee", None)
    return str(assignee.user) if assignee else ""


class PredictionList(Exports, FindsCustomers, held.MarksHeld, MachineRows):
    """What both lists share."""

    list_select_related = ("customer", "model")
    export_name = "risk"
    export_treats = True
    export_permission = "predictions.export_prediction"
    fields = (("who", "as_of"), ("chance", "level"), ("stage", "model"), "why", "may_be_treated", "churned")
    readonly_fields = ("who", "chance", "level", "stage", "why", "may_be_treated")
    export_columns: tuple[Column, ...] = (
        Column("customer_id", lambda row: row.customer.customer_id),
        Column("name", lambda row: row.customer.name, is_personal=True),
        Column("as_of", lambda row: row.as_of),
        Column("probability", lambda row: row.probability),
        Column("risk_level", lambda row: row.risk_level),
        Column("lifecycle_stage", lambda row: row.lifecycle_stage),
        Column("monthly_value", lambda row: row.monthly_value),
        Column("customer_type", lambda row: row.customer.customer_type),
        Column("region", lambda row: row.customer.region),
        Column("model_version", lambda row: row.model.version),
        Column("reasons", lambda row: phrases(sentences(row))),
    )
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
        return phrases(sentences(row)) or "–"


class CustomersList(ChangeList):
    """Leads from a row to its customer's page, where the reasons are."""

    def url_for_result(self, result: Any) -> str:
        return reverse("admin:customers_customer_change", args=[result.customer_id])


@admin.register(RiskToday)
class RiskTodayAdmin(WorkActions, PredictionList):
    """The customers of the latest day that was scored, the most endangered first."""

    class Media:
        css = {"all": ("churnsite/customer.css",)}

    list_display = (
        *("customer_name", "risk", "why_most", "worth", "about", "may_be_treated", "looked_after_by", "last_contact"),
    )
    list_filter = (
        ("risk_level", LevelFilter),
        ReasonFilter,
        ValueFilter,
        StageFilter,
        ("customer__customer_type", TextValuesFilter),
        ("customer__region", TextValuesFilter),
        NotContactedFilter,
        TreatableDropdown,
        AssigneeFilter,
    )
    list_filter_submit = True
    list_before_template = "admin/predictions/worth_above.html"
    list_select_related = ("customer__assignee__user", "model")
    actions = ("assign_to_me", "release", "record_intervention", "export_chosen", "export_chosen_xlsx")
    ordering = ("-probability", "customer_id")
    export_columns = (
        *PredictionList.export_columns,
        Column("last_contact", lambda row: row.last_contact_at),
        Column("assigned_to", looking_after),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[RiskToday]:
        latest = Prediction.objects.aggregate(day=Max("as_of"))["day"]
        measures = Intervention.objects.filter(customer=OuterRef("customer")).order_by("-occurred_at")
        rows = super().get_queryset(request).filter(as_of=latest)
        return rows.annotate(last_contact_at=Subquery(measures.values("occurred_at")[:1]))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CustomersList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with what those on it are worth together."""
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            worth = summed(response.context_data["cl"].queryset, "monthly_value")
            response.context_data["worth"] = None if worth is None else number_format(worth, 2, force_grouping=True)
        return response

    @admin.display(description=_("customer"), ordering="customer__customer_id")
    def customer_name(self, row: Prediction) -> str:
        return str(row.customer)

    @admin.display(description=_("risk"), ordering="probability")
    def risk(self, row: Prediction) -> Any:
        return format_html("{} {}", self.chance(row), self.level(row))

    @admin.display(description=_("type and region"))
    def about(self, row: Prediction) -> str:
        return " · ".join(part for part in (row.customer.customer_type, row.customer.region) if part) or "–"

    @admin.display(description=_("monthly value"), ordering="monthly_value")
    def worth(self, row: Prediction) -> str:
        return "–" if row.monthly_value is None else number_format(row.monthly_value, 2, force_grouping=True)

    @admin.display(description=_("assigned to"))
    def looked_after_by(self, row: Prediction) -> str:
        return looking_after(row) or "–"

    @admin.display(description=_("last contact"))
    def last_contact(self, row: Any) -> str:
        return date_format(timezone.localtime(row.last_contact_at), "Y-m-d") if row.last_contact_at else "–"

    @admin.display(description=_("main reason"))
    def why_most(self, row: Prediction) -> Any:
        raising = (one for one in row.reasons or [] if one["feature"] == row.main_reason)
        said = next((told(one) for one in raising), "")
        return format_html('<span class="reason-cell">{}</span>', said) if said else "–"


@admin.register(Prediction)
class PredictionAdmin(PredictionList):
    list_display = ("as_of", "who", "chance", "level", "stage", "may_be_treated", "model", "churned")
    list_filter = (
        ("risk_level", LevelFilter),
        TreatableDropdown,
        StageFilter,
        OutcomeFilter,
        ("as_of", RangeDateFilter),
    )
    list_filter_submit = True
    sortable_by = ()
    ordering = ("-as_of", "-probability", "customer")


def sentences(row: Prediction) -> list[str]:
    """The reasons that are kept, in the reader's language; a list makes none, that would take long."""
    return [told(reason) for reason in row.reasons or []]


def told(reason: dict[str, Any]) -> str:
    """A kept reason in the reader's language."""
    return str(reason["sentence"]["zh" if (get_language() or "").startswith("zh") else "en"])
