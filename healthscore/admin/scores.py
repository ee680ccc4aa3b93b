"""The scores of the latest day as a list, those who have none, and the pages that sum them up."""

from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

from customers.admin import background, held
from customers.admin.exporting import Column, Exports
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.admin.searching import FindsCustomers
from customers.exports import Table
from customers.spreadsheet import Format
from customers.visibility import is_limited
from healthscore.admin import beside, filters, portfolio, shown
from healthscore.dimensions.catalogue import NAMES
from healthscore.models import HealthScore, NotScored
from predictions.admin.customer_panels import VARIANTS as RISKS
from predictions.models import RiskLevel

__all__ = ["HealthScoreAdmin", "NotScoredAdmin"]

EMPTY = _("Import customers with their deals, tickets and activity, then run: python manage.py compute_health")


class CustomersList(ChangeList):
    """Leads from a row to its customer's page, where the card is."""

    def url_for_result(self, result: Any) -> str:
        return shown.card_url(result.customer_id)


class OfLatestDay(FindsCustomers, held.MarksHeld, MachineRows):
    """Rows of the latest day that was scored; a row leads to its customer's page."""

    list_before_template = "admin/healthscore/day_above.html"
    list_select_related = ("customer",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        latest = beside.latest_day()
        return super().get_queryset(request).filter(as_of=latest.as_of if latest else None)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CustomersList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        latest = beside.latest_day() if self.has_view_permission(request) else None
        extra = {"day": latest, "failures": shown.failures(latest.failures) if latest else []}
        return super().changelist_view(request, {**(extra_context or {}), **extra})

    @admin.display(description=_("customer"), ordering="customer__customer_id")
    def who(self, row: Any) -> Any:
        url = shown.card_url(row.customer_id)
        return format_html('<a class="text-link" href="{}">{}</a>', url, row.customer)

    @admin.display(description=_("customer"), ordering="customer__customer_id")
    def customer_name(self, row: Any) -> str:
        return str(row.customer)


def _dimension(name: str, row: HealthScore) -> Decimal | None:
    score = row.dimensions[name]
    return None if score is None else round(Decimal(score), 4)


@admin.register(HealthScore)
class HealthScoreAdmin(Exports, OfLatestDay):
    """The lowest score first; on top the pages that sum the scores up."""

    list_display = (
        "customer_name",
        "score_shown",
        "grade_shown",
        "change_shown",
        "customer_type",
        "manager_shown",
        "renewal_shown",
        "mrr_shown",
        "coverage_shown",
        "churn_shown",
        "may_be_treated",
    )
    list_filter = (
        "grade",
        "grade_before",
        filters.TypeFilter,
        filters.ManagerFilter,
        filters.RenewalFilter,
        filters.CoverageFilter,
        filters.DisagreementFilter,
        held.TreatableFilter,
    )
    sortable_by = (
        *("customer_name", "score_shown", "grade_shown", "change_shown", "customer_type", "mrr_shown"),
        "coverage_shown",
    )
    ordering = ("score", "customer_id")
    export_name = "health"
    export_treats = True
    export_columns = (
        Column("customer_id", lambda row: row.customer.customer_id),
        Column("name", lambda row: row.customer.name, is_personal=True),
        Column("as_of", lambda row: row.as_of),
        Column("health_score", lambda row: row.score),
        Column("health_grade", lambda row: row.grade),
        Column("set_grade", lambda row: row.set_grade),
        Column("change_30d", lambda row: row.change_30d),
        Column("forecast_30d", lambda row: row.forecast_30d),
        Column("coverage", lambda row: round(Decimal(row.coverage), 4)),
        Column("mrr", lambda row: row.mrr),
        Column("customer_type", lambda row: row.customer_type),
        Column("account_manager", lambda row: row.manager),
        Column("next_renewal", lambda row: row.next_renewal),
        *(Column(name, partial(_dimension, name)) for name in NAMES),
    )
    fields = (
        ("who", "as_of"),
        ("score_shown", "grade_shown"),
        ("change_shown", "direction"),
        ("coverage_shown", "mrr_shown"),
        ("configuration", "calculated_at"),
        "may_be_treated",
    )
    readonly_fields = (
        *("who", "score_shown", "grade_shown", "change_shown", "coverage_shown", "mrr_shown", "may_be_treated"),
    )
    empty_title = _("No health score yet")
    empty_message = EMPTY

    def get_queryset(self, request: HttpRequest) -> QuerySet[HealthScore]:
        latest = beside.latest_day()
        rows = super().get_queryset(request).defer("breakdown")
        return beside.with_facts(rows, as_of=latest.as_of) if latest else rows.none()

    def get_urls(self) -> list[Any]:
        pages = (("portfolio", self.portfolio), ("truth", self.truth), ("disagreements", self.disagreements))
        own = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"healthscore_healthscore_{name}")
            for name, view in pages
        ]
        return own + super().get_urls()

    def portfolio(self, request: HttpRequest) -> HttpResponse:
        """All customers at a glance; each number leads to the list behind it."""
        page = self._page(request, "portfolio", gettext("Portfolio"), portfolio.figures)
        return background.refreshed(page, portfolio.under_way())

    def truth(self, request: HttpRequest) -> HttpResponse:
        """The score held against who left afterwards; POST has it measured anew, where that takes long."""
        from healthscore import truth_kept
        from healthscore.admin import truth  # scipy and scikit-learn, which only this page needs

        page = self._page(request, "truth", gettext("Does it tell the truth?"), truth.figures)
        if request.method != "POST":
            return background.refreshed(page, truth.under_way())
        if is_limited(request.user) or not truth_kept.is_large():
            raise PermissionDenied
        truth_kept.ask(user=request.user)
        return HttpResponseRedirect(request.path)

    def disagreements(self, request: HttpRequest) -> HttpResponse:
        """The list of those whose health and whose risk of leaving say the opposite."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = urlencode({"disagreement": "yes"})
        return HttpResponseRedirect(f"{reverse('admin:healthscore_healthscore_changelist')}?{query}")

    def _page(self, request: HttpRequest, name: str, title: str, figures: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **figures(request.user)}
        return TemplateResponse(request, f"admin/healthscore/{name}.html", context)

    def table_of(self, request: HttpRequest, rows: QuerySet[Any], kind: Format) -> Table:
        return super().table_of(request, rows.defer(None), kind)

    @admin.display(description=_("score"), ordering="score")
    def score_shown(self, row: HealthScore) -> str:
        return shown.score(row.score)

    @admin.display(description=_("grade"), ordering="score")
    def grade_shown(self, row: Any) -> Any:
        """The computed grade, and the one that staff set."""
        if not row.set_grade:
            return shown.grade(row.grade)
        return format_html("{} {} {}", shown.grade(row.grade), gettext("staff:"), shown.grade(row.set_grade))

    @admin.display(description=_("in 30 days"), ordering="change_30d")
    def change_shown(self, row: HealthScore) -> Any:
        return shown.risen(row.change_30d)

    @admin.display(description=_("account manager"), ordering="manager")
    def manager_shown(self, row: Any) -> str:
        return row.manager or "–"

    @admin.display(description=_("next renewal"), ordering="next_renewal")
    def renewal_shown(self, row: Any) -> str:
        return date_format(row.next_renewal, "Y-m-d") if row.next_renewal else "–"

    @admin.display(description=_("MRR"), ordering="mrr")
    def mrr_shown(self, row: HealthScore) -> str:
        return shown.money(row.mrr)

    @admin.display(description=_("coverage"), ordering="coverage")
    def coverage_shown(self, row: HealthScore) -> str:
        return f"{row.coverage:.0%}"

    @admin.display(description=_("risk of leaving"), ordering="churn_level")
    def churn_shown(self, row: Any) -> str:
        return label(row.churn_level, RiskLevel(row.churn_level).label, RISKS) if row.churn_level else "–"


@admin.register(NotScored)
class NotScoredAdmin(OfLatestDay):
    list_display = ("customer_name", "kind", "registered", "why", "may_be_treated")
    list_before_template = "admin/healthscore/not_scored_above.html"
    list_filter = (filters.AccountFilter, filters.RenewalFilter, "customer__customer_type")
    ordering = ("customer__customer_id",)
    fields = (("who", "as_of"), "why", "may_be_treated")
    readonly_fields = ("who", "why", "may_be_treated")
    empty_title = _("Nobody is without a score")
    empty_message = _("Customers come here on a day on which there is nothing to score them from.")

    @admin.display(description=_("customer type"), ordering="customer__customer_type")
    def kind(self, row: NotScored) -> str:
        return row.customer.customer_type or "–"

    @admin.display(description=_("registered on"), ordering="customer__registered_on")
    def registered(self, row: NotScored) -> Any:
        return row.customer.registered_on

    @admin.display(description=_("reason"))
    def why(self, row: NotScored) -> Any:
        return row.told()
