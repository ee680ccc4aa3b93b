"""What was done to whom, as the CRM reports it for an experiment.

A measure that a control customer got is a fact: it is stored, and counts as contamination. One of a customer who is not
in the experiment at all is set aside, where staff see it; sent on from there it is stored as one of no experiment.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers.api.bulk import ENDPOINTS, BulkAnswer, RowAnswer, TakesRows
from customers.ingest import KINDS
from customers.ingest.messages import Reason, reason
from customers.ingest.rows import text
from customers.rest.problems import Conflict
from customers.rest.rules import Rule, Scope
from experiments.models import Assignment, Experiment

__all__ = ["Interventions"]

KIND = KINDS["interventions"]


class TakenRow(RowAnswer):
    """What became of a row."""

    is_contamination = serializers.BooleanField(
        help_text=gettext_lazy("The customer is in the control group, which was to get nothing; it is stored and told.")
    )


class TakenAnswer(BulkAnswer):
    """What became of all rows: read = added + updated + unchanged + set_aside."""

    contaminations = serializers.IntegerField()
    rows = TakenRow(many=True)


class Interventions(TakesRows):
    """Report up to 5,000 measures that were taken. Customers who are not in the experiment are set aside."""

    kind = KIND
    rules = {"POST": Rule(permission="customers.change_intervention", scope=Scope.INTERVENTIONS_WRITE)}
    body = ENDPOINTS[KIND.name].body
    answers = {"POST": {200: TakenAnswer}}
    problems = {"POST": (409,)}

    def post(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - as the address names it
        experiment = get_object_or_404(Experiment, pk=id)
        if experiment.state == Experiment.State.DRAFT:
            raise Conflict(_("“%(name)s” has not been started: nobody is in it.") % {"name": experiment.name})
        is_control: dict[int, bool] = {}

        def against(rows: list[dict[str, Any]]) -> Mapping[int, list[Reason]]:
            known, named = _enrolled(experiment, rows), _named(rows)
            is_control.update({place: known.get(customer, False) for place, customer in named.items()})
            outside = {place: customer for place, customer in named.items() if customer and customer not in known}
            return {
                place: [reason("not_enrolled", "customer_id", customer=customer)] for place, customer in outside.items()
            }

        told = self.brought(request, against=against)
        for place, row in enumerate(told["rows"]):
            row["is_contamination"] = row["result"] != "set_aside" and is_control[place]
        return Response({**told, "contaminations": sum(row["is_contamination"] for row in told["rows"])})


def _enrolled(experiment: Experiment, rows: list[dict[str, Any]]) -> dict[str, bool]:
    """Of those whom rows name, who is in the experiment: by ID whether in the control group."""
    mine = Assignment.objects.filter(experiment=experiment, customer__customer_id__in=set(_named(rows).values()))
    return dict(mine.order_by().values_list("customer__customer_id", "arm__is_control"))


def _named(rows: list[dict[str, Any]]) -> dict[int, str]:
    """The customer of each row as it is sent, by place from 0."""
    return {place: text(row.get("customer_id")).strip() for place, row in enumerate(rows)}
