"""Customers: the list, one of them, and how the CRM creates and changes them, by the import's own checks."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api import masks
from customers.api.rows import body, reasons
from customers.ingest import KINDS, load_rows
from customers.models import Customer
from customers.rest import pages
from customers.rest.keys import person
from customers.rest.problems import Unprocessable
from customers.rest.rules import Rule, Scope
from customers.rest.schema import paged
from customers.rest.views import Endpoint

__all__ = ["CustomerDetail", "Customers", "row_of"]

KIND = KINDS["customers"]
COLUMNS = tuple(column.name for column in KIND.columns)
STAMPS = ("created_at", "updated_at")
READ = Rule(permission="customers.view_customer", scope=Scope.CUSTOMERS_READ)
WRITE = Rule(permission="customers.change_customer", scope=Scope.CUSTOMERS_WRITE)
NOT_YOURS = _("This customer is not among those that you see.")
FILTERS = {
    "customer_id": "customer_id",
    "customer_type": "customer_type",
    "region": "region",
    "account_status": "account_status",
    "registered_from": "registered_on__gte",
    "registered_to": "registered_on__lte",
    "updated_since": "updated_at__gte",
}


class CustomerAnswer(serializers.ModelSerializer):
    """A customer; what is unknown is an empty text or null."""

    class Meta:
        model = Customer
        fields = (*COLUMNS, *STAMPS)


class CustomerQuery(pages.PageQuery):
    """Filters that are given together all hold."""

    customer_id = serializers.CharField(required=False, help_text=_("Exactly this one."))
    customer_type = serializers.CharField(required=False)
    region = serializers.CharField(required=False)
    account_status = serializers.CharField(required=False)
    registered_from = serializers.DateField(required=False)
    registered_to = serializers.DateField(required=False, help_text=_("This date is included."))
    updated_since = serializers.DateTimeField(
        required=False, help_text=_("Changed at this moment or later; the list is then in the order of changes.")
    )


class Customers(Endpoint):
    """The customers by their ID, and a new or changed one."""

    rules = {"GET": READ, "POST": WRITE}
    parameters = {"GET": CustomerQuery}
    body = {"POST": body(KIND, name="CustomerBody")}
    answers = {"GET": {200: paged(CustomerAnswer)}, "POST": {200: CustomerAnswer, 201: CustomerAnswer}}

    def get(self, request: Request) -> HttpResponse:
        """The customers by their ID; those changed since a moment in the order of their changes."""
        asked = {path: self.query[name] for name, path in FILTERS.items() if name in self.query}
        rows: QuerySet[Any] = self.visible(Customer.objects.filter(**asked), "pk")
        order = ("updated_at", "customer_id") if "updated_since" in self.query else ("customer_id",)
        is_open = masks.may_see(request)

        def shown(found: Sequence[Any]) -> list[Any]:
            return [masks.told(row, Customer, is_open=is_open) for row in found]

        return Response(
            pages.page(rows.values(*COLUMNS, *STAMPS), request=request, query=self.query, order=order, shown=shown)
        )

    def post(self, request: Request) -> HttpResponse:
        """Create a customer, or change the one of this ID; columns that are not sent stay as they are."""
        customer_id, fate = _put(self, request, self.checked(request))
        where = {"Location": f"/api/v1/customers/{quote(customer_id, safe='')}/"}
        row = row_of(self, request, customer_id)
        return Response(row, status=201, headers=where) if fate == "added" else Response(row)


class CustomerDetail(Endpoint):
    """One customer. A slash in the ID is sent as %2F."""

    rules = {"GET": READ, "PATCH": WRITE}
    body = {"PATCH": body(KIND, name="CustomerChanges", without=("customer_id",), is_partial=True)}
    answers = {"GET": {200: CustomerAnswer}, "PATCH": {200: CustomerAnswer}}

    def get(self, request: Request, customer_id: str) -> HttpResponse:
        """What is known of a customer."""
        return Response(row_of(self, request, customer_id))

    def patch(self, request: Request, customer_id: str) -> HttpResponse:
        """Change what is sent, leave the rest; null empties a column."""
        changes = self.checked(request)
        with transaction.atomic():
            visible = self.visible(Customer.objects.filter(customer_id=customer_id), "pk")
            stored = visible.select_for_update(of=("self",)).first()
            if stored is None:
                raise Http404
            sent = {"registered_on": stored.registered_on, **changes, "customer_id": customer_id}
            _put(self, request, sent)
        return Response(row_of(self, request, customer_id))


def row_of(endpoint: Endpoint, request: Request, customer_id: str) -> dict[str, Any]:
    """What a caller may read of a customer; Http404 where there is none, or none that the caller sees."""
    rows = endpoint.visible(Customer.objects.filter(customer_id=customer_id), "pk")
    row = rows.values(*COLUMNS, *STAMPS).first()
    if row is None:
        raise Http404
    return masks.told(row, Customer, is_open=masks.may_see(request))


def _put(endpoint: Endpoint, request: Request, sent: dict[str, Any]) -> tuple[str, str]:
    """Store one customer, or nothing; the ID as it is stored, and the fate of the row."""
    with transaction.atomic():
        report = load_rows(KIND.name, [sent], name=str(request.user)[:255], user=person(request))
        ((fate, why),) = report.rows
        if why:
            raise Unprocessable(_by_column(reasons(why)))
        customer_id = str(sent["customer_id"]).strip()
        _check_sight(endpoint, customer_id)
    return customer_id, fate


def _check_sight(endpoint: Endpoint, customer_id: str) -> None:
    """Nobody brings in, or moves, a customer out of their own sight."""
    if not endpoint.visible(Customer.objects.filter(customer_id=customer_id), "pk").exists():
        raise PermissionDenied(NOT_YOURS)


def _by_column(told: list[dict[str, str]]) -> dict[str, list[ErrorDetail]]:
    found: dict[str, list[ErrorDetail]] = {}
    for one in told:
        found.setdefault(one["column"], []).append(ErrorDetail(one["message"], code=one["code"]))
    return found
