"""Customers with their page, the links between them, and the measures taken."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from customers.admin import panels, timeline  # noqa: F401 - the timeline registers its panel
from customers.admin.machine import MachineRows, Page
from customers.models import Customer, Intervention, Link, Transaction

UPLOAD = "admin:customers_importfile_add"


@admin.register(Customer)
class CustomerAdmin(MachineRows):
    list_display = (
        "customer_id",
        "name",
        "customer_type",
        "region",
        "account_status",
        "registered_on",
        "last_purchase",
    )
    list_filter = ("customer_type", "region", "account_status", "vip_level")
    search_fields = ("customer_id__startswith", "name__istartswith")
    search_help_text = _("The beginning of a customer ID or of a name.")
    ordering = ("customer_id",)
    fieldsets = (
        (
            _("Profile"),
            {
                "fields": (
                    ("customer_id", "name"),
                    ("customer_type", "region"),
                    ("age_group", "gender"),
                    ("vip_level", "registration_channel"),
                    ("registered_on", "referred_by"),
                    ("account_status", "status_since"),
                )
            },
        ),
        (
            _("Contract"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("industry", "company_size"),
                    ("contract_date", "contract_length_months"),
                    ("payment_status", "nps_score"),
                    "onboarding_completed",
                ),
            },
        ),
    )
    change_form_outer_before_template = "admin/customers/panels/above.html"
    change_form_outer_after_template = "admin/customers/panels/below.html"
    empty_title = _("No customers yet")
    empty_message = _("Import a file of customers first; transactions and contacts find their customers by the ID.")
    empty_link = (_("Import a file"), UPLOAD)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        purchases = Transaction.objects.filter(customer=OuterRef("pk"), status=Transaction.Status.COMPLETED)
        latest = purchases.order_by().values("customer").annotate(latest=Max("occurred_at")).values("latest")
        return super().get_queryset(request).annotate(last_purchase_at=Subquery(latest))

    @admin.display(description=_("last purchase"))
    def last_purchase(self, customer: Any) -> Any:
        return customer.last_purchase_at

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        customer = self.get_object(request, object_id)
        shown = customer is not None and self.has_view_permission(request, customer)
        extra = panels.render_context(request, customer) if shown and customer is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})


@admin.register(Link)
class LinkAdmin(MachineRows):
    list_display = ("low", "high", "since")
    list_select_related = ("low", "high")
    list_filter = ("since",)
    search_fields = ("low__customer_id__exact", "high__customer_id__exact")
    search_help_text = _("The whole ID of one of the two customers.")
    ordering = ("-since",)
    empty_title = _("No links yet")
    empty_message = _("Links are optional: a file of customers who know each other makes the social features.")
    empty_link = (_("Import a file"), UPLOAD)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Link], search_term: str
    ) -> tuple[QuerySet[Link], bool]:
        # By key: a condition on two joined tables would make the database read all links.
        if term := search_term.strip():
            customer = Customer.objects.filter(customer_id=term).values_list("pk", flat=True).first()
            queryset = queryset.filter(Q(low=customer) | Q(high=customer)) if customer else queryset.none()
        return queryset, False


@admin.register(Intervention)
class InterventionAdmin(Page):
    """Staff may note a measure; one that the CRM reported comes with its own ID."""

    list_display = ("customer", "kind", "channel", "occurred_at", "cost", "recorded_by")
    list_select_related = ("customer", "recorded_by")
    list_filter = ("kind", "channel", "occurred_at")
    search_fields = ("=customer__customer_id", "=intervention_id")
    search_help_text = _("The whole customer ID or intervention ID.")
    ordering = ("-occurred_at",)
    autocomplete_fields = ("customer",)
    fields = ("customer", "kind", "channel", "occurred_at", "cost", "note")
    empty_title = _("No measures noted yet")
    empty_message = _("Note here what was done to keep a customer: a coupon, a call, an e-mail.")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Intervention, form: Any, change: bool) -> None:
        if not change:
            obj.intervention_id = obj.intervention_id or f"staff-{uuid.uuid4().hex}"
            obj.recorded_by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
