"""Who may be treated, and the record of who was kept off."""

import datetime as dt

import pytest

from customers import boundary
from customers.models import Customer, Hold, Suppression

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 2)


def customer(customer_id: str) -> Customer:
    return Customer.objects.create(customer_id=customer_id, registered_on=dt.date(2025, 1, 1))


def hold(who: Customer, *, since: int = 0, until: int | None = 7, source: str = "experiment 1") -> Hold:
    end = None if until is None else DAY + dt.timedelta(days=until)
    return Hold.objects.create(
        customer=who, kind="control", source=source, since=DAY + dt.timedelta(days=since), until=end
    )


@pytest.mark.parametrize(("after", "expected"), [(-1, True), (0, False), (6, False), (7, True)])
def test_a_hold_is_in_force_from_its_first_day_to_the_day_before_its_end(after, expected):
    who = customer("A")
    hold(who)
    assert boundary.may_be_treated(who, on=DAY + dt.timedelta(days=after)) is expected


def test_a_hold_without_an_end_stays():
    who = customer("A")
    hold(who, until=None)
    assert not boundary.may_be_treated(who, on=DAY + dt.timedelta(days=5000))


def test_a_list_leaves_the_held_out_and_the_rest_in():
    held, free = customer("A"), customer("B")
    hold(held)
    everyone = Customer.objects.all()
    assert list(boundary.treatable(everyone, on=DAY, customer="pk")) == [free]
    assert list(boundary.held(everyone, on=DAY, customer="pk")) == [held]


def test_of_several_holds_the_one_that_lasts_longest_is_told():
    who = customer("A")
    for number, until in enumerate((3, None, 9)):
        hold(who, until=until, source=f"experiment {number}")
    assert boundary.why_held([who.pk], on=DAY)[who.pk].source == "experiment 1"


def test_a_suppression_is_recorded_once_a_day_and_list():
    who = customer("A")
    hold(who)
    customer("B")
    for _again in range(2):
        assert boundary.suppress(Customer.objects.all(), outlet="calls", on=DAY, customer="pk") == 1
    assert list(Suppression.objects.values_list("customer", "source", "outlet", "suppressed_on")) == [
        (who.pk, "experiment 1", "calls", DAY)
    ]
