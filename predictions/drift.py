"""How far a day's features and scores are from the training data of the model that scored it."""

import datetime as dt
import json
from typing import Any

import numpy as np
import polars as pl
from django.db import transaction
from django.db.models import QuerySet
from numpy.typing import NDArray

from predictions import registry, snapshots
from predictions.artifacts import Damaged
from predictions.modelling.remarks import remark
from predictions.modelling.scorer import Scorer
from predictions.modelling.stability import Profile, Shift, compare
from predictions.models import Drift, ModelVersion, Prediction
from predictions.treated import treated_features

__all__ = ["SCORE", "measure"]

SCORE = "score"
LEAST_GAIN = 0.01


def measure(*, as_of: dt.date) -> dict[str, Any]:
    """PSI of each feature and of the score for every model that scored the day.

    {"measured", "treated", "warnings", "notes"}; customers who were treated in the feature window are left out, and
    counted as `treated`: what moves their features is the measure.
    """
    treated = treated_features(as_of=as_of)
    result: dict[str, Any] = {"measured": 0, "treated": len(treated), "warnings": [], "notes": []}
    for model in _models(as_of):
        try:
            files = registry.files(model)
        except Damaged as error:
            result["notes"].append(remark("refused", model=model.version, error=error.remark))
            continue
        if "reference.json" in files:
            shifts = _shifts(as_of, model, files, treated)
            _store(as_of, model, shifts)
            result["measured"] += len(shifts)
            result["warnings"] += sorted(name for name, shift in shifts.items() if shift.is_warning)
    return result


def _models(as_of: dt.date) -> QuerySet[ModelVersion]:
    """Those that scored the day. A join would give each with all its JSON once a customer, for DISTINCT to sort."""
    return ModelVersion.objects.filter(pk__in=Prediction.objects.filter(as_of=as_of).values("model"))


def _shifts(as_of: dt.date, model: ModelVersion, files: dict[str, str], treated: pl.Series) -> dict[str, Shift]:
    """One column at a time, of just those that the model reads."""
    reference = json.loads(files["reference.json"])
    encoding = Scorer.from_files(files).encoding
    columns = ("customer_pk", *encoding.names)
    frame = snapshots.read(as_of=as_of, columns=columns, eligible_only=True)
    frame = frame.filter(~pl.col("customer_pk").is_in(treated.implode())) if len(treated) else frame
    shifts = {
        name: _weighed(
            compare(
                reference=Profile.from_document(reference["features"][name]), values=encoding.column(frame[name], name)
            ),
            reference["gain"].get(name, 0.0),
        )
        for name in encoding.names
    }
    scores = _scores(as_of, model, treated)
    return {**shifts, SCORE: compare(reference=Profile.from_document(reference["score"]), values=scores)}


def _scores(as_of: dt.date, model: ModelVersion, treated: pl.Series) -> NDArray[np.float64]:
    left_out = set(treated)
    found = Prediction.objects.filter(as_of=as_of, model=model).values_list("customer_id", "probability")
    return np.array([score for customer, score in found if customer not in left_out], dtype=np.float64)


def _weighed(shift: Shift, gain: float) -> Shift:
    """A feature that the model hardly reads may move without anyone being called."""
    return Shift(shift.psi, shift.p_value, shift.is_warning and gain >= LEAST_GAIN)


@transaction.atomic
def _store(as_of: dt.date, model: ModelVersion, shifts: dict[str, Shift]) -> None:
    Drift.objects.filter(as_of=as_of, model=model).delete()
    Drift.objects.bulk_create(
        Drift(as_of=as_of, model=model, feature=name, psi=shift.psi, p_value=shift.p_value, is_warning=shift.is_warning)
        for name, shift in shifts.items()
    )
