"""What the scores of a day add up to, of any customers: grades and how they moved, renewals ahead, disagreement.

The figures of two groups of customers that have nobody in common can be added.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, OuterRef, Q, QuerySet, Subquery, Sum

from healthscore.disagreement import DISAGREE, risk
from healthscore.models import HealthDay, HealthScore, NotScored
from healthscore.renewals import WINDOWS, due

__all__ = ["HISTORY_DAYS", "Figures", "Narrow", "Point", "averages", "chosen_days", "course", "figures"]

HISTORY_DAYS = 90
MOST_POINTS = 31
Point = tuple[dt.date, float]
Narrow = Callable[[QuerySet[Any]], QuerySet[Any]]


@dataclass
class Figures:
    """`moves` by the grade of 30 days before ("" without one) and that of the day; `n_due` and `value_due` by grade
    ("" without a score) and the days within which a renewal is ahead."""

    n_scored: int = 0
    score_total: Decimal = Decimal(0)
    n_not_scored: int = 0
    n_disagreeing: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    n_due: Counter[tuple[str, int]] = field(default_factory=Counter)
    value_due: defaultdict[tuple[str, int], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def average(self) -> Decimal | None:
        return self.score_total / self.n_scored if self.n_scored else None

    @property
    def grades(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for (_then, now), n in self.moves.items():
            found[now] += n
        return found

    def add(self, other: "Figures") -> None:
        """Add those of other customers."""
        self.n_scored += other.n_scored
        self.score_total += other.score_total
        self.n_not_scored += other.n_not_scored
        self.n_disagreeing += other.n_disagreeing
        self.moves.update(other.moves)
        self.n_due.update(other.n_due)
        for key, value in other.value_due.items():
            self.value_due[key] += value


def figures(*, as_of: dt.date, narrow: Narrow, by: Mapping[str, Any] | None = None) -> dict[tuple[Any, ...], Figures]:
    """The figures of a day's customers in the order of what `by` groups them by; the only key is () without it.

    `narrow` takes rows that have a customer and gives those to count; `by` names expressions over such rows.
    """
    by = by or {}
    found = _scored(as_of, narrow, by)
    for *key, n in _not_scored(as_of, narrow, by):
        found[tuple(key)].n_not_scored = n
    for *key, grade, days, n, value in _due(as_of, narrow, by):
        found[tuple(key)].n_due[grade or "", days] += n
        found[tuple(key)].value_due[grade or "", days] += value or 0
    return found


def averages(*, as_of: dt.date, narrow: Narrow, by: Mapping[str, Any]) -> dict[tuple[Any, ...], Figures]:
    """Of the same only what makes the average score."""
    rows = narrow(HealthScore.objects.filter(as_of=as_of)).order_by().annotate(**by)
    sums = rows.values(*by).annotate(n=Count("pk"), total=Sum("score")).values_list(*by, "n", "total")
    return {tuple(key): Figures(n, total) for *key, n, total in sums.iterator()}


def _scored(as_of: dt.date, narrow: Narrow, by: Mapping[str, Any]) -> defaultdict[tuple[Any, ...], Figures]:
    rows = narrow(HealthScore.objects.filter(as_of=as_of)).order_by()
    rows = rows.annotate(churn_level=Subquery(risk().values("risk_level")[:1]), **by)
    counted = rows.values("grade_before", "grade", *by).annotate(
        n=Count("pk"), total=Sum("score"), disagree=Count("pk", filter=DISAGREE)
    )
    found: defaultdict[tuple[Any, ...], Figures] = defaultdict(Figures)
    for row in counted.iterator():
        move = row["grade_before"], row["grade"]
        part = Figures(row["n"], row["total"], n_disagreeing=row["disagree"], moves=Counter({move: row["n"]}))
        found[tuple(row[name] for name in by)].add(part)
    return found


def _not_scored(as_of: dt.date, narrow: Narrow, by: Mapping[str, Any]) -> Any:
    rows = narrow(NotScored.objects.filter(as_of=as_of)).order_by().annotate(**by)
    if not by:
        return [(rows.count(),)]
    return rows.values(*by).annotate(n=Count("pk")).values_list(*by, "n")


def _due(as_of: dt.date, narrow: Narrow, by: Mapping[str, Any]) -> Any:
    """For each group and window the grade, customers with a renewal ahead, and the value of the deals."""
    grade = HealthScore.objects.filter(customer=OuterRef("customer"), as_of=as_of).values("grade")[:1]
    ahead = narrow(due(as_of=as_of, days=max(WINDOWS))).order_by().annotate(of_grade=Subquery(grade), **by)
    sums: dict[str, Any] = {}
    for days in WINDOWS:
        within = Q(renewal_date__lte=as_of + dt.timedelta(days=days))
        sums[f"n_{days}"] = Count("customer", filter=within, distinct=True)
        sums[f"value_{days}"] = Sum("deal_amount", filter=within)
    for row in ahead.values("of_grade", *by).annotate(**sums):
        for days in WINDOWS:
            yield *(row[name] for name in by), row["of_grade"], days, row[f"n_{days}"], row[f"value_{days}"]


def chosen_days(as_of: dt.date) -> list[dt.date]:
    """Scored days of the last 90, as many as a line needs; none where there are no two."""
    first = as_of - dt.timedelta(days=HISTORY_DAYS)
    days = HealthDay.objects.filter(as_of__range=(first, as_of)).order_by("-as_of").values_list("as_of", flat=True)
    found = list(days)
    chosen = found[:: -(-len(found) // MOST_POINTS) or 1]
    return chosen if len(chosen) > 1 else []


def course(*, as_of: dt.date, narrow: Narrow) -> list[Point]:
    """The average score of those days."""
    days = chosen_days(as_of)
    if not days:
        return []
    scores = narrow(HealthScore.objects.filter(as_of__in=days))
    means = scores.values_list("as_of").annotate(mean=Avg("score"))
    return [(day, float(mean)) for day, mean in means.order_by("as_of")]
