"""The latest health score beside the latest prediction, in the same statement."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from healthscore.models import Grade
from predictions.latest import Beside, Row

__all__ = ["HEALTH"]


class HealthAnswer(serializers.Serializer):
    """The latest health score; null without one, and for people who may not see it."""

    as_of = serializers.DateField()
    score = serializers.FloatField(min_value=0, max_value=1)
    grade = serializers.ChoiceField(choices=Grade.choices, help_text=_("As it was scored."))


def _told(columns: Row, is_held: bool) -> dict[str, Any] | None:
    as_of, score, grade = columns
    return None if score is None else {"as_of": as_of, "score": float(score), "grade": grade}


HEALTH = Beside(
    name="health_score",
    columns=("hs.as_of", "hs.score", "hs.grade"),
    join="""LEFT JOIN healthscore_healthscore hs ON hs.customer_id = c.id
    AND hs.as_of = (SELECT max(one.as_of) FROM healthscore_healthscore one WHERE one.customer_id = c.id)""",
    told=_told,
    serializer=HealthAnswer,
    permission="healthscore.view_healthscore",
)
