"""What is told of a customer's health: the form of the files, with figures of four decimals."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from customers import boundary, personal
from healthscore.dimensions.alerts import ALERTS
from healthscore.dimensions.catalogue import NAMES
from healthscore.dimensions.configuration import Configuration
from healthscore.models import ConfigurationVersion, Grade, HealthAlert, HealthScore
from healthscore.models.scores import Direction
from healthscore.output import customer_document, four_decimals
from predictions.api.answers import HeldAnswer

__all__ = ["HealthHistoryAnswer", "HealthScoreAnswer", "documents", "past", "rounded"]

FIGURES = ("code", "severity", "value", "threshold", "detail")
PAST = ("health_score", "health_grade", "risk_level", "score_breakdown", "coverage", "mrr", "trend", "calculated_at")
_PLACES = {alert.code: place for place, alert in enumerate(ALERTS)}
Breakdown: type[serializers.Serializer] = type(
    "Breakdown",
    (serializers.Serializer,),
    {name: serializers.FloatField(allow_null=True) for name in NAMES}
    | {"__doc__": "Each dimension from 0 to 1, null without data."},
)


class TrendAnswer(serializers.Serializer):
    """Against 30 days before, and in 30 days."""

    direction = serializers.ChoiceField(choices=Direction.choices)
    change_30d = serializers.FloatField(allow_null=True)
    forecast_30d = serializers.FloatField(allow_null=True)


class AlertAnswer(serializers.Serializer):
    """What calls for a look at the customer."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=HealthAlert.Severity.choices)
    message = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)


class ScoreAnswer(serializers.Serializer):
    """A score with what it is made of."""

    health_score = serializers.FloatField(help_text=_("From 0 to 1."))
    health_grade = serializers.ChoiceField(choices=Grade.choices)
    risk_level = serializers.CharField(help_text=_("Of the grade: low, medium, high or critical."))
    score_breakdown = Breakdown()
    coverage = serializers.FloatField(help_text=_("The weight of the dimensions that had data."))
    mrr = serializers.FloatField(allow_null=True)
    trend = TrendAnswer()
    calculated_at = serializers.DateTimeField()


class HealthHistoryAnswer(ScoreAnswer):
    """The score of a date."""

    as_of = serializers.DateField()


class HealthScoreAnswer(ScoreAnswer):
    """A customer's health as of the date of the list."""

    customer_id = serializers.CharField()
    customer_name = serializers.CharField(help_text=_("Masked for who may not see personal data."))
    alerts = AlertAnswer(many=True)
    recommendations = serializers.ListField(child=serializers.CharField())
    data_sources = serializers.ListField(child=serializers.CharField())
    held_back = HeldAnswer(allow_null=True, help_text=_("Null for who may be treated."))


def documents(scores: Sequence[Any], *, is_open: bool) -> list[dict[str, Any]]:
    """Scores of one date, marked with their holds, as they are told; names are masked unless `is_open`."""
    made_with, raised = _configurations(scores), _raised(scores)
    return [_document(score, raised[score.customer_id], made_with[score.configuration_id], is_open) for score in scores]


def past(scores: Sequence[Any]) -> list[dict[str, Any]]:
    """Scores of one customer, as they are told."""
    made_with = _configurations(scores)
    found = []
    for score in scores:
        whole = rounded(customer_document(score, [], made_with[score.configuration_id]))
        found.append({"as_of": score.as_of} | {name: whole[name] for name in PAST})
    return found


def rounded(value: Any) -> Any:
    """Every figure that is not a count with four decimals, half up."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(four_decimals(value)) if isinstance(value, float | Decimal) else value


def _document(score: Any, alerts: list[Any], configuration: Configuration, is_open: bool) -> dict[str, Any]:
    held = boundary.held_of(score)
    told: dict[str, Any] = rounded(customer_document(score, alerts, configuration))
    name = score.customer.name
    told["customer_name"] = name if is_open or not name else personal.MASK
    told["held_back"] = held and held.facts
    return told


def _configurations(scores: Iterable[HealthScore]) -> dict[int, Configuration]:
    wanted = {score.configuration_id for score in scores}
    return {version.pk: version.configuration for version in ConfigurationVersion.objects.filter(pk__in=wanted)}


def _raised(scores: Sequence[HealthScore]) -> dict[int, list[dict[str, Any]]]:
    """The alerts of the customers that held as of the date of their scores."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if not scores:
        return found
    as_of = scores[0].as_of
    held = Q(closed_on=None) | Q(closed_on__gt=as_of)
    alerts = HealthAlert.objects.filter(
        held, opened_on__lte=as_of, customer__in=[score.customer_id for score in scores]
    )
    rows = alerts.values("customer_id", *FIGURES)
    for alert in sorted(rows, key=lambda row: (_PLACES.get(row["code"], len(_PLACES)), row["code"])):
        found[alert["customer_id"]].append(alert)
    return found
