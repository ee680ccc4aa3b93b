"""A new draft with the configuration of an experiment: what was started is locked, so a change means a new one."""

import datetime as dt
from typing import Any

from django.db import transaction

from experiments.locks import CONFIGURATION
from experiments.models import Arm, Condition, Experiment

__all__ = ["duplicate"]

OWN = {"name", "starts_on", "ends_on", "salt", "started_on"}
LONGEST = Experiment._meta.get_field("name").max_length or 100


def duplicate(experiment: Experiment, *, user: Any, on: dt.date) -> Experiment:
    """A draft that begins on the date `on` and lasts as long, with the same arms and conditions."""
    configured = {name: getattr(experiment, name) for name in CONFIGURATION if name not in OWN}
    ends_on = on + (experiment.ends_on - experiment.starts_on)
    with transaction.atomic():
        copy = Experiment.objects.create(
            name=_free_name(experiment.name), starts_on=on, ends_on=ends_on, created_by=user, **configured
        )
        for rows in (experiment.arms, experiment.conditions):
            _copy(rows.all(), copy)
    return copy


def _copy(rows: Any, experiment: Experiment) -> None:
    model: type[Arm | Condition] = rows.model
    copies = []
    for row in rows:
        row.pk, row.experiment = None, experiment
        copies.append(row)
    model._default_manager.bulk_create(copies)


def _free_name(name: str) -> str:
    """The name with the first free number behind it."""
    number = 2
    while True:
        ending = f" ({number})"
        wanted = name[: LONGEST - len(ending)] + ending
        if not Experiment.objects.filter(name=wanted).exists():
            return wanted
        number += 1
