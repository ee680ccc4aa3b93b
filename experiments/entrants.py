"""The eligible customers of a date with their draws, batch by batch in the order of their keys."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from experiments import sets
from experiments.assignment import draw
from experiments.attributes import ATTRIBUTES
from experiments.eligibility import eligible
from experiments.models import Experiment

__all__ = ["Entrant", "entrants"]

BETWEEN = " · "
LONGEST_STRATUM = 210


class Entrant(NamedTuple):
    """A customer about to be enrolled; `customer` and `model` are primary keys."""

    customer: int
    probability: Decimal
    risk_level: str
    customer_type: str
    model: int
    u: float
    stratum: str


def entrants(experiment: Experiment, *, as_of: dt.date) -> Iterator[list[Entrant]]:
    """Batches of them; a stratum is blank in an experiment that is not stratified.

    Raises Refused for a condition of an unknown attribute.
    """
    facts = ("customer_id", "probability", "risk_level", "customer__customer_type", "model_id")
    columns = (*facts, "customer__customer_id", *_stratum_columns(experiment))
    rows = eligible(experiment, as_of=as_of).order_by("customer_id").values_list(*columns)
    for batch in sets.batches(rows.iterator(chunk_size=sets.BATCH)):
        yield [
            Entrant(customer, chance, level, kind, model, draw(experiment.salt, name), _stratum(parts))
            for customer, chance, level, kind, model, name, *parts in batch
        ]


def _stratum(parts: list[object]) -> str:
    return BETWEEN.join(map(str, parts))[:LONGEST_STRATUM]


def _stratum_columns(experiment: Experiment) -> list[str]:
    if not experiment.is_stratified:
        return []
    known = {"risk_level": "risk_level"} | {one.name: f"customer__{one.name}" for one in ATTRIBUTES}
    return [known[name] for name in experiment.strata]
