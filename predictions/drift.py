"""How far a day's features and scores are from the training data of the model that scored it."""

import datetime as dt
import json
from typing import Any

import numpy as np
from django.db import transaction

from predictions import registry, snapshots
from predictions.artifacts import Damaged
from predictions.modelling.scorer import Scorer
from predictions.modelling.stability import Profile, Shift, compare
from predictions.models import Drift, ModelVersion, Prediction

__all__ = ["SCORE", "measure"]

SCORE = "score"
LEAST_GAIN = 0.01


def measure(*, as_of: dt.date) -> dict[str, Any]:
    """PSI of each feature and of the score for every model that scored the day; {"measured", "warnings", "notes"}."""
    result: dict[str, Any] = {"measured": 0, "warnings": [], "notes": []}
    for model in ModelVersion.objects.filter(predictions__as_of=as_of).distinct():
        try:
            files = registry.files(model)
        except Damaged as error:
            result["notes"].append(str(error))
            continue
        if "reference.json" in files:
            shifts = _shifts(as_of, model, files)
            _store(as_of, model, shifts)
            result["measured"] += len(shifts)
            result["warnings"] += sorted(name for name, shift in shifts.items() if shift.is_warning)
    return result


def _shifts(as_of: dt.date, model: ModelVersion, files: dict[str, str]) -> dict[str, Shift]:
    reference = json.loads(files["reference.json"])
    encoding = Scorer.from_files(files).encoding
    matrix = encoding.matrix(snapshots.read(as_of=as_of, eligible_only=True))
    shifts = {
        name: _weighed(
            compare(reference=Profile.from_document(reference["features"][name]), values=matrix[:, position]),
            reference["gain"].get(name, 0.0),
        )
        for position, name in enumerate(encoding.names)
    }
    scores = Prediction.objects.filter(as_of=as_of, model=model).values_list("probability", flat=True)
    values = np.array([float(score) for score in scores], dtype=np.float64)
    return {**shifts, SCORE: compare(reference=Profile.from_document(reference["score"]), values=values)}


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
