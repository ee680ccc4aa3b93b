"""Conditions on customers' attributes: each chooses as it says, and a value that cannot be is refused."""

import datetime as dt

import pytest

from customers.commands import Refused
from customers.models import Customer
from experiments.attributes import ATTRIBUTES, condition_of

FACTS = {
    "customer_type": "enterprise",
    "region": "north",
    "age_group": "30-39",
    "gender": "f",
    "vip_level": 2,
    "registration_channel": "shop",
    "registered_on": dt.date(2024, 3, 1),
    "account_status": "active",
    "status_since": dt.date(2024, 4, 1),
    "referred_by": "C1",
    "industry": "retail",
    "company_size": "50-200",
    "contract_date": dt.date(2024, 5, 1),
    "contract_length_months": 12.0,
    "payment_status": "late",
    "nps_score": -20.0,
    "onboarding_completed": True,
}
NAMES = [one.name for one in ATTRIBUTES]


@pytest.fixture
def two(db):
    """One with every attribute, and one with none but the day of registration."""
    Customer.objects.create(customer_id="full", **FACTS)
    Customer.objects.create(customer_id="bare", registered_on=dt.date(2020, 1, 1))


def chosen(attribute, operator, value):
    condition = condition_of(attribute=attribute, operator=operator, values=[str(value)])
    return set(Customer.objects.filter(condition).values_list("customer_id", flat=True))


def test_every_attribute_is_among_them():
    described = {field.name for field in Customer._meta.concrete_fields}
    assert described - set(NAMES) == {"id", "customer_id", "name", "created_at", "updated_at"}
    assert set(NAMES) == set(FACTS)


@pytest.mark.parametrize("attribute", NAMES)
def test_a_condition_on_an_attribute_chooses_by_it(two, attribute):
    assert chosen(attribute, "in", FACTS[attribute]) == {"full"}
    assert chosen(attribute, "not_in", FACTS[attribute]) == {"bare"}


@pytest.mark.parametrize("attribute", [one.name for one in ATTRIBUTES if one.is_ordered])
def test_a_bound_holds_on_the_value_itself(two, attribute):
    assert "full" in chosen(attribute, "at_least", FACTS[attribute])
    assert "full" in chosen(attribute, "at_most", FACTS[attribute])


@pytest.mark.parametrize("word", ["true", "True", "1"])
def test_yes_is_written_in_several_ways(two, word):
    assert chosen("onboarding_completed", "in", word) == {"full"}


@pytest.mark.parametrize(
    ("attribute", "operator", "values"),
    [
        ("name", "in", ["Li"]),
        ("region", "at_least", ["north"]),
        ("region", "like", ["north"]),
        ("region", "in", []),
        ("vip_level", "at_least", [1, 2]),
        ("vip_level", "in", ["gold"]),
        ("registered_on", "at_most", ["yesterday"]),
        ("nps_score", "at_least", ["nan"]),
        ("payment_status", "in", ["never"]),
        ("onboarding_completed", "in", ["perhaps"]),
        ("onboarding_completed", "in", [""]),
    ],
)
def test_what_makes_no_condition_is_refused(attribute, operator, values):
    with pytest.raises(Refused):
        condition_of(attribute=attribute, operator=operator, values=values)
