"""Measures that staff note: one a customer, in one set, after the boundary was asked who may be treated that day."""

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from customers import boundary, unsubscribed
from customers.cases import keys
from customers.clock import business_zone
from customers.models import Customer, Intervention

__all__ = ["Measure", "Recorded", "day_of", "new_id", "record"]

BATCH = 1_000


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What was done, how the customer was reached, when, at what cost, and what was said."""

    kind: str
    channel: str
    occurred_at: dt.datetime
    cost: Decimal
    note: str


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """How many interventions were noted, and how many customers were left out as they are held back that day."""

    n_recorded: int
    n_held: int


def day_of(moment: dt.datetime) -> dt.date:
    """The business date on which a measure was taken: the day that the boundary is asked about."""
    return moment.astimezone(business_zone()).date()


def new_id() -> str:
    """An intervention ID for what staff note by hand."""
    return f"staff-{uuid.uuid4().hex}"


def record(
    customers: QuerySet[Customer], measure: Measure, *, user: Any, outlet: str, batch: uuid.UUID | None = None
) -> Recorded:
    """Note the measure for each of the customers who may be treated that day; the held are recorded as kept off.

    `batch` names the doing of it: a second time with the same one notes nothing twice. Raises Refused for too many.
    """
    on, name = day_of(measure.occurred_at), (batch or uuid.uuid4()).hex
    unsubscribed.note()
    with transaction.atomic():
        wanted = keys(customers.values_list("pk", flat=True).iterator())
        rows = Customer.objects.filter(pk__in=wanted)
        n_held = boundary.suppress(rows, outlet=outlet, on=on, customer="pk")
        free = boundary.treatable(rows, on=on, customer="pk").values_list("pk", flat=True)
        made = [_made(customer, measure, user, name) for customer in free]
        Intervention.objects.bulk_create(made, ignore_conflicts=True, batch_size=BATCH)
    return Recorded(n_recorded=len(made), n_held=n_held)


def _made(customer: int, measure: Measure, user: Any, batch: str) -> Intervention:
    return Intervention(
        intervention_id=f"staff-{batch}-{customer}",
        customer_id=customer,
        kind=measure.kind,
        channel=measure.channel,
        occurred_at=measure.occurred_at,
        cost=measure.cost,
        note=measure.note,
        recorded_by=user,
    )
