"""What stands beside a score: the account manager, renewals ahead, a grade set by staff, the risk of leaving."""

import datetime as dt
from typing import Any

from django.db.models import DateField, Exists, ExpressionWrapper, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from customers import account_managers
from customers.models import Deal
from healthscore import configurations
from healthscore.models import HealthDay, HealthScore, Override
from predictions.models import Prediction

__all__ = ["WINDOWS", "disagreeing", "due", "in_force", "latest_day", "managers", "risk", "types", "with_facts"]

WINDOWS = (60, 90)
PAID = (Deal.Stage.WON, Deal.Stage.RENEWED)
HEALTHY, AILING = ("excellent", "good"), ("at_risk", "critical")
LIKELY, UNLIKELY = ("high", "critical"), ("low",)


def latest_day() -> HealthDay | None:
    """What came of the last day that was scored."""
    return HealthDay.objects.order_by("-as_of").first()


def due(*, as_of: dt.date, days: int) -> QuerySet[Deal]:
    """Deals to be renewed from a date on that have no renewal yet.

    A renewal counts from as many days before their date on as the active configuration's alerts say.
    """
    renewed_before = dt.timedelta(days=configurations.active().document["alerts"]["renewal_days_before"])
    earliest = ExpressionWrapper(OuterRef("renewal_date") - renewed_before, output_field=DateField())
    others = Deal.objects.filter(
        customer=OuterRef("customer"), deal_stage=Deal.Stage.RENEWED, deal_date__lt=as_of, deal_date__gte=earliest
    ).exclude(pk=OuterRef("pk"))
    window = (as_of, as_of + dt.timedelta(days=days))
    deals = Deal.objects.filter(deal_stage__in=PAID, deal_date__lt=as_of, renewal_date__range=window)
    return deals.filter(~Exists(others))


def managers() -> list[str]:
    """Everybody whom a deal names."""
    named = Deal.objects.exclude(account_manager="").order_by("account_manager")
    return list(named.values_list("account_manager", flat=True).distinct())


def types() -> list[str]:
    """The customer types of the last day that was scored."""
    latest = latest_day()
    if latest is None:
        return []
    rows = HealthScore.objects.filter(as_of=latest.as_of).order_by("customer_type")
    return list(rows.values_list("customer_type", flat=True).distinct())


def in_force(*, on: dt.date) -> QuerySet[Override]:
    """The overrides that hold at an as-of date."""
    return Override.objects.filter(starts_on__lte=on, expires_on__gt=on)


def risk(*, customer: str = "customer") -> QuerySet[Prediction]:
    """The latest scored day's prediction of the outer row's customer."""
    latest = Prediction.objects.aggregate(day=Max("as_of"))["day"]
    return Prediction.objects.filter(customer=OuterRef(customer), as_of=latest)


def with_facts(rows: QuerySet[HealthScore], *, as_of: dt.date) -> QuerySet[HealthScore]:
    """Each score with `manager`, `next_renewal`, `set_grade` and `churn_level`; None where there is none."""
    ahead = due(as_of=as_of, days=max(WINDOWS)).filter(customer=OuterRef("customer")).order_by()
    first = ahead.values("customer").annotate(first=Min("renewal_date")).values("first")
    override = in_force(on=as_of).filter(customer=OuterRef("customer")).order_by("-starts_on", "-pk")
    return rows.annotate(
        manager=account_managers.name_of(),
        next_renewal=Subquery(first),
        set_grade=Subquery(override.values("grade")[:1]),
        churn_level=Subquery(risk().values("risk_level")[:1]),
    )


def disagreeing(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of rows with `churn_level`: in good health and likely to leave, or in bad health and unlikely to."""
    hidden = Q(grade__in=HEALTHY, churn_level__in=LIKELY)
    return rows.filter(hidden | Q(grade__in=AILING, churn_level__in=UNLIKELY)).order_by(F("score").desc(), "pk")


def disagrees(*, grade: str, level: str | None) -> bool:
    """The same of one customer."""
    return (grade in HEALTHY and level in LIKELY) or (grade in AILING and level in UNLIKELY)
