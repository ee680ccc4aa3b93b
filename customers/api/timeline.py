"""What a customer did and what was done, all kinds in one list, the latest first, by cursor.

Each kind is asked for the rows behind the cursor by its own index, and the first of them all are the page: as many
queries as there are kinds, however long the history is. What retention moved to the archive is not here.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from customers.api import masks
from customers.api.customers import READ
from customers.clock import business_zone, start_of
from customers.ingest import KINDS
from customers.ingest.declare import Kind
from customers.models import Customer
from customers.rest import pages
from customers.rest.keys import person
from customers.rest.views import Endpoint

__all__ = ["Timeline"]

# By which column a kind's rows have their place.
TIMES = {
    "transactions": "occurred_at",
    "interactions": "occurred_at",
    "sales": "deal_date",
    "support": "created_date",
    "activity": "date",
    "interventions": "occurred_at",
}
Place = tuple[dt.datetime, str, int]


class TimelineQuery(pages.PageQuery):
    kind = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(TIMES)),
        required=False,
        help_text=_("Only this kind; may be given several times."),
    )


class Entry(serializers.Serializer):
    """Something that happened."""

    kind = serializers.ChoiceField(choices=sorted(TIMES))
    id = serializers.CharField()
    occurred_at = serializers.DateTimeField(help_text=_("Of a date, its beginning."))
    facts = serializers.DictField(help_text=_("The columns of the kind, but the ID and the customer."))


class TimelineAnswer(serializers.Serializer):
    """A page of what happened, the latest first."""

    next = serializers.URLField(allow_null=True, help_text=_("The page of what was before, null on the last."))
    results = Entry(many=True)


@dataclass(frozen=True)
class Source:
    """The rows of a kind, for one customer."""

    kind: Kind
    customer: int

    def behind(self, place: Place | None, n: int) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Up to `n` rows further back than a place, the latest first, each with its own place."""
        time = TIMES[self.kind.name]
        names = {column.field_name for column in self.kind.columns if not column.is_reference} | {self.kind.key}
        rows = self.kind.model._default_manager.filter(customer=self.customer)
        if place is not None:
            rows = rows.filter(self._condition(time, place))
        for row in rows.order_by(f"-{time}", "-pk").values("pk", *names)[:n]:
            yield (_moment(row[time]), self.kind.name, row.pop("pk")), row

    def _condition(self, time: str, place: Place) -> Q:
        """Behind it by time; at the same time the kinds go back by their names, and within a kind by their keys."""
        moment, name, pk = place
        if time != "deal_date":
            at, before = Q(**{time: moment}), Q(**{f"{time}__lt": moment})
        else:
            day = moment.astimezone(business_zone()).date()
            is_its_beginning = start_of(day) == moment
            at = Q(**{time: day}) if is_its_beginning else Q(pk=None)
            before = Q(**{f"{time}__lt" if is_its_beginning else f"{time}__lte": day})
        if self.kind.name > name:
            return before
        return before | at if self.kind.name < name else before | (at & Q(pk__lt=pk))


class Timeline(Endpoint):
    """What a customer did and what was done, the latest first; kinds that the caller may not read are left out."""

    rules = {"GET": READ}
    parameters = {"GET": TimelineQuery}
    answers = {"GET": {200: TimelineAnswer}}

    def get(self, request: Request, customer_id: str) -> HttpResponse:
        whose = self.visible(Customer.objects.filter(customer_id=customer_id), "pk").values_list("pk", flat=True)
        customer = whose.first()
        if customer is None:
            raise Http404
        n, place = self.query["page_size"], _place(self.query.get("cursor"))
        sources = [Source(kind, customer).behind(place, n + 1) for kind in self._kinds(request)]
        found = list(islice(merge(*sources, key=lambda one: one[0], reverse=True), n + 1))
        is_open = masks.may_see(request)
        shown = [_entry(place, row, is_open=is_open) for place, row in found[:n]]
        return Response({"next": _next(request, found[n - 1][0]) if len(found) > n else None, "results": shown})

    def _kinds(self, request: Request) -> list[Kind]:
        wanted = [KINDS[name] for name in TIMES if name in self.query.get("kind", TIMES)]
        return [kind for kind in wanted if _may_read(person(request), kind)]


def _may_read(user: Any, kind: Kind) -> bool:
    return user is None or user.has_perm(f"customers.view_{kind.model._meta.model_name}")


def _entry(place: Place, row: dict[str, Any], *, is_open: bool) -> dict[str, Any]:
    moment, name, _pk = place
    facts = masks.told(row, KINDS[name].model, is_open=is_open)
    return {"kind": name, "id": facts.pop(KINDS[name].key), "occurred_at": moment, "facts": facts}


def _moment(value: dt.date | dt.datetime) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else start_of(value)


def _place(cursor: str | None) -> Place | None:
    read = pages.read(cursor, n=3)
    if read is None:
        return None
    moment = parse_datetime(str(read.values[0])) if isinstance(read.values[0], str) else None
    if moment is None or moment.tzinfo is None or read.values[1] not in TIMES or not isinstance(read.values[2], int):
        raise NotFound(_("The cursor leads to no page of this list."))
    return moment, str(read.values[1]), read.values[2]


def _next(request: Request, place: Place) -> str:
    text = pages.written(pages.Cursor(values=place))
    return replace_query_param(request.build_absolute_uri(), "cursor", text)
