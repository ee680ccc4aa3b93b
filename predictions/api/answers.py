"""What a prediction looks like on its way out."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from customers.models import Hold
from predictions.latest import besides
from predictions.models import RiskLevel

__all__ = ["HistoryAnswer", "PredictionAnswer", "prediction_answer"]


class ReasonAnswer(serializers.Serializer):
    """A feature that raises (contribution above 0) or lowers the risk, in the units of the model."""

    feature = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    contribution = serializers.FloatField()
    sentence = serializers.CharField(help_text=_("In the caller's language, as Accept-Language asks for."))


class HeldAnswer(serializers.Serializer):
    """Why no measure may be taken now."""

    kind = serializers.ChoiceField(choices=Hold.Kind.choices)
    source = serializers.CharField(  # type: ignore[assignment]
        help_text=_("Who holds the customer back, such as an experiment.")
    )
    until = serializers.DateField(allow_null=True, help_text=_("The first date without; null is without end."))


class PredictionAnswer(serializers.Serializer):
    """The latest prediction of a customer; all but the ID is null where there never was one."""

    customer_id = serializers.CharField()
    as_of = serializers.DateField(allow_null=True)
    is_current = serializers.BooleanField(
        help_text=_("Of the latest day that was scored; false of who was not scored then, such as who has left.")
    )
    probability = serializers.FloatField(allow_null=True, min_value=0, max_value=1)
    risk_level = serializers.ChoiceField(choices=RiskLevel.choices, allow_null=True)
    lifecycle_stage = serializers.CharField(allow_null=True)
    main_reason = serializers.CharField(allow_null=True, help_text=_("The feature that raises the risk most."))
    reasons = ReasonAnswer(
        many=True, allow_null=True, help_text=_("Null where none were made: of low and medium risk, see `explain`.")
    )
    monthly_value = serializers.FloatField(allow_null=True)
    model_version = serializers.CharField(allow_null=True)
    held_back = HeldAnswer(allow_null=True, help_text=_("Null where the customer may be treated now."))


class HistoryAnswer(serializers.Serializer):
    """A prediction of one day."""

    as_of = serializers.DateField()
    probability = serializers.FloatField(min_value=0, max_value=1)
    risk_level = serializers.ChoiceField(choices=RiskLevel.choices)
    lifecycle_stage = serializers.CharField()
    main_reason = serializers.CharField(allow_null=True)
    model_version = serializers.CharField()
    churned = serializers.BooleanField(allow_null=True, help_text=_("The outcome; null until it is known."))


def prediction_answer() -> type[serializers.Serializer]:
    """With what the apps above add."""
    more: dict[str, Any] = {one.name: one.serializer(allow_null=True) for one in besides()}
    return type("Prediction", (PredictionAnswer,), {"__doc__": PredictionAnswer.__doc__, **more})
