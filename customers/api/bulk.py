"""Many rows in one call: what becomes of each is in the answer; sent again they change nothing."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from customers import visibility
from customers.api.rows import bulk_body, checked_rows, reasons
from customers.ingest import KINDS, RowsReport, load_rows
from customers.ingest.declare import Kind
from customers.ingest.messages import Reason
from customers.ingest.rows import text
from customers.rest.keys import person
from customers.rest.rules import Rule, Scope
from customers.rest.views import Endpoint

__all__ = ["ENDPOINTS", "BulkAnswer", "RowAnswer", "RowsError", "TakesRows"]

Against = Callable[[list[dict[str, Any]]], Mapping[int, list[Reason]]]
FATES = ("added", "updated", "unchanged", "set_aside")


class RowsError(ValidationError):
    """What was sent has the right form and cannot be stored; `errors` names each cell."""

    status_code = 422


class BulkQuery(serializers.Serializer):
    atomic = serializers.BooleanField(
        default=False,
        help_text=_("All or nothing: if one row would be set aside, nothing is stored, and 422 says why."),
    )


class RowReasonAnswer(serializers.Serializer):
    """Why a row is set aside."""

    column = serializers.CharField(help_text=_("Empty for the row as a whole."))
    code = serializers.CharField()
    message = serializers.CharField()


class RowAnswer(serializers.Serializer):
    """What became of a row."""

    line = serializers.IntegerField(help_text=_("Its place among those sent, from 1."))
    id = serializers.CharField(help_text=_("Its own ID; empty for links and activity, which have none."))
    result = serializers.ChoiceField(choices=FATES)
    reasons = RowReasonAnswer(many=True, help_text=_("Why it is set aside; empty otherwise."))


class BulkAnswer(serializers.Serializer):
    """What became of all rows: read = added + updated + unchanged + set_aside."""

    read = serializers.IntegerField()
    added = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    set_aside = serializers.IntegerField()
    rows = RowAnswer(many=True)


class TakesRows(Endpoint):
    """Rows of a kind, each of which goes in or is set aside with its reasons."""

    kind: ClassVar[Kind]
    parameters = {"POST": BulkQuery}

    def brought(self, request: Request, *, against: Against = lambda rows: {}) -> dict[str, Any]:
        """The body that tells what became of each; `against` gives reasons of the endpoint's own by place from 0."""
        user = person(request)
        if user is not None:
            visibility.check_sees_all(user, visibility.ROWS_OF_ALL)
        rows = checked_rows(request.data, self.kind)
        with transaction.atomic():
            why = against(rows)
            report = load_rows(self.kind.name, rows, name=str(request.user)[:255], user=user, against=why)
            if self.query["atomic"] and report.file.set_aside:
                raise RowsError({"rows": _refusals(report)})
        return _answer(self.kind, rows, report)


class Bulk(TakesRows):
    """Bring in up to 5,000 rows; each goes in or is set aside with its reasons, whatever becomes of the others."""

    answers = {"POST": {200: BulkAnswer}}

    def post(self, request: Request) -> HttpResponse:
        return Response(self.brought(request))


def _answer(kind: Kind, rows: list[dict[str, Any]], report: RowsReport) -> dict[str, Any]:
    key = kind.key if kind.key in kind.by_name else ""
    told = [
        {"line": line, "id": text(row.get(key)).strip(), "result": fate, "reasons": reasons(why) if why else []}
        for line, (row, (fate, why)) in enumerate(zip(rows, report.rows, strict=True), start=1)
    ]
    counts = Counter(row["result"] for row in told)
    return {"read": len(told), **{fate: counts[fate] for fate in FATES}, "rows": told}


def _refusals(report: RowsReport) -> dict[str, Any]:
    """The reasons by row from 0 and column, as a problem names them."""
    found: dict[str, Any] = {}
    for place, (_fate, why) in enumerate(report.rows):
        for one in reasons(why):
            cells = found.setdefault(str(place), {})
            cells.setdefault(one["column"], []).append(ErrorDetail(one["message"], code=one["code"]))
    return found


def _endpoint(kind: Kind) -> type[Bulk]:
    scope = Scope.INTERVENTIONS_WRITE if kind.name == "interventions" else Scope.CUSTOMERS_WRITE
    rule = Rule(permission=f"customers.change_{kind.model._meta.model_name}", scope=scope)
    facts = {"kind": kind, "rules": {"POST": rule}, "body": {"POST": bulk_body(kind)}, "__doc__": Bulk.__doc__}
    return type(f"Bulk_{kind.name}", (Bulk,), facts)


ENDPOINTS = {name: _endpoint(kind) for name, kind in KINDS.items() if name != "customers"}
"""By the kind of rows. Under customers/ there is none: any word there is somebody's ID."""
