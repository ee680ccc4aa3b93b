"""The scores of the latest day as a list, those who have none, and the pages that sum them up."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.views import ChangeList

from customers import boundary
from customers.admin import held
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.spreadsheet import csv_response
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
        return reverse("admin:customers_customer_change", args=[result.customer_id])


class OfLatestDay(held.MarksHeld, MachineRows):
    """Rows of the latest day that was scored; a row leads to its customer's page."""

    list_before_template = "admin/healthscore/day_above.html"
    search_fields = ("=customer__customer_id", "customer__customer_id__startswith", "customer__name__istartswith")
    search_help_text = _("The beginning of a customer ID or of a name.")
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
        url = reverse("admin:customers_customer_change", args=[row.customer_id])
        return format_html('<a class="text-link" href="{}">{}</a>', url, row.customer)

    @admin.display(description=_("customer"), ordering="customer__customer_id")
    def customer_name(self, row: Any) -> str:
        return str(row.customer)


@admin.register(HealthScore)
class HealthScoreAdmin(OfLatestDay):
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
        "customer_type",
        filters.ManagerFilter,
        filters.RenewalFilter,
        filters.CoverageFilter,
        filters.DisagreementFilter,
        held.TreatableFilter,
    )
    ordering = ("score", "customer_id")
    actions_list = ("export",)
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
        return self._page(request, "portfolio", gettext("Portfolio"), portfolio.figures)

    def truth(self, request: HttpRequest) -> HttpResponse:
        """The score held against who left afterwards."""
        from healthscore.admin import truth  # scipy and scikit-learn, which only this page needs

        return self._page(request, "truth", gettext("Does it tell the truth?"), truth.figures)

    def disagreements(self, request: HttpRequest) -> HttpResponse:
        """The list of those whose health and whose risk of leaving say the opposite."""
        query = urlencode({"disagreement": "yes"})
        return HttpResponseRedirect(f"{reverse('admin:healthscore_healthscore_changelist')}?{query}")

    def _page(self, request: HttpRequest, name: str, title: str, figures: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **figures()}
        return TemplateResponse(request, f"admin/healthscore/{name}.html", context)

    @action(description=_("Download as CSV"), icon="download", permissions=["view"])
    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list as it is filtered and sorted, without those who may not be treated today."""
        rows = self.get_changelist_instance(request).get_queryset(request).defer(None)
        rows = boundary.let_out(rows, outlet=f"{self.opts.label_lower}.csv", on=held.today())
        header = ["customer_id", "name", "as_of", "health_score", "health_grade", "set_grade", "change_30d"]
        header += ["forecast_30d", "coverage", "mrr", "customer_type", "account_manager", "next_renewal", *NAMES]
        return csv_response(name="health.csv", header=header, rows=_csv_rows(rows))

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
    list_filter = ("reason", filters.RenewalFilter, "customer__customer_type")
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


def _csv_rows(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=2000):
        scores = row.dimensions
        yield [
            *(row.customer.customer_id, row.customer.name, row.as_of, row.score, row.grade, row.set_grade or ""),
            *(row.change_30d, row.forecast_30d, f"{row.coverage:.4f}", row.mrr, row.customer_type),
            *(row.manager or "", row.next_renewal or ""),
            *("" if scores[name] is None else f"{scores[name]:.4f}" for name in NAMES),
        ]
