"""The health of all customers as of a date, its summary, who has no score, and the history of one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from customers import boundary, personal
from customers.account_managers import looked_after_by
from customers.api import masks
from customers.clock import business_date
from customers.models import Customer
from customers.rest import pages
from customers.rest.rules import Rule, Scope
from customers.rest.schema import paged
from customers.rest.views import Endpoint
from healthscore.api.answers import HealthHistoryAnswer, HealthScoreAnswer, documents, past, rounded
from healthscore.dimensions.configuration import GRADES
from healthscore.models import Grade, HealthDay, HealthScore, NotScored
from healthscore.models.scores import Direction

__all__ = ["CustomerHealth", "HealthScores", "HealthSummary", "LeftOut"]

READ = Rule(permission="healthscore.view_healthscore", scope=Scope.HEALTH_READ)
FILTERS = {
    "grade": "grade",
    "direction": "direction",
    "customer_type": "customer_type",
    "min_score": "score__gte",
    "max_score": "score__lte",
    "region": "customer__region",
}


class DayQuery(serializers.Serializer):
    """Whose health, as of which date."""

    as_of = serializers.DateField(required=False, help_text=_("Without it the last date that was scored."))
    grade = serializers.ChoiceField(choices=Grade.choices, required=False)
    direction = serializers.ChoiceField(choices=Direction.choices, required=False)
    customer_type = serializers.CharField(
        required=False, allow_blank=True, help_text=_("As it was taken for the weights.")
    )
    region = serializers.CharField(required=False, allow_blank=True)
    account_manager = serializers.CharField(
        required=False, help_text=_("Of the customer's latest deal that names one.")
    )
    min_score = serializers.FloatField(required=False, min_value=0, max_value=1)
    max_score = serializers.FloatField(required=False, min_value=0, max_value=1)


class HealthQuery(pages.PageQuery, DayQuery):
    """Whose health, as of which date, and which page of it."""


class OfDay(Endpoint):
    """What was scored as of a date, of the customers whom the caller may see."""

    rules = {"GET": READ}

    def scores(self) -> QuerySet[HealthScore]:
        """Those that the query asks for; none where nothing was ever scored."""
        wanted = {path: self.query[name] for name, path in FILTERS.items() if name in self.query}
        rows = self.visible(HealthScore.objects.filter(as_of=self.as_of, **wanted))
        if "account_manager" in self.query:
            rows = rows.filter(customer__in=looked_after_by([self.query["account_manager"]]))
        return rows

    @cached_property
    def as_of(self) -> Any:
        """The date that is asked for, or the last that was scored; None where none was."""
        return self.query.get("as_of") or HealthDay.objects.values_list("as_of", flat=True).first()


class HealthScores(OfDay):
    """The health of the customers, the worst first. Who is held back is marked and must not be treated."""

    parameters = {"GET": HealthQuery}
    answers = {"GET": {200: paged(HealthScoreAnswer)}}

    def get(self, request: Request) -> HttpResponse:
        rows = boundary.marked(self.scores().select_related("customer"), on=business_date())
        is_open, order = masks.may_see(request), ("score", "customer")

        def shown(found: Sequence[HealthScore]) -> list[Any]:
            return documents(found, is_open=is_open)

        return Response(pages.page(rows, request=request, query=self.query, order=order, shown=shown))


class Distribution(serializers.Serializer):
    """How many customers have each grade."""

    excellent = serializers.IntegerField()
    good = serializers.IntegerField()
    at_risk = serializers.IntegerField()
    critical = serializers.IntegerField()


class SummaryAnswer(serializers.Serializer):
    """All scores of a date in a few figures; who has no score is not counted."""

    as_of = serializers.DateField(allow_null=True, help_text=_("Null where nothing was ever scored."))
    total_customers = serializers.IntegerField()
    avg_health_score = serializers.FloatField(allow_null=True)
    distribution = Distribution()


class HealthSummary(OfDay):
    """The health of the customers in a few figures."""

    parameters = {"GET": DayQuery}
    answers = {"GET": {200: SummaryAnswer}}

    def get(self, request: Request) -> HttpResponse:
        counted = self.scores().order_by().values("grade").annotate(n=Count("pk"), added=Sum("score"))
        by_grade = {one["grade"]: one for one in counted}
        total = sum(one["n"] for one in by_grade.values())
        added = sum((Decimal(one["added"]) for one in by_grade.values()), Decimal(0))
        return Response(
            {
                "as_of": self.as_of,
                "total_customers": total,
                "avg_health_score": rounded(added / total) if total else None,
                "distribution": {grade: by_grade[grade]["n"] if grade in by_grade else 0 for grade in GRADES},
            }
        )


class LeftOutQuery(pages.PageQuery):
    """As of which date."""

    as_of = serializers.DateField(required=False, help_text=_("Without it the last date that was scored."))


class LeftOutAnswer(serializers.Serializer):
    """A customer without a score."""

    customer_id = serializers.CharField()
    customer_name = serializers.CharField(help_text=_("Masked for who may not see personal data."))
    reason = serializers.CharField()


class LeftOut(OfDay):
    """The customers without a score as of a date, each with the reason."""

    parameters = {"GET": LeftOutQuery}
    answers = {"GET": {200: paged(LeftOutAnswer)}}

    def get(self, request: Request) -> HttpResponse:
        rows = self.visible(NotScored.objects.filter(as_of=self.as_of)).select_related("customer")
        is_open = masks.may_see(request)

        def shown(found: Sequence[NotScored]) -> list[Any]:
            return [_left_out(one, is_open=is_open) for one in found]

        order = ("customer__customer_id",)
        return Response(pages.page(rows, request=request, query=self.query, order=order, shown=shown))


class CustomerHealth(Endpoint):
    """The scores of one customer, the latest first."""

    rules = {"GET": READ}
    parameters = {"GET": pages.PageQuery}
    answers = {"GET": {200: paged(HealthHistoryAnswer)}}

    def get(self, request: Request, customer_id: str) -> HttpResponse:
        found = self.visible(Customer.objects.filter(customer_id=customer_id), "pk").values_list("pk", flat=True)
        customer = found.first()
        if customer is None:
            raise Http404
        rows = HealthScore.objects.filter(customer=customer).select_related("customer")
        return Response(pages.page(rows, request=request, query=self.query, order=("-as_of",), shown=past))


def _left_out(row: NotScored, *, is_open: bool) -> dict[str, Any]:
    name = row.customer.name
    return {
        "customer_id": row.customer.customer_id,
        "customer_name": name if is_open or not name else personal.MASK,
        "reason": str(row.get_reason_display()),
    }
