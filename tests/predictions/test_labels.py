"""The label: no activity within the horizon."""

import datetime as dt

import pytest

from predictions import labels
from tests.predictions.factories import store
from tests.predictions.features.plain import Shop
from tests.predictions.features.shops import AS_OF, ago, contact, customer, purchase

pytestmark = pytest.mark.django_db


def _churned(*, horizon: int = 7, **rows) -> list[bool]:
    store(Shop(customers=[customer(1)], **rows))
    return labels.labels(as_of=AS_OF, horizon_days=horizon)["churned"].to_list()


@pytest.mark.parametrize(("age", "churned"), [(1, True), (0, False), (-6, False), (-7, True)])
def test_activity_within_the_horizon_is_no_churn(age, churned):
    assert _churned(transactions=[purchase(1, age)]) == [churned]


def test_the_horizon_is_a_choice():
    assert _churned(transactions=[purchase(1, -13)], horizon=14) == [False]


@pytest.mark.parametrize(
    ("kind", "churned"), [("login", False), ("feedback", False), ("unsubscribe", True), ("security", True)]
)
def test_signals_are_no_activity(kind, churned):
    assert _churned(interactions=[contact(1, 0, kind)]) == [churned]


def test_a_failed_payment_is_no_activity():
    assert _churned(transactions=[purchase(1, 0, status="failed")]) == [True]


def test_customers_registered_on_the_date_have_no_row():
    store(Shop(customers=[customer(1, registered_on=ago(0)), customer(2, registered_on=ago(1))]))
    assert labels.labels(as_of=AS_OF, horizon_days=7)["customer_id"].to_list() == ["C2"]


@pytest.mark.parametrize(("days", "closed"), [(6, False), (7, True)])
def test_a_label_closes_when_its_last_day_is_over(days, closed):
    assert labels.is_closed(AS_OF, 7, AS_OF + dt.timedelta(days)) is closed
