"""Reasons of one prediction, made on first look and kept; the batch makes those of high and critical risk."""

from typing import Any

from customers.commands import Refused
from predictions import registry, snapshots
from predictions.artifacts import Damaged
from predictions.models import FeatureSnapshot, Prediction
from predictions.scoring import reasons_of

__all__ = ["reasons_for"]


def reasons_for(prediction: Prediction) -> list[dict[str, Any]]:
    """Each {"feature", "value", "contribution", "sentence": {"zh", "en"}}, strongest first.

    Empty, and not kept, where they cannot be made: the day's features or the model's files are gone or damaged.
    """
    if prediction.reasons is None:
        made = _made(prediction)
        if made is None:
            return []
        Prediction.objects.filter(pk=prediction.pk, reasons__isnull=True).update(reasons=made)
        prediction.reasons = made
    return list(prediction.reasons)


def _made(prediction: Prediction) -> list[dict[str, Any]] | None:
    stored = FeatureSnapshot.objects.filter(
        as_of=prediction.as_of, catalogue_version=prediction.model.catalogue_version
    )
    if not stored.exists():
        return None
    try:
        frame = snapshots.read(as_of=prediction.as_of, customer_id=prediction.customer.customer_id)
        return None if frame.is_empty() else reasons_of(registry.load(prediction.model), frame)[0]
    except (Damaged, Refused):
        return None
