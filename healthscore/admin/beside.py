"""What stands beside a score: the account manager, renewals ahead, a grade set by staff, the risk of leaving."""

import datetime as dt
from typing import Any

from django.db.models import F, Min, OuterRef, QuerySet, Subquery

from customers import account_managers
from customers.models import Deal
from healthscore.disagreement import DISAGREE, risk
from healthscore.models import HealthDay, HealthScore, Override
from healthscore.renewals import WINDOWS, due

__all__ = ["disagreeing", "in_force", "latest_day", "managers", "types", "with_facts"]


def latest_day() -> HealthDay | None:
    """What came of the last day that was scored."""
    return HealthDay.objects.order_by("-as_of").first()


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
    """Of rows with `churn_level` those whose health and risk say the opposite, the best score first."""
    return rows.filter(DISAGREE).order_by(F("score").desc(), "pk")
