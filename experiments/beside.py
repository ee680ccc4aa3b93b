"""The arm of a running experiment beside the latest prediction, in the same statement: never of who may not be treated.

The boundary decides that, over all experiments: whoever is held by any of them, or by an opt-out, has no measure here.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from predictions.latest import Beside, Row

__all__ = ["TREATMENT"]


class TreatmentAnswer(serializers.Serializer):
    """What the experiment that a customer is in has in store; null where none, or where the customer is held back."""

    experiment = serializers.IntegerField(help_text=_("The experiment's ID."))
    arm = serializers.CharField()
    measure = serializers.CharField(help_text=_("What is done; when, the treatment list says."))


def _told(columns: Row, is_held: bool) -> dict[str, Any] | None:
    experiment, arm, measure, is_control = columns
    if experiment is None or is_control or is_held:
        return None
    return {"experiment": experiment, "arm": arm, "measure": measure}


TREATMENT = Beside(
    name="treatment",
    columns=("ea.experiment_id", "arm.name", "arm.measure", "arm.is_control"),
    join="""LEFT JOIN experiments_assignment ea ON ea.id = (
        SELECT max(one.id) FROM experiments_assignment one WHERE one.customer_id = c.id AND one.is_current
    ) LEFT JOIN experiments_arm arm ON arm.id = ea.arm_id""",
    told=_told,
    serializer=TreatmentAnswer,
    permission="experiments.view_experiment",
)
