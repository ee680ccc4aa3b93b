"""Transactions and interactions: long tables, searched by whole IDs and sorted by what has an index."""

import datetime as dt
from typing import Any, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.utils import parse_date_str

from customers.admin.customers import UPLOAD
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.clock import start_of
from customers.models import Customer, Interaction, Transaction

STATUSES = {"completed": "success", "refunded": "warning", "failed": "danger"}


class DaysFilter(RangeDateFilter):
    """Local days from the first to the last, both of them whole."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self._day(end) for end in ("from", "to"))
        if first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": start_of(first)})
        if last:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": start_of(last + dt.timedelta(days=1))})
        return queryset

    def _day(self, end: str) -> dt.date | None:
        return cast(dt.date | None, parse_date_str(self.used_parameters.get(f"{self.parameter_name}_{end}") or ""))


class EventAdmin(MachineRows):
    customer_path = "customer"
    id_field = ""
    list_select_related = ("customer",)
    list_filter_submit = True
    ordering = ("-occurred_at",)
    search_help_text = _("A whole customer ID or the whole ID of the row.")
    empty_link = (_("Import a file"), UPLOAD)

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        return (self.id_field, "customer", "occurred_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # One condition over a join would make the database read all rows; these two have an index each.
        if term := search_term.strip():
            customer = Customer.objects.filter(customer_id=term).values_list("pk", flat=True).first()
            queryset = queryset.filter(Q(**{self.id_field: term}) | Q(customer=customer))
        return queryset, False


@admin.register(Transaction)
class TransactionAdmin(EventAdmin):
    list_display = ("transaction_id", "customer", "occurred_at", "amount", "product_category", "status_label")
    list_filter = ("status", ("occurred_at", DaysFilter))
    id_field = "transaction_id"
    search_fields = ("transaction_id__exact", "customer__customer_id__exact")
    empty_title = _("No transactions yet")
    empty_message = _("Import a file of transactions; without purchases there is nothing to learn from.")

    fields = (
        ("transaction_id", "customer"),
        ("occurred_at", "amount"),
        ("product_category", "payment_method"),
        "status",
    )

    @admin.display(description=_("status"))
    def status_label(self, row: Transaction) -> str:
        return label(row.status, row.get_status_display(), STATUSES)


@admin.register(Interaction)
class InteractionAdmin(EventAdmin):
    list_display = ("interaction_id", "customer", "occurred_at", "kind", "channel", "satisfaction", "topic")
    list_filter = ("kind", "channel", ("occurred_at", DaysFilter))
    id_field = "interaction_id"
    search_fields = ("interaction_id__exact", "customer__customer_id__exact")
    empty_title = _("No interactions yet")
    empty_message = _("Interactions are optional: logins, visits and calls for support make the predictions better.")
