"""Customers with their page, and the links between them."""

from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path
from django.utils.translation import gettext_lazy as _

from customers.admin import case_panel, panels, timeline  # noqa: F401 - the timeline registers its panels
from customers.admin.erasure import HandsOutAndErases
from customers.admin.exporting import Column, Exports
from customers.admin.filters import TextValuesFilter
from customers.admin.machine import MachineRows
from customers.models import Customer, Link, Transaction
from customers.visibility import visible

UPLOAD = "admin:customers_importfile_add"
FIELDS = (
    *("customer_id", "registered_on", "name", "customer_type", "region", "age_group", "gender", "vip_level"),
    *("account_status", "status_since", "registration_channel", "referred_by", "industry", "company_size"),
    *("contract_date", "contract_length_months", "payment_status", "nps_score", "onboarding_completed"),
)
PERSONAL_FIELDS = ("name", "age_group", "gender")


@admin.register(Customer)
class CustomerAdmin(HandsOutAndErases, Exports, MachineRows):
    customer_path = "pk"
    list_display = (
        "customer_id",
        "name",
        "customer_type",
        "region",
        "account_status",
        "registered_on",
        "last_purchase",
    )
    list_filter = tuple((name, TextValuesFilter) for name in ("customer_type", "region", "account_status", "vip_level"))
    list_filter_submit = True
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
    export_name = "customers"
    export_columns = tuple(Column(name, attrgetter(name), name in PERSONAL_FIELDS) for name in FIELDS)
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

    def get_urls(self) -> list[Any]:
        case = path("<int:pk>/case/", self.admin_site.admin_view(self.case_view), name="customers_customer_case")
        return [case, *super().get_urls()]

    def case_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the customer on, let it go, or note something."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return case_panel.act(request, self.row_or_404(request, pk))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The profile has a tab of its own."""
        return super().get_fieldsets(request, obj) if panels.tab_of(request) == panels.PROFILE else ()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        customer = self.get_object(request, object_id)
        shown = customer is not None and self.has_view_permission(request, customer)
        extra = panels.render_context(request, customer) if shown and customer is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})


@admin.register(Link)
class LinkAdmin(MachineRows):
    """A link is shown to those who may see both of its customers."""

    customer_path = "low"
    list_display = ("low", "high", "since")
    list_select_related = ("low", "high")
    list_filter = ("since",)
    search_fields = ("low__customer_id__exact", "high__customer_id__exact")
    search_help_text = _("The whole ID of one of the two customers.")
    ordering = ("-since",)
    empty_title = _("No links yet")
    empty_message = _("Links are optional: a file of customers who know each other makes the social features.")
    empty_link = (_("Import a file"), UPLOAD)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Link]:
        return visible(super().get_queryset(request), request.user, "high")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Link], search_term: str
    ) -> tuple[QuerySet[Link], bool]:
        # By key: a condition on two joined tables would make the database read all links.
        if term := search_term.strip():
            customer = Customer.objects.filter(customer_id=term).values_list("pk", flat=True).first()
            queryset = queryset.filter(Q(low=customer) | Q(high=customer)) if customer else queryset.none()
        return queryset, False
