"""Whoever unsubscribed is held back, noted in sets and once."""

import datetime as dt

import pytest

from customers import archive, unsubscribed
from customers.models import Customer, Hold, Interaction

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 1, 17, 30, tzinfo=dt.UTC)  # 01:30 of the next day in the business time zone
LOCAL = dt.date(2026, 3, 2)


def customer(customer_id: str = "A") -> Customer:
    return Customer.objects.get_or_create(customer_id=customer_id, defaults={"registered_on": dt.date(2025, 1, 1)})[0]


def event(*, days: int = 0, kind: str = "unsubscribe", customer_id: str = "A") -> None:
    number = Interaction.objects.count()
    Interaction.objects.create(
        interaction_id=f"I{number}",
        customer=customer(customer_id),
        occurred_at=AT + dt.timedelta(days=days),
        kind=kind,
    )


def spans() -> list[tuple[dt.date, dt.date | None]]:
    return list(Hold.objects.values_list("since", "until"))


def test_an_unsubscribe_holds_from_its_local_date_without_an_end():
    event(days=3)
    event()
    assert unsubscribed.note() == 1
    assert list(Hold.objects.values_list("kind", "source", "since", "until")) == [
        ("unsubscribed", "unsubscribe", LOCAL, None)
    ]


def test_noting_twice_changes_nothing():
    event()
    unsubscribed.note()
    before = list(Hold.objects.values())
    assert unsubscribed.note() == 0
    assert list(Hold.objects.values()) == before


def test_other_events_hold_nobody():
    event(kind="login")
    event(kind="complaint")
    assert unsubscribed.note() == 0
    assert not Hold.objects.exists()


def test_what_staff_ended_stays_ended():
    event()
    unsubscribed.note()
    Hold.objects.update(until=LOCAL + dt.timedelta(days=10))
    assert unsubscribed.note() == 0
    assert spans() == [(LOCAL, LOCAL + dt.timedelta(days=10))]


def test_unsubscribing_again_after_that_holds_again():
    event()
    unsubscribed.note()
    Hold.objects.update(until=LOCAL + dt.timedelta(days=10))
    event(days=12)
    assert unsubscribed.note() == 1
    assert spans() == [(LOCAL + dt.timedelta(days=12), None)]


def test_an_opt_out_does_not_stand_in_for_it():
    event()
    Hold.objects.create(customer=customer(), kind="opt_out", source="opt-out", since=LOCAL)
    assert unsubscribed.note() == 1


def test_the_number_of_queries_does_not_grow_with_the_customers(django_assert_max_num_queries):
    for number in range(50):
        event(customer_id=f"C{number}")
    with django_assert_max_num_queries(6):
        assert unsubscribed.note() == 50


def test_who_unsubscribed_is_held_before_the_event_leaves_for_the_archive():
    event()
    archive.purge(as_of=LOCAL + dt.timedelta(days=400), dry_run=True)
    assert not Hold.objects.exists()
    archive.purge(as_of=LOCAL + dt.timedelta(days=400))
    assert not Interaction.objects.exists()
    assert spans() == [(LOCAL, None)]
