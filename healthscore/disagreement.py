"""Where the health of a customer and the risk of leaving say the opposite."""

from django.db.models import Max, OuterRef, Q, QuerySet

from predictions.models import Prediction

__all__ = ["DISAGREE", "disagrees", "risk"]

HEALTHY, AILING = ("excellent", "good"), ("at_risk", "critical")
LIKELY, UNLIKELY = ("high", "critical"), ("low",)
# The grade first, which is at hand: the level is looked up once for each row.
HIDDEN = Q(grade__in=HEALTHY) & Q(churn_level__in=LIKELY)
DISAGREE = HIDDEN | Q(grade__in=AILING) & Q(churn_level__in=UNLIKELY)
"""Of scores with `churn_level`: in good health and likely to leave, or in bad health and unlikely to."""


def risk(*, customer: str = "customer") -> QuerySet[Prediction]:
    """The latest scored day's prediction of the outer row's customer."""
    latest = Prediction.objects.aggregate(day=Max("as_of"))["day"]
    return Prediction.objects.filter(customer=OuterRef(customer), as_of=latest)


def disagrees(*, grade: str, level: str | None) -> bool:
    """The same of one customer."""
    return (grade in HEALTHY and level in LIKELY) or (grade in AILING and level in UNLIKELY)
