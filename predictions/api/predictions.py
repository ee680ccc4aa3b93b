"""Predictions: the latest of one customer (the hot path), of many by ID, of a day by page, and a customer's history."""

import datetime as dt
from decimal import Decimal
from typing import Any

import orjson
from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from customers import visibility
from customers.clock import business_date
from customers.models import Customer
from customers.rest import pages
from customers.rest.keys import person
from customers.rest.rules import Rule, Scope
from customers.rest.schema import paged
from customers.rest.strict import Strict
from customers.rest.views import Endpoint
from predictions import latest
from predictions.api.answers import HistoryAnswer, prediction_answer
from predictions.explanations import reasons_for
from predictions.latest import Sight
from predictions.models import Prediction, RiskLevel

READ = Rule(permission="predictions.view_prediction", scope=Scope.PREDICTIONS_READ)
MOST = 1_000
Answer = prediction_answer()
JSON = "application/json"


class ExplainQuery(serializers.Serializer):
    explain = serializers.BooleanField(
        default=False,
        help_text=_("Make the reasons where none were made yet (low and medium risk); takes some tenths of a second."),
    )


class LatestPrediction(Endpoint):
    """The latest prediction of a customer, with its reasons, and whether a measure may be taken now."""

    rules = {"GET": READ}
    parameters = {"GET": ExplainQuery}
    answers = {"GET": {200: Answer}}

    def get(self, request: Request, customer_id: str) -> HttpResponse:
        found = latest.latest_of([customer_id], sight=sight(self, request)).get(customer_id)
        if found is None:
            raise Http404
        key, _whose = found.pop("_keys")
        if self.query["explain"] and key is not None and found["reasons"] is None:
            row = Prediction.objects.select_related("model", "customer").get(pk=key)
            found["reasons"] = latest.reasons_in(reasons_for(row), get_language())
        # Past the renderer and its negotiation: there is only JSON.
        return HttpResponse(orjson.dumps(found), content_type=JSON)


class History(Endpoint):
    """The predictions of a customer, the latest first, with what came of them."""

    rules = {"GET": READ}
    parameters = {"GET": pages.PageQuery}
    answers = {"GET": {200: paged(HistoryAnswer)}}

    def get(self, request: Request, customer_id: str) -> HttpResponse:
        whose = self.visible(Customer.objects.filter(customer_id=customer_id), "pk").values_list("pk", flat=True)
        if (customer := whose.first()) is None:
            raise Http404
        names = [str(name) for name in HistoryAnswer().fields if name != "model_version"]
        rows: Any = Prediction.objects.filter(customer=customer).values(*names, "model__version")
        return Response(pages.page(rows, request=request, query=self.query, order=("-as_of",), shown=_history))


class LookupBody(Strict):
    """Whose predictions are wanted."""

    customer_ids = serializers.ListField(
        child=serializers.CharField(max_length=50, trim_whitespace=False), min_length=1, max_length=MOST
    )


class LookupAnswer(serializers.Serializer):
    """The latest predictions in the order of the IDs, each once, and the IDs that nobody has."""

    results = Answer(many=True)
    unknown = serializers.ListField(child=serializers.CharField())


class Lookup(Endpoint):
    """The latest predictions of up to 1,000 customers."""

    rules = {"POST": READ}
    body = {"POST": LookupBody}
    answers = {"POST": {200: LookupAnswer}}
    is_reading = True

    def post(self, request: Request) -> HttpResponse:
        asked = list(dict.fromkeys(self.checked(request)["customer_ids"]))
        found = latest.latest_of(asked, sight=sight(self, request))
        results = [_plain(found[one]) for one in asked if one in found]
        unknown = [one for one in asked if one not in found]
        return HttpResponse(orjson.dumps({"results": results, "unknown": unknown}), content_type=JSON)


class DayQuery(pages.PageQuery):
    as_of = serializers.DateField(required=False, help_text=_("The latest day that was scored without it."))
    risk_level = serializers.ListField(
        child=serializers.ChoiceField(choices=RiskLevel.choices),
        required=False,
        help_text=_("Only this level; may be given several times."),
    )
    min_probability = serializers.FloatField(required=False, min_value=0, max_value=1)


class DayAnswer(serializers.Serializer):
    """A page of a day's predictions, the highest probability first."""

    as_of = serializers.DateField(allow_null=True, help_text=_("Null before the first day is scored."))
    next = serializers.URLField(allow_null=True, help_text=_("The next page, null on the last."))
    results = Answer(many=True)


class Day(Endpoint):
    """The predictions of a day, the highest probability first."""

    rules = {"GET": READ}
    parameters = {"GET": DayQuery}
    answers = {"GET": {200: DayAnswer}}

    def get(self, request: Request) -> HttpResponse:
        cursor = pages.read(self.query.get("cursor"), n=3)
        as_of = self.query.get("as_of") or (_day(cursor) if cursor else latest.latest_day())
        if as_of is None:
            return Response({"as_of": None, "next": None, "results": []})
        n, conditions = self.query["page_size"], [*_asked(self.query), *_behind(cursor)]
        found = latest.first_of_day(as_of, sight=sight(self, request), n=n + 1, conditions=conditions)
        following = _next(request, as_of, found[n - 1]) if len(found) > n else None
        body = {"as_of": as_of, "next": following, "results": [_plain(one) for one in found[:n]]}
        return HttpResponse(orjson.dumps(body), content_type=JSON)


def sight(endpoint: Endpoint, request: Request) -> Sight:
    """What the caller sees: machines everything, people the customers in their sight and what they may read."""
    user = person(request)
    known = [one for one in latest.besides() if user is None or user.has_perm(one.permission)]
    is_limited = user is not None and visibility.is_limited(user)
    customers = endpoint.visible(Customer.objects.order_by(), "pk").values("pk") if is_limited else None
    return Sight(on=business_date(), besides=frozenset(one.name for one in known), customers=customers)


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "_keys"}


def _history(rows: Any) -> list[Any]:
    return [
        {"model_version": row.pop("model__version"), **row, "probability": float(row["probability"])} for row in rows
    ]


def _asked(query: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = []
    if levels := query.get("risk_level"):
        found.append((f"p.risk_level IN ({', '.join(['%s'] * len(levels))})", list(levels)))
    if "min_probability" in query:
        found.append(("p.probability >= %s", [_decimal(str(query["min_probability"]))]))
    return found


def _behind(cursor: pages.Cursor | None) -> list[tuple[str, list[Any]]]:
    if cursor is None:
        return []
    _as_of, probability, customer = cursor.values
    if not isinstance(customer, int):
        raise _no_page()
    bound = _decimal(str(probability))
    return [("p.probability <= %s AND (p.probability < %s OR p.customer_id > %s)", [bound, bound, customer])]


def _next(request: Request, as_of: dt.date, last: dict[str, Any]) -> str:
    values = (as_of, f"{last['probability']:.6f}", last["_keys"][1])
    return replace_query_param(request.build_absolute_uri(), "cursor", pages.written(pages.Cursor(values=values)))


def _day(cursor: pages.Cursor) -> dt.date:
    try:
        return dt.date.fromisoformat(str(cursor.values[0]))
    except ValueError:
        raise _no_page() from None


def _decimal(text: str) -> Any:
    """As the database compares it: SQLite keeps decimals as numbers."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise _no_page() from None
    if not 0 <= number <= 1:
        raise _no_page()
    return number if _is_postgres() else float(number)


def _is_postgres() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"


def _no_page() -> NotFound:
    return NotFound(_("The cursor leads to no page of this list."))
