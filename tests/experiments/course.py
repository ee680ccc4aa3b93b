"""Customers in an experiment, and what they do, as rows."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from customers.clock import start_of
from customers.models import Customer, Interaction, Intervention, Transaction
from experiments.models import Assignment, Experiment
from tests.experiments.factories import DAY, model

_numbers = count()


def enter(experiment: Experiment, arm: str, n: int = 1, *, on: dt.date = DAY, **values: Any) -> list[Assignment]:
    """Put `n` new customers into an arm on a date."""
    people = [
        Customer(customer_id=f"P{next(_numbers):07d}", registered_on=dt.date(2025, 1, 1), customer_type="retail")
        for _ in range(n)
    ]
    Customer.objects.bulk_create(people)
    facts = {
        "probability": Decimal("0.8"),
        "risk_level": "critical",
        "customer_type": "retail",
        "monthly_value": Decimal("100.00"),
        "layer": experiment.layer,
        "model": model(),
        "u": 0.5,
    }
    drawn = experiment.arms.get(name=arm)
    return Assignment.objects.bulk_create(
        Assignment(experiment=experiment, customer=person, arm=drawn, enrolled_on=on, **{**facts, **values})
        for person in people
    )


def at(day: dt.date, hours: float = 12) -> dt.datetime:
    return start_of(day) + dt.timedelta(hours=hours)


def buy(who: Assignment, moment: dt.datetime, amount: str = "10.00", status: str = "completed") -> None:
    Transaction.objects.create(
        transaction_id=f"T{next(_numbers)}",
        customer_id=who.customer_id,
        occurred_at=moment,
        amount=Decimal(amount),
        status=status,
    )


def act(who: Assignment, moment: dt.datetime, kind: str = "login") -> None:
    Interaction.objects.create(
        interaction_id=f"I{next(_numbers)}", customer_id=who.customer_id, occurred_at=moment, kind=kind
    )


def treat(who: Assignment, moment: dt.datetime, cost: str = "2.50") -> None:
    Intervention.objects.create(
        intervention_id=f"V{next(_numbers)}",
        customer_id=who.customer_id,
        occurred_at=moment,
        kind="coupon",
        cost=Decimal(cost),
    )


def stay(people: Sequence[Assignment], day: dt.date) -> None:
    """Each logs in on a date."""
    Interaction.objects.bulk_create(
        Interaction(interaction_id=f"I{next(_numbers)}", customer_id=one.customer_id, occurred_at=at(day), kind="login")
        for one in people
    )
