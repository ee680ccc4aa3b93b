"""What became of the predictions: outcomes when a label closes, and how good each day was.

An event that arrives late can still turn an outcome: predictions are looked at again for some days after closing.
Outcomes of treated customers are marked, and the days are measured without them.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from django.db import transaction
from django.db.models import Q

from predictions import figures, labels
from predictions.modelling.evaluation import Measured, evaluate
from predictions.modelling.remarks import Remark, remark
from predictions.models import DailyQuality, ModelVersion, Prediction
from predictions.treated import treated_labels

__all__ = ["close"]

CORRECTION_DAYS = 14
BATCH = 5_000
SHOWN = ("roc_auc", "ece", "lift_top_decile", "base_rate", "log_loss", "accuracy")
LEAST_OF_EACH = 50
LARGE_ECE = 0.05


def close(*, today: dt.date) -> dict[str, Any]:
    """Fill in and correct outcomes closed by `today` and measure those days; {"days", "closed", "corrected"}.

    Days of before there were daily figures get theirs here.
    """
    result: dict[str, Any] = {"days": [], "closed": 0, "corrected": 0, "warnings": []}
    for as_of, model in _due(today):
        closed, corrected, marked = _close_day(as_of, model)
        if closed or corrected:
            figures.keep(as_of)
        if closed or corrected or marked or not DailyQuality.objects.filter(as_of=as_of, model=model).exists():
            quality = _measure(as_of, model)
            result["days"].append(as_of.isoformat())
            result["warnings"] += [{"as_of": as_of.isoformat(), **warning} for warning in quality.warnings]
        result["closed"] += closed
        result["corrected"] += corrected
    figures.keep_missing()
    return result


def _due(today: dt.date) -> list[tuple[dt.date, ModelVersion]]:
    """Days and models with predictions whose label is closed and that lack an outcome or are not yet old."""
    found = []
    for model in ModelVersion.objects.all():
        latest = today - dt.timedelta(days=model.horizon_days)
        recent = Q(as_of__gte=latest - dt.timedelta(days=CORRECTION_DAYS)) | Q(churned=None)
        days = Prediction.objects.filter(recent, model=model, as_of__lte=latest).values_list("as_of", flat=True)
        found += [(day, model) for day in days.distinct().order_by("as_of")]
    return sorted(found, key=lambda pair: (pair[0], pair[1].pk))


@transaction.atomic
def _close_day(as_of: dt.date, model: ModelVersion) -> tuple[int, int, int]:
    """How many outcomes were filled in, how many corrected, and how many of these or others were marked anew."""
    had = _stored(as_of, model).join(_truth(as_of, model), on="customer_pk", how="inner")
    is_wrong, is_unmarked = _differs("churned", "truth"), _differs("is_treated", "was_treated")
    changed = had.filter(is_wrong | is_unmarked)
    for (truth, was_treated), rows in changed.group_by("truth", "was_treated"):
        _set(rows["pk"].sort().to_list(), churned=truth, is_treated=was_treated)
    wrong = changed.filter(is_wrong)
    closed = int(wrong["churned"].is_null().sum())
    return closed, wrong.height - closed, changed.filter(is_unmarked).height


def _stored(as_of: dt.date, model: ModelVersion) -> pl.DataFrame:
    rows = Prediction.objects.filter(as_of=as_of, model=model).values_list("pk", "customer_id", "churned", "is_treated")
    schema = {"pk": pl.Int64, "customer_pk": pl.Int64, "churned": pl.Boolean, "is_treated": pl.Boolean}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def _truth(as_of: dt.date, model: ModelVersion) -> pl.DataFrame:
    """customer_pk, truth, was_treated of every customer with a label."""
    known = labels.labels(as_of=as_of, horizon_days=model.horizon_days).select("customer_pk", truth="churned")
    treated = treated_labels(as_of=as_of, horizon_days=model.horizon_days)
    return known.drop_nulls("truth").with_columns(was_treated=pl.col("customer_pk").is_in(treated.implode()))


def _differs(stored: str, known: str) -> pl.Expr:
    return pl.col(stored).ne_missing(pl.col(known))


def _set(keys: Sequence[int], **values: Any) -> None:
    for start in range(0, len(keys), BATCH):
        Prediction.objects.filter(pk__in=keys[start : start + BATCH]).update(**values)


def _measure(as_of: dt.date, model: ModelVersion) -> DailyQuality:
    closed = Prediction.objects.filter(as_of=as_of, model=model).exclude(churned=None)
    rows = list(
        closed.exclude(is_treated=True).order_by("customer_id").values_list("customer_id", "probability", "churned")
    )
    churned = np.array([row[2] for row in rows], dtype=np.bool_)
    measured = evaluate(
        probability=np.array([row[1] for row in rows], dtype=np.float64),
        churned=churned,
        customers=np.array([row[0] for row in rows], dtype=np.int64),
        threshold=model.parameters.get("threshold", 0.5),
    )
    quality, _created = DailyQuality.objects.update_or_create(
        as_of=as_of,
        model=model,
        defaults={
            "n_predictions": len(rows),
            "n_churned": int(churned.sum()),
            "n_treated": closed.filter(is_treated=True).count(),
            "metrics": _metrics(measured),
            "warnings": _warnings(measured, model, churned),
        },
    )
    return quality


def _metrics(measured: Measured) -> dict[str, Any]:
    """Values, their intervals, and why one is null."""
    values = {name: measured.measures[name].value for name in SHOWN}
    intervals = {name: [measured.measures[name].low, measured.measures[name].high] for name in SHOWN}
    return {**values, "n": measured.n_rows, "intervals": intervals, "reason": measured.reason}


def _warnings(measured: Measured, model: ModelVersion, churned: np.ndarray) -> list[Remark]:
    """Said only where the day is large enough and its whole interval is on the wrong side."""
    if min(int(churned.sum()), int((~churned).sum())) < LEAST_OF_EACH:
        return []
    told = []
    auc, expected = measured.measures["roc_auc"], (model.metrics.get("roc_auc") or {}).get("low")
    if auc.high is not None and expected is not None and auc.high < expected:
        told.append(remark("auc_below", auc=auc.value, promised=expected))
    error = measured.measures["ece"]
    if error.low is not None and error.value is not None and error.low > LARGE_ECE:
        told.append(remark("ece_above", ece=error.value, limit=LARGE_ECE))
    return told
