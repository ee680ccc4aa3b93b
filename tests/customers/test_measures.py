"""Measures that staff note are asked of the boundary first, and noted in one set."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from customers.clock import start_of
from customers.measures import Measure, record
from customers.models import Customer, Hold, Interaction, Intervention, Suppression
from tests import face

pytestmark = pytest.mark.django_db
OUTLET = "a list"


@pytest.fixture
def customers() -> list[Customer]:
    return Customer.objects.bulk_create(Customer(customer_id=f"c{n}", registered_on=face.DAY) for n in range(3))


def measure(*, hours: int = 10, **fields) -> Measure:
    values = {
        "kind": "call",
        "channel": "phone",
        "occurred_at": start_of(face.DAY) + dt.timedelta(hours=hours),
        "cost": Decimal("2.50"),
        "note": "wants a discount",
    }
    return Measure(**values | fields)


def recorded(**options):
    user, _created = User.objects.get_or_create(username="ann")
    return record(Customer.objects.all(), measure(), user=user, outlet=OUTLET, **options)


def test_each_customer_gets_one_intervention_with_what_was_noted(customers):
    assert recorded().n_recorded == 3
    rows = Intervention.objects.order_by("customer_id")
    assert [one.customer for one in rows] == customers
    facts = {(one.kind, one.channel, one.cost, one.note, one.recorded_by.username) for one in rows}
    assert facts == {("call", "phone", Decimal("2.50"), "wants a discount", "ann")}


@pytest.mark.parametrize("kind", ["control", "opt_out", "unsubscribed"])
def test_who_is_held_back_gets_none_and_is_recorded_as_kept_off(customers, kind):
    Hold.objects.create(customer=customers[0], kind=kind, source="x", since=face.DAY)
    done = recorded()
    assert (done.n_recorded, done.n_held) == (2, 1)
    assert not Intervention.objects.filter(customer=customers[0]).exists()
    assert [(one.customer, one.outlet) for one in Suppression.objects.all()] == [(customers[0], OUTLET)]


def test_the_day_that_counts_is_that_of_the_measure(customers):
    Hold.objects.create(customer=customers[0], kind="opt_out", source="x", since=face.DAY + dt.timedelta(days=1))
    assert recorded().n_held == 0


def test_who_unsubscribed_a_moment_ago_is_held_back_too(customers):
    Interaction.objects.create(
        interaction_id="u", customer=customers[1], kind="unsubscribe", occurred_at=start_of(face.DAY)
    )
    assert recorded().n_held == 1
    assert not Intervention.objects.filter(customer=customers[1]).exists()


def test_the_same_doing_sent_twice_is_noted_once(customers):
    batch = uuid.uuid4()
    for _twice in range(2):
        recorded(batch=batch)
    assert Intervention.objects.count() == 3
    recorded()
    assert Intervention.objects.count() == 6


def test_noting_takes_as_many_queries_for_many_as_for_few(customers, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as few:
        recorded()
    Customer.objects.bulk_create(Customer(customer_id=f"d{n}", registered_on=face.DAY) for n in range(60))
    with django_assert_max_num_queries(len(few)):
        recorded()
