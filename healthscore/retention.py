"""What leaves of the health score: a day's scores, and the customers without one, by month.

The first day of each month that a version scored stays online for good: the page that holds the score against who left
rests on these (`healthscore.truth`). What came of a day (`HealthDay`), alerts and grades set by staff stay as well.
"""

import datetime as dt
import json
from typing import Any

import polars as pl
from django.conf import settings
from django.db.models import QuerySet

from customers import archive
from customers.archive import Archivable, Column
from healthscore.models import HealthDay, HealthScore, NotScored

__all__ = ["NOT_SCORED", "SCORES", "declare", "kept_days"]


def kept_days() -> list[dt.date]:
    """The first day of each month and version, which never leaves."""
    first: dict[tuple[int, int, int], dt.date] = {}
    for version, day in HealthDay.objects.order_by("as_of").values_list("configuration", "as_of"):
        first.setdefault((version, day.year, day.month), day)
    return sorted(set(first.values()))


def _scores() -> QuerySet[Any]:
    return HealthScore.objects.exclude(as_of__in=kept_days())


def _not_scored() -> QuerySet[Any]:
    return NotScored.objects.exclude(as_of__in=kept_days())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _texts(*names: str) -> dict[str, Column]:
    return {name: Column(source=name, dtype=pl.String()) for name in names}


def _numbers(*names: str) -> dict[str, Column]:
    return {name: Column(source=name, dtype=pl.Float64(), convert=_number) for name in names}


_SHARED = {
    "customer_id": Column(source="customer__customer_id", dtype=pl.String()),
    "as_of": Column(source="as_of", dtype=pl.Date()),
}
SCORES = Archivable(
    kind="health_scores",
    rows=_scores,
    columns=_SHARED
    | _numbers("score")
    | _texts("grade")
    | {"breakdown": Column(source="breakdown", dtype=pl.String(), convert=_json)}
    | _numbers("coverage", "mrr", "change_30d", "forecast_30d")
    | _texts("grade_before", "direction", "customer_type")
    | {
        "sources": Column(source="sources", dtype=pl.String(), convert=_json),
        "configuration": Column(source="configuration__digest", dtype=pl.String()),
    },
    key=("customer_id", "as_of"),
    time="as_of",
    retention_days=lambda: settings.HEALTH_RETENTION_DAYS,
)
NOT_SCORED = Archivable(
    kind="health_not_scored",
    rows=_not_scored,
    columns=_SHARED | _texts("reason"),
    key=("customer_id", "as_of"),
    time="as_of",
    retention_days=lambda: settings.HEALTH_RETENTION_DAYS,
)


def declare() -> None:
    """Let the archive move these too; called when the app is ready."""
    archive.register(SCORES)
    archive.register(NOT_SCORED)
