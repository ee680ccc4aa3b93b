"""The files beside the database: customer_success_data.json, health_scores_history.json and risk_alerts.json.

Scores are written as they are stored, customer by customer, so that memory does not grow with them; alerts are those
that hold at the date. Each file is there whole or not at all. Figures have four decimals.
"""

import datetime as dt
import json
import math
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from customers.commands import Refused
from customers.personal import shown
from healthscore import words
from healthscore.dimensions.advice import RISK_OF_GRADE
from healthscore.dimensions.catalogue import NAMES
from healthscore.dimensions.configuration import GRADES, Configuration
from healthscore.dimensions.engine import SCALE
from healthscore.models import ConfigurationVersion, HealthAlert, HealthScore, NotScored

__all__ = ["ALERTS", "DATA", "HISTORY", "customer_document", "write"]

CHUNK = 2_000
HISTORY_DAYS = 90
DATA, HISTORY, ALERTS = "customer_success_data.json", "health_scores_history.json", "risk_alerts.json"
Raised = dict[int, list[dict[str, Any]]]


def write(*, folder: Path, as_of: dt.date, alerts: Iterable[dict[str, Any]]) -> list[Path]:
    """The three files of a date; `alerts` as they were raised. Raises Refused where the folder cannot be written."""
    raised: Raised = defaultdict(list)
    for alert in alerts:
        raised[alert["customer_pk"]].append(alert)
    contents = {DATA: _data(as_of, raised), HISTORY: _history(as_of), ALERTS: _alerts(as_of, raised)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, pieces in contents.items():
            with _whole(folder / name) as file:
                file.writelines(pieces)
    except OSError as error:
        raise Refused(
            _("The folder %(path)s cannot be written: %(why)s") % {"path": folder, "why": error.strerror}
        ) from None
    return [folder / name for name in contents]


def customer_document(
    score: HealthScore, alerts: Iterable[dict[str, Any]], configuration: Configuration | None = None
) -> dict[str, Any]:
    """A customer of customer_success_data.json; figures have all their decimals. Whoever asks for many gives the
    configuration that they were scored with."""
    weights = (configuration or score.configuration.configuration).weights(score.customer_type)
    scores = score.dimensions
    return {
        "customer_id": score.customer.customer_id,
        "customer_name": shown(score.customer.name),
        "health_score": score.score,
        "health_grade": score.grade,
        "risk_level": RISK_OF_GRADE[score.grade],
        "score_breakdown": {name: scores[name] for name in _IN_ORDER},
        "coverage": score.coverage,
        "mrr": score.mrr,
        "trend": {
            "direction": score.direction,
            "change_30d": score.change_30d,
            "forecast_30d": score.forecast_30d,
        },
        "alerts": [_told(alert) for alert in alerts],
        "recommendations": words.recommendations(grade=score.grade, scores=scores, weights=weights),
        "data_sources": score.sources,
        "calculated_at": f"{score.calculated_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


_IN_ORDER = ("usage", "engagement", "support", "payment", "adoption", "satisfaction", "lifecycle", "value")
if set(_IN_ORDER) != set(NAMES):
    raise AssertionError("The output names every dimension once.")


def _told(alert: dict[str, Any]) -> dict[str, Any]:
    figures = {name: alert[name] for name in ("value", "threshold", "detail")}
    return {
        "code": alert["code"],
        "severity": alert["severity"],
        "message": words.alert_message(alert["code"], **figures),
        "value": alert["value"],
        "threshold": alert["threshold"],
    }


def _data(as_of: dt.date, raised: Raised) -> Iterator[str]:
    scores = HealthScore.objects.filter(as_of=as_of).select_related("customer").order_by("customer__customer_id")
    left_out = NotScored.objects.filter(as_of=as_of).select_related("customer").order_by("customer__customer_id")
    yield '{"customers": ['
    made_with = {version.pk: version.configuration for version in _versions(as_of)}
    yield from _listed(
        customer_document(score, raised.get(score.customer_id, []), made_with[score.configuration_id])
        for score in scores.iterator(chunk_size=CHUNK)
    )
    yield '],\n"not_scored": ['
    yield from _listed(
        {
            "customer_id": one.customer.customer_id,
            "customer_name": shown(one.customer.name),
            "reason": str(one.get_reason_display()),
        }
        for one in left_out.iterator(chunk_size=CHUNK)
    )
    yield f'],\n"summary": {text(_summary(as_of))}}}\n'


def _versions(as_of: dt.date) -> Iterable[ConfigurationVersion]:
    """Those that a day was scored with: one, for a day is replaced whole."""
    return ConfigurationVersion.objects.filter(days__as_of=as_of)


def _summary(as_of: dt.date) -> dict[str, Any]:
    scores = HealthScore.objects.filter(as_of=as_of)
    counts = Counter(scores.values_list("grade", flat=True))
    total, added = sum(counts.values()), scores.aggregate(sum=Sum("score"))["sum"]
    return {
        "total_customers": total,
        "avg_health_score": Decimal(added) / total if total else None,
        "distribution": {grade: counts.get(grade, 0) for grade in GRADES},
    }


def _history(as_of: dt.date) -> Iterator[str]:
    first = as_of - dt.timedelta(days=HISTORY_DAYS)
    found = HealthScore.objects.filter(as_of__range=(first, as_of)).order_by("customer__customer_id", "as_of")
    columns = ("customer__customer_id", "customer__name", "as_of", "score", "grade")
    rows = found.values_list(*columns).iterator(chunk_size=10 * CHUNK)
    yield f'{{"as_of": "{as_of}", "customers": ['
    yield from _listed(
        {
            "customer_id": key[0],
            "customer_name": key[1],
            "history": [_past(*row[2:]) for row in of],
        }
        for key, of in groupby(rows, key=lambda row: row[:2])
    )
    yield "]}\n"


def _past(day: dt.date, score: Decimal, grade: str) -> dict[str, Any]:
    return {"as_of": str(day), "health_score": score, "health_grade": grade}


def _alerts(as_of: dt.date, raised: Raised) -> Iterator[str]:
    opened = {
        (customer, code): (day, state)
        for customer, code, day, state in HealthAlert.objects.exclude(state=HealthAlert.State.CLOSED)
        .filter(opened_on__lte=as_of)
        .values_list("customer_id", "code", "opened_on", "state")
    }
    found = HealthScore.objects.filter(as_of=as_of).defer("breakdown").select_related("customer")
    scores = found.order_by("customer__customer_id").iterator(chunk_size=CHUNK)
    yield f'{{"as_of": "{as_of}", "alerts": ['
    yield from _listed(
        {
            "customer_id": score.customer.customer_id,
            "customer_name": shown(score.customer.name),
            "health_score": score.score,
            "health_grade": score.grade,
            **_told(alert),
            **_life(opened.get((score.customer_id, alert["code"]))),
        }
        for score in scores
        for alert in raised.get(score.customer_id, [])
    )
    yield "]}\n"


def _life(found: tuple[dt.date, str] | None) -> dict[str, Any]:
    return {"opened_on": str(found[0]) if found else None, "state": found[1] if found else None}


def _listed(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    for number, document in enumerate(documents):
        yield f"{',' if number else ''}\n{text(document)}"


def text(value: Any) -> str:
    """JSON in which every figure that is not a count has four decimals, rounded half up."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(text(one) for one in value) + "]"
    if isinstance(value, float | Decimal):
        return four_decimals(value)
    return json.dumps(value, ensure_ascii=False)


def four_decimals(value: float | Decimal) -> str:
    """Rounded half up; the noise of binary fractions does not decide a tie."""
    if isinstance(value, Decimal) and value.as_tuple().exponent == -4:
        return str(value)
    whole = math.floor(round(float(value), 10) * SCALE + 0.5 + 1e-10)
    return f"{'-' if whole < 0 else ''}{abs(whole) // SCALE}.{abs(whole) % SCALE:04}"


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """A file under another name until it is complete."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with partial.open("w", encoding="utf-8") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
