"""Who is in an experiment, for analysts; who is to be treated, for the CRM."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.clock import business_date
from customers.rest import pages
from customers.rest.rules import Rule, Scope
from customers.rest.schema import paged
from customers.rest.views import Endpoint
from experiments import lists
from experiments.models import Assignment, Experiment, Outcome
from predictions.models import RiskLevel

__all__ = ["Assignments", "Treatments"]

UNKNOWN = "unknown"
FILTERS = {
    "arm": "arm__name",
    "is_control": "arm__is_control",
    "risk_level": "risk_level",
    "enrolled_on": "enrolled_on",
}


class AssignmentQuery(pages.PageQuery):
    """What of the assignments is wanted."""

    arm = serializers.CharField(required=False, help_text=_("The name of an arm."))
    is_control = serializers.BooleanField(required=False)
    risk_level = serializers.ChoiceField(choices=RiskLevel.choices, required=False)
    enrolled_on = serializers.DateField(required=False)


class AssignmentAnswer(serializers.Serializer):
    """A customer in an arm, with the draw that anyone can make again, and what came of it."""

    customer_id = serializers.CharField(source="customer.customer_id")
    arm = serializers.CharField(source="arm.name")
    is_control = serializers.BooleanField(source="arm.is_control")
    u = serializers.FloatField(help_text=_("The draw, from 0 to below 1."))
    enrolled_on = serializers.DateField()
    probability = serializers.FloatField(help_text=_("Of leaving, when enrolled."))
    risk_level = serializers.ChoiceField(choices=RiskLevel.choices)
    customer_type = serializers.CharField()
    stratum = serializers.CharField()
    model_version = serializers.CharField(source="model.version")
    listed_on = serializers.DateField(
        source="listing.listed_on", allow_null=True, help_text=_("The turn on the treatment list, of a ghost as well.")
    )
    outcome = serializers.SerializerMethodField(
        help_text=_("retained, churned, or unknown while the days are not over.")
    )
    first_treated_at = serializers.DateTimeField(
        source="outcome.first_treated_at", allow_null=True, help_text=_("Of a control customer this is contamination.")
    )

    def get_outcome(self, row: Assignment) -> str:
        outcome: Outcome | None = getattr(row, "outcome", None)
        return UNKNOWN if outcome is None else outcome.status


class Assignments(Endpoint):
    """Everybody in an experiment, controls among them."""

    rules = {"GET": Rule(permission="experiments.view_assignment")}
    parameters = {"GET": AssignmentQuery}
    answers = {"GET": {200: paged(AssignmentAnswer)}}

    def get(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as the address names it
        """Everybody in an experiment, for analysts. Whom to treat is told by the treatments."""
        wanted = {path: self.query[name] for name, path in FILTERS.items() if name in self.query}
        rows = self.visible(Assignment.objects.filter(experiment=get_object_or_404(Experiment, pk=id), **wanted))
        rows = rows.select_related("customer", "arm", "model", "listing", "outcome")
        order = ("enrolled_on", "pk")
        return Response(pages.page(rows, request=request, query=self.query, order=order, shown=_assigned))


class TreatmentQuery(pages.PageQuery):
    """The list of which date is wanted."""

    on = serializers.DateField(
        required=False, help_text=_("Only the list of this date; without it all that still hold.")
    )


class ListedAnswer(serializers.Serializer):
    """A customer who is to be treated."""

    customer_id = serializers.CharField(source="customer.customer_id")
    arm = serializers.CharField(source="arm.name")
    measure = serializers.CharField(source="arm.measure", help_text=_("What is to be done."))
    probability = serializers.FloatField(help_text=_("Of leaving, when enrolled."))
    risk_level = serializers.ChoiceField(choices=RiskLevel.choices)
    listed_on = serializers.DateField(source="listing.listed_on")


class Treatments(Endpoint):
    """Who is to be treated today: never a control customer, nor anybody whom something else holds back."""

    rules = {"GET": Rule(permission="experiments.view_listing", scope=Scope.TREATMENTS_READ)}
    parameters = {"GET": TreatmentQuery}
    answers = {"GET": {200: paged(ListedAnswer)}}

    def get(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as the address names it
        on: dt.date | None = self.query.get("on")
        rows = lists.let_out(
            get_object_or_404(Experiment, pk=id),
            outlet=lists.API,
            seen=self.visible,
            on=on,
            today=business_date(),
            is_first="cursor" not in self.query,
        )
        order = ("listing__listed_on", "-probability", "pk")
        return Response(pages.page(rows, request=request, query=self.query, order=order, shown=_treated))


def _assigned(rows: Sequence[Assignment]) -> list[Any]:
    return list(AssignmentAnswer(rows, many=True).data)


def _treated(rows: Sequence[Assignment]) -> list[Any]:
    return list(ListedAnswer(rows, many=True).data)
