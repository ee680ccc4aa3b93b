"""A trained model becomes a row with its files; the promotion rule then decides, and the report is written."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from predictions import artifacts, registry, training_report
from predictions.artifacts import Damaged
from predictions.code_version import code_version
from predictions.modelling.contest import Entry
from predictions.modelling.promotion import Decision, Paired, compare
from predictions.models import ModelVersion
from predictions.snapshots import catalogue_version
from predictions.training_slices import Slices

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

__all__ = ["paired", "register", "settle"]


@transaction.atomic
def register(
    *, as_of: dt.date, files: dict[str, str], fields: dict[str, Any], user: "AbstractBaseUser | None"
) -> ModelVersion:
    """The model's row and files; the same files are the same version, which is there once."""
    digest = artifacts.digest(files)
    version = f"{as_of:%Y%m%d}-{fields['kind']}-{digest[:8]}"
    folder = f"models/{version}"
    signature = artifacts.write(folder=folder, files=files)
    model, created = ModelVersion.objects.get_or_create(
        version=version,
        defaults={
            **fields,
            "as_of": as_of,
            "horizon_days": settings.HORIZON_DAYS,
            "catalogue_version": catalogue_version(),
            "code_version": code_version(),
            "path": folder,
            "signature": signature,
            "created_by": user,  # type: ignore[misc]
        },
    )
    if not created:
        ModelVersion.objects.filter(pk=model.pk).update(signature=signature)
        model.signature = signature
    return model


def settle(*, model: ModelVersion, decision: Decision, user: "AbstractBaseUser | None") -> None:
    """Promote where the rule says so, else note why not, and write the report."""
    if model.role != ModelVersion.Role.CHAMPION:
        if decision.promote:
            registry.promote(model=model, user=user, remark=decision.why)
        elif model.role == ModelVersion.Role.CHALLENGER:
            model.data = {**model.data, "not_promoted": decision.why}
            model.save(update_fields=["data"])
    training_report.write(model)


def paired(*, champion: ModelVersion, chosen: Entry, slices: Slices) -> Paired | None:
    """Both on the same test rows; None where the champion reads other features, another horizon, or is damaged."""
    if (champion.catalogue_version, champion.horizon_days) != (catalogue_version(), settings.HORIZON_DAYS):
        return None
    try:
        scorer = registry.load(champion)
    except Damaged:
        return None
    return compare(
        challenger=chosen.probability(slices.test),
        champion=scorer.probability(slices.test_frame),
        churned=slices.test.churned,
        customers=slices.test.customers,
    )
