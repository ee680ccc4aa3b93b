"""The portfolio of a large company: counted with the day's scores, by region and account manager, and kept.

Whatever limits a user, the parts in sight are added up, so that limits hold at once; region and account manager are
those of when the day was counted. A day scored before figures were kept has them counted by a job.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from customers import jobs
from customers.account_managers import name_of
from customers.commands import Advance
from customers.models import Job
from customers.visibility import is_limited
from healthscore import portfolio, tasks
from healthscore.models import HealthDay, HealthPart, HealthScore
from healthscore.portfolio import Figures, Point
from predictions.models import DailyFigures

__all__ = ["KIND", "LARGE", "ask", "course", "is_current", "keep_days", "keep_missing", "read"]

LARGE = 50_000
KIND = tasks.keep_portfolio.name
ASKED_AGAIN_AFTER = dt.timedelta(minutes=10)
BATCH = 2_000


def read(day: HealthDay, user: Any) -> Figures | None:
    """The figures of those whom the user may see; None where those of the day's scores were not kept."""
    if not _is_kept(day, since=day.calculated_at):
        return None
    found = Figures()
    kept = _seen(HealthPart.objects.filter(day=day), user).values_list("n_scored", "score_total", "figures")
    for n_scored, score_total, document in kept.iterator(chunk_size=BATCH):
        found.add(_figures(n_scored, score_total, document))
    return found


def course(as_of: dt.date, user: Any) -> list[Point]:
    """The average score of the last 90 days whose figures are kept, as `portfolio.course` gives it."""
    parts = _seen(HealthPart.objects.filter(day__as_of__in=portfolio.chosen_days(as_of)), user).order_by("day__as_of")
    sums = parts.values_list("day__as_of").annotate(total=Sum("score_total"), n=Sum("n_scored"))
    return [(day, float(total / n)) for day, total, n in sums if n]


def is_current(day: HealthDay) -> bool:
    """Whether the figures are kept, and nobody's risk of leaving was computed anew since they were counted."""
    risk_made_at = DailyFigures.objects.order_by("-as_of").values_list("made_at", flat=True).first()
    return _is_kept(day, since=max(filter(None, (risk_made_at, day.calculated_at))))


def ask() -> None:
    """Count what is missing in the background, unless that is under way or was asked for some minutes ago."""
    since = timezone.now() - ASKED_AGAIN_AFTER
    asked = Job.objects.filter(kind=KIND, created_at__gte=since).exists()
    if not asked and not jobs.unfinished().filter(kind=KIND).exists():
        jobs.start(tasks.keep_portfolio)


@transaction.atomic
def keep(day: HealthDay) -> None:
    """Count a day that is large, in place of what was kept of it; of one that is not the latest only its scores.

    Nothing where another did it meanwhile.
    """
    day = HealthDay.objects.select_for_update().get(pk=day.pk)
    if is_current(day):
        return
    HealthPart.objects.filter(day=day).delete()
    if day.n_scored >= LARGE:
        HealthPart.objects.bulk_create(_counted(day, made_at=timezone.now()), batch_size=BATCH)


def _counted(day: HealthDay, *, made_at: dt.datetime) -> list[HealthPart]:
    is_latest = not HealthDay.objects.filter(as_of__gt=day.as_of).exists()
    count = portfolio.figures if is_latest else portfolio.averages
    by = {"region": F("customer__region"), "manager": Coalesce(name_of(), Value(""))}
    found = count(as_of=day.as_of, narrow=lambda rows: rows, by=by)
    total = Figures()
    for one in found.values():
        total.add(one)
    facts = {"day": day, "made_at": made_at}
    parts = [_part(one, is_latest, region=key[0], manager=key[1], **facts) for key, one in found.items()]
    return [_part(total, is_latest, is_total=True, **facts), *parts]


def keep_days(days: list[dt.date]) -> None:
    """Count those of these days that are within 90 days of the latest, and forget what was kept of earlier ones."""
    latest = HealthDay.objects.order_by("-as_of").first()
    if latest is None:
        return
    found = list(_in_reach(latest).filter(as_of__in=days).order_by("-as_of"))
    if any(day.n_scored >= LARGE for day in found):
        _let_plan()
    for day in found:
        keep(day)
    HealthPart.objects.exclude(day__in=_in_reach(latest)).delete()


def keep_missing(advance: Advance) -> int:
    """Count the latest day, and those of the 90 days before it that were not kept; how many they were."""
    latest = HealthDay.objects.order_by("-as_of").first()
    if latest is None:
        return 0
    missing = _in_reach(latest).filter(n_scored__gte=LARGE, parts=None).exclude(pk=latest.pk)
    days = [latest, *missing.order_by("-as_of")]
    for number, day in enumerate(days, start=1):
        keep(day)
        advance("", number, len(days))
    return len(days)


def _in_reach(latest: HealthDay) -> QuerySet[HealthDay]:
    """The days of the line that ends at the latest."""
    first = latest.as_of - dt.timedelta(days=portfolio.HISTORY_DAYS)
    return HealthDay.objects.filter(as_of__range=(first, latest.as_of))


def _let_plan() -> None:
    """Tell PostgreSQL of a day just scored: it would take it for empty, and read it once for each deal."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {HealthScore._meta.db_table} (as_of, customer_id, grade, grade_before)")


def _is_kept(day: HealthDay, *, since: dt.datetime) -> bool:
    """Whether the day was counted as the latest, not before `since`."""
    return HealthPart.objects.filter(day=day, is_total=True, figures__isnull=False, made_at__gte=since).exists()


def _seen(parts: QuerySet[HealthPart], user: Any) -> QuerySet[HealthPart]:
    """The parts that add up to what the user may see, as `customers.visibility` says of their customers."""
    if not is_limited(user):
        return parts.filter(is_total=True)
    scope, parts = user.customer_scope, parts.filter(is_total=False)
    if scope.regions:
        parts = parts.filter(region__in=scope.regions)
    return parts.filter(manager__in=scope.account_managers) if scope.account_managers else parts


def _part(found: Figures, is_latest: bool, **facts: Any) -> HealthPart:
    document = _document(found) if is_latest else None
    return HealthPart(n_scored=found.n_scored, score_total=found.score_total, figures=document, **facts)


def _document(found: Figures) -> dict[str, Any]:
    """As JSON keeps it."""
    return {
        "n_not_scored": found.n_not_scored,
        "n_disagreeing": found.n_disagreeing,
        "moves": [[*key, n] for key, n in found.moves.items()],
        "due": [[*key, n, str(found.value_due[key])] for key, n in found.n_due.items()],
    }


def _figures(n_scored: int, score_total: Decimal, document: Any) -> Figures:
    found = Figures(n_scored, score_total, document["n_not_scored"], document["n_disagreeing"])
    for then, now, n in document["moves"]:
        found.moves[then, now] = n
    for grade, days, n, value in document["due"]:
        found.n_due[grade, days], found.value_due[grade, days] = n, Decimal(value)
    return found
