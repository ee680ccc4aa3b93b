"""How business customers do: how many of the latest day have each grade."""

from typing import Any

from django.db.models import Count
from django.urls import reverse

from churnsite.home.days import scope_of
from churnsite.home.links import listed
from churnsite.home.remembered import remembered
from customers.visibility import is_limited, visible
from experiments.admin.report.words import percent, whole
from healthscore import portfolio_kept, words
from healthscore.admin import beside, shown
from healthscore.dimensions.configuration import GRADES
from healthscore.models import HealthDay, HealthScore

__all__ = ["of"]


def of(user: Any) -> dict[str, Any]:
    """Without `day` where none was scored yet."""
    latest = beside.latest_day()
    if latest is None:
        return {"day": None, "grades": []}
    counts = _counts(latest, user)
    total = sum(counts.values())
    return {
        "day": latest.as_of,
        "total": total,
        "grades": [_grade(name, counts.get(name, 0), total) for name in GRADES],
        "url": reverse("admin:healthscore_healthscore_portfolio"),
    }


def _counts(latest: HealthDay, user: Any) -> dict[str, int]:
    """As they were kept; counted for a day of before that, and for who sees some customers of a small company."""
    if latest.n_by_grade and not is_limited(user):
        return dict(latest.n_by_grade)
    if (kept := portfolio_kept.read(latest, user)) is not None:
        return dict(kept.grades)
    rows = visible(HealthScore.objects.filter(as_of=latest.as_of), user).order_by()
    counted = rows.values_list("grade").annotate(n=Count("pk"))
    key = ("health", user.pk, scope_of(user), latest.as_of, latest.calculated_at)
    return dict(remembered(key, lambda: list(counted)))


def _grade(name: str, n: int, total: int) -> dict[str, Any]:
    return {
        "level": shown.LEVELS[name],
        "title": words.grade(name),
        "n": whole(n),
        "share": n / total if total else 0,
        "percent": percent(n / total if total else 0),
        "url": listed("healthscore_healthscore", grade__exact=name),
    }
