"""What an experiment looks like on its way in and on its way out."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.rest.problems import SENSELESS
from customers.rest.schema import NO_NUL
from customers.rest.strict import Strict
from experiments import draft
from experiments.attributes import ATTRIBUTES, Operator
from experiments.models import Arm, Experiment
from experiments.models.configuration import GUARDRAILS, SECONDARY, STRATA
from predictions.models import RiskLevel

__all__ = ["Changes", "ExperimentAnswer", "Settings", "document"]


class ArmBody(Strict):
    """One group of an experiment."""

    name = serializers.CharField(max_length=50)
    is_control = serializers.BooleanField(default=False, help_text=_("The group that gets nothing; one of all."))
    share = serializers.DecimalField(
        max_digits=7, decimal_places=6, min_value=0, max_value=1, help_text=_("From 0 to 1; all add up to 1.")
    )
    measure = serializers.CharField(
        max_length=200, allow_blank=True, default="", help_text=_("What is done, as the people who do it will read it.")
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if sentence := draft.against_share(given["is_control"], given["share"]):
            raise serializers.ValidationError({"share": sentence}, code=SENSELESS)
        return given


@extend_schema_field({"oneOf": [{"type": "string", "minLength": 1, "pattern": NO_NUL}, {"type": "number"}]})
class Bound(serializers.CharField):
    """A text or a number, as the attribute has it."""

    types = (str, int, float)


class ConditionBody(Strict):
    """A filter on a customer attribute; a customer is eligible who meets all."""

    attribute = serializers.ChoiceField(choices=[one.name for one in ATTRIBUTES])
    operator = serializers.ChoiceField(choices=Operator.values, default=Operator.IN.value)
    values = serializers.ListField(child=Bound(), help_text=_("One or more; a bound is a single value."))

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if sentence := draft.against_condition(**given):
            raise serializers.ValidationError({"values": sentence}, code=SENSELESS)
        return given


def _chosen(names: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField(choices=list(names)), required=False)


class Settings(Strict, serializers.ModelSerializer):
    """A draft: what is not given has the defaults of the form, of the arms 10 % control and 90 % treatment."""

    risk_levels = _chosen(RiskLevel.choices)
    secondary_metrics = _chosen(metric.value for metric in SECONDARY)
    guardrail_metrics = _chosen(metric.value for metric in GUARDRAILS)
    strata = _chosen(STRATA)
    arms = ArmBody(many=True, required=False, help_text=_("All of them; the control group is put first."))
    conditions = ConditionBody(many=True, required=False, help_text=_("All of them."))

    class Meta:
        model = Experiment
        fields = (*draft.SETTINGS, "arms", "conditions")
        # What an integer column holds on every database that is supported.
        extra_kwargs = {name: {"max_value": 2**31 - 1} for name in ("daily_capacity", "observation_days")}

    def validate_arms(self, arms: list[dict[str, Any]]) -> list[dict[str, Any]]:
        wrong = draft.against_arms([(arm["is_control"], arm["share"]) for arm in arms])
        wrong += draft.against_shares(arm["share"] for arm in arms)
        wrong += draft.against_names([arm["name"] for arm in arms])
        if wrong:
            raise serializers.ValidationError(wrong, code=SENSELESS)
        return arms

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        base = self.instance or Experiment()
        whole = {name: getattr(base, name) for name in draft.SETTINGS} | given
        if wrong := draft.against_settings(whole):
            raise serializers.ValidationError(wrong, code=SENSELESS)
        return given


class Changes(Settings):
    """What is to be changed of a draft; `arms` and `conditions` take the place of all that it had."""

    def get_fields(self) -> dict[str, Any]:
        """None has to be there. A partial serializer would let arms lack their shares as well."""
        fields: dict[str, Any] = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class ArmAnswer(serializers.ModelSerializer):
    """A group, in the order in which the draw takes them."""

    class Meta:
        model = Arm
        fields = ("id", "position", "name", "is_control", "share", "measure")


class ConditionAnswer(serializers.Serializer):
    """A filter."""

    attribute = serializers.CharField()
    operator = serializers.ChoiceField(choices=Operator.values)
    values = serializers.ListField(child=serializers.CharField())


class ExperimentAnswer(serializers.ModelSerializer):
    """An experiment with all its settings, and where it is in its course."""

    state = serializers.ChoiceField(choices=Experiment.State.values)
    risk_levels = serializers.ListField(child=serializers.CharField())
    secondary_metrics = serializers.ListField(child=serializers.CharField())
    guardrail_metrics = serializers.ListField(child=serializers.CharField())
    strata = serializers.ListField(child=serializers.CharField())
    arms = ArmAnswer(many=True)
    conditions = ConditionAnswer(many=True)

    class Meta:
        model = Experiment
        fields = (
            *("id", "state", *draft.SETTINGS, "arms", "conditions"),
            *("salt", "started_on", "ended_on", "finalised_at", "created_at"),
        )


def document(experiment: Experiment) -> dict[str, Any]:
    """The body that tells of an experiment; its tag is made of it."""
    return dict(ExperimentAnswer(experiment).data)
