"""Deals, tickets and activity of business customers: read only, searched by whole IDs, sorted by what has an index."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from customers.admin.events import DaysFilter, EventAdmin
from customers.admin.labels import label
from customers.models import Activity, Customer, Deal, Ticket

STAGES = {"won": "success", "renewed": "success", "open": "info", "lost": "danger"}
PRIORITIES = {"urgent": "danger", "high": "warning", "medium": "info"}


class AccountAdmin(EventAdmin):
    """As the lists of events, by a time of their own."""

    time_field = ""

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        return tuple(name for name in (self.id_field, "customer", self.time_field) if name)


@admin.register(Deal)
class DealAdmin(AccountAdmin):
    list_display = (
        "deal_id",
        "customer",
        "deal_date",
        "deal_amount",
        "stage_label",
        "account_manager",
        "contract_length",
        "renewal_date",
    )
    list_filter = ("deal_stage", ("deal_date", RangeDateFilter), ("renewal_date", RangeDateFilter))
    id_field, time_field = "deal_id", "deal_date"
    ordering = ("-deal_date",)
    search_fields = ("deal_id__exact", "customer__customer_id__exact")
    fields = (
        ("deal_id", "customer"),
        ("deal_date", "deal_amount"),
        ("deal_stage", "contract_length"),
        ("account_manager", "product_type"),
        "renewal_date",
    )
    empty_title = _("No deals yet")
    empty_message = _("Import a file of sales; the health score reads revenue and renewals from it.")

    @admin.display(description=_("deal stage"))
    def stage_label(self, row: Deal) -> str:
        return label(row.deal_stage, row.get_deal_stage_display(), STAGES) if row.deal_stage else ""


@admin.register(Ticket)
class TicketAdmin(AccountAdmin):
    list_display = (
        "ticket_id",
        "customer",
        "created_date",
        "resolved_date",
        "priority_label",
        "category",
        "satisfaction_score",
    )
    list_filter = ("priority", ("created_date", DaysFilter), ("resolved_date", admin.EmptyFieldListFilter))
    id_field, time_field = "ticket_id", "created_date"
    ordering = ("-created_date",)
    search_fields = ("ticket_id__exact", "customer__customer_id__exact")
    fields = (
        ("ticket_id", "customer"),
        ("created_date", "resolved_date"),
        ("priority", "category"),
        ("satisfaction_score", "resolution_time"),
        "agent_id",
    )
    empty_title = _("No tickets yet")
    empty_message = _("Import a file of support tickets; the health score reads time limits and satisfaction from it.")

    @admin.display(description=_("priority"))
    def priority_label(self, row: Ticket) -> str:
        return label(row.priority, row.get_priority_display(), PRIORITIES) if row.priority else ""


@admin.register(Activity)
class ActivityAdmin(AccountAdmin):
    list_display = (
        "customer",
        "date",
        "activity_type",
        "feature_name",
        "user_count",
        "session_duration",
        "usage_depth",
    )
    list_filter = (("date", DaysFilter),)
    time_field = "date"
    ordering = ("-date",)
    search_fields = ("customer__customer_id__exact",)
    search_help_text = _("A whole customer ID.")
    fields = (
        ("customer", "date"),
        ("activity_type", "activity_value"),
        ("feature_name", "usage_depth"),
        ("user_count", "session_duration"),
    )
    empty_title = _("No activity yet")
    empty_message = _("Import a file of activity; the health score reads usage and adoption from it.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Activity], search_term: str
    ) -> tuple[QuerySet[Activity], bool]:
        if term := search_term.strip():
            customer = Customer.objects.filter(customer_id=term).values_list("pk", flat=True).first()
            queryset = queryset.filter(Q(customer=customer)) if customer else queryset.none()
        return queryset, False
