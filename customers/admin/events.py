"""Transactions and interactions: long tables, searched by whole IDs only, which the indexes answer at once."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from customers.admin.customers import UPLOAD
from customers.admin.labels import label
from customers.admin.machine import MachineRows
from customers.models import Interaction, Transaction

STATUSES = {"completed": "success", "refunded": "warning", "failed": "danger"}


class EventAdmin(MachineRows):
    list_select_related = ("customer",)
    list_filter_submit = True
    ordering = ("-occurred_at",)
    search_help_text = _("A whole customer ID or the whole ID of the row.")
    empty_link = (_("Import a file"), UPLOAD)


@admin.register(Transaction)
class TransactionAdmin(EventAdmin):
    list_display = ("transaction_id", "customer", "occurred_at", "amount", "product_category", "status_label")
    list_filter = ("status", ("occurred_at", RangeDateFilter))
    search_fields = ("=transaction_id", "=customer__customer_id")
    empty_title = _("No transactions yet")
    empty_message = _("Import a file of transactions; without purchases there is nothing to learn from.")

    fields = (
        ("transaction_id", "customer"),
        ("occurred_at", "amount"),
        ("product_category", "payment_method"),
        "status",
    )

    @admin.display(description=_("status"), ordering="status")
    def status_label(self, row: Transaction) -> str:
        return label(row.status, row.get_status_display(), STATUSES)


@admin.register(Interaction)
class InteractionAdmin(EventAdmin):
    list_display = ("interaction_id", "customer", "occurred_at", "kind", "channel", "satisfaction", "topic")
    list_filter = ("kind", "channel", ("occurred_at", RangeDateFilter))
    search_fields = ("=interaction_id", "=customer__customer_id")
    empty_title = _("No interactions yet")
    empty_message = _("Interactions are optional: logins, visits and calls for support make the predictions better.")
