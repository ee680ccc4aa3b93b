"""Small experiments and the customers in them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from customers.models import Customer
from experiments import states
from experiments.models import Arm, Experiment
from predictions.models import ModelVersion, Prediction

DAY = dt.date(2026, 3, 2)


def draft(*, shares: Mapping[str, str] | None = None, **values: Any) -> Experiment:
    """An experiment in draft; `shares` by arm, the control group first."""
    number = Experiment.objects.count() + 1
    facts = {"name": f"Coupon {number}", "starts_on": DAY, "ends_on": DAY + dt.timedelta(days=30)}
    experiment = Experiment.objects.create(**{**facts, **values})
    arms = shares or {"control": "0.10", "coupon": "0.90"}
    for position, (name, share) in enumerate(arms.items()):
        Arm.objects.create(
            experiment=experiment,
            position=position,
            name=name,
            is_control=position == 0,
            share=Decimal(share),
            measure="" if position == 0 else f"Send a {name}",
        )
    return experiment


def running(*, on: dt.date = DAY, **values: Any) -> Experiment:
    """An experiment that was started."""
    experiment = draft(**values)
    states.start(experiment, user=None, on=on)
    return experiment


def model() -> ModelVersion:
    found, _created = ModelVersion.objects.get_or_create(
        version="m1",
        defaults={"kind": "rule", "as_of": DAY, "horizon_days": 7, "catalogue_version": "1", "code_version": "1"},
    )
    return found


def scored(
    probabilities: Sequence[float], *, as_of: dt.date = DAY, prefix: str = "C", **values: Any
) -> list[Prediction]:
    """Customers with a prediction each, as the scoring of `as_of` would leave them."""
    predictions = []
    for number, probability in enumerate(probabilities):
        customer, _created = Customer.objects.get_or_create(
            customer_id=f"{prefix}{number:05d}", defaults={"registered_on": dt.date(2025, 1, 1), **values}
        )
        predictions.append(
            Prediction(
                customer=customer,
                as_of=as_of,
                model=model(),
                probability=Decimal(str(probability)),
                risk_level="critical" if probability >= 0.7 else "high" if probability >= 0.5 else "low",
                lifecycle_stage="active",
                reasons=[],
            )
        )
    return Prediction.objects.bulk_create(predictions)
