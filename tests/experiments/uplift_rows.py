"""A finished experiment in the database whose measure keeps the customers of the north and drives off the rest."""

import datetime as dt
from decimal import Decimal

import numpy as np

from customers.models import Customer
from experiments import states
from experiments.models import Assignment, Experiment, Outcome
from experiments.uplift.learners import Settings
from experiments.uplift.study import Options
from tests.experiments.factories import DAY, model, running

QUICK = Options(replicates=50, settings=Settings(n_trees=8, learning_rate=0.3))


def finished(*, n: int = 700, effect: float = 0.5, seed: int = 0, **values) -> Experiment:
    """Half of `n` treated; of the north as many more stay as `effect` says, of the south as many fewer."""
    experiment = running(shares={"control": "0.5", "coupon": "0.5"}, **values)
    random = np.random.default_rng(seed)
    north, treated = random.random(n) < 0.5, random.random(n) < 0.5
    stays = random.random(n) < np.clip(0.5 + effect / 2 * treated * np.where(north, 1, -1), 0, 1)
    people = enter(experiment, north=north, treated=treated)
    Outcome.objects.bulk_create(
        _outcome(one, is_retained=bool(kept), amount=amount)
        for one, kept, amount in zip(people, stays, random.integers(0, 100, n), strict=True)
    )
    states.complete(experiment, user=None, on=DAY + dt.timedelta(days=20))
    return experiment


def enter(experiment: Experiment, *, north: np.ndarray, treated: np.ndarray) -> list[Assignment]:
    control, coupon = experiment.arms.order_by("position")
    people = Customer.objects.bulk_create(people_of(north, prefix="E"))
    facts = {"probability": Decimal("0.8"), "risk_level": "critical", "layer": experiment.layer, "model": model()}
    return Assignment.objects.bulk_create(
        Assignment(
            experiment=experiment,
            customer=person,
            arm=coupon if is_treated else control,
            enrolled_on=DAY,
            u=0.5,
            monthly_value=Decimal(100),
            **facts,
        )
        for person, is_treated in zip(people, treated, strict=True)
    )


def people_of(north: np.ndarray, *, prefix: str) -> list[Customer]:
    return [
        Customer(
            customer_id=f"{prefix}{number:05d}",
            registered_on=dt.date(2025, 1, 1),
            region="north" if is_north else "south",
        )
        for number, is_north in enumerate(north)
    ]


def _outcome(one: Assignment, *, is_retained: bool, amount: int) -> Outcome:
    counts = dict.fromkeys(("n_purchases", "n_active_days", "n_complaints", "n_unsubscribes"), 0)
    before = {"n_purchases_before": 0, "amount_before": 0, "n_active_days_before": 0}
    status = "retained" if is_retained else "churned"
    return Outcome(assignment=one, status=status, amount=Decimal(int(amount)), **counts, **before)
