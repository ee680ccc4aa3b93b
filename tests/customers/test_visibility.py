"""Which customers a user sees: by region, by account manager, by both, and everybody where nothing limits."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ValidationError

from customers.account_managers import looked_after_by, name_of
from customers.models import Customer, Deal, Transaction, UserScope
from customers.visibility import is_limited, may_see, visible

pytestmark = pytest.mark.django_db
DAY = dt.date(2017, 9, 1)


@pytest.fixture
def people():
    """Two of the east, one looked after by Ann, one by Bo; one of the west whom Ann looks after."""
    made = {}
    for name, region, manager in (("e-ann", "East", "Ann"), ("e-bo", "East", "Bo"), ("w-ann", "West", "Ann")):
        made[name] = Customer.objects.create(customer_id=name, registered_on=DAY, region=region)
        deal(made[name], manager, DAY)
    return made


def deal(customer: Customer, manager: str, day: dt.date) -> Deal:
    n = Deal.objects.count()
    return Deal.objects.create(
        deal_id=f"d{n}", customer=customer, account_manager=manager, deal_date=day, deal_amount=1
    )


def limited(**limits) -> User:
    user = User.objects.create_user(f"user{User.objects.count()}", is_staff=True)
    UserScope.objects.create(user=user, **limits)
    return User.objects.get(pk=user.pk)


def seen(user) -> list[str]:
    return sorted(visible(Customer.objects.all(), user, "pk").values_list("customer_id", flat=True))


def test_a_user_without_limits_gets_the_same_rows_for_one_query(people, django_assert_num_queries):
    user, rows = User.objects.create_user("free"), Customer.objects.all()
    with django_assert_num_queries(1):
        assert visible(rows, user, "pk") is rows
        assert visible(rows, user, "pk") is rows


def test_a_superuser_gets_the_same_rows_for_no_query(people, django_assert_num_queries):
    boss, rows = User.objects.create_superuser("boss"), Customer.objects.all()
    UserScope.objects.create(user=boss, regions=["East"])
    with django_assert_num_queries(0):
        assert visible(rows, User(pk=boss.pk, is_superuser=True), "pk") is rows


def test_who_has_not_logged_in_sees_nobody(people):
    assert seen(AnonymousUser()) == seen(None) == []
    assert not may_see(people["e-ann"], AnonymousUser())


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, ["e-ann", "e-bo", "w-ann"]),
        ({"regions": ["East"]}, ["e-ann", "e-bo"]),
        ({"regions": ["East", "West"]}, ["e-ann", "e-bo", "w-ann"]),
        ({"account_managers": ["Ann"]}, ["e-ann", "w-ann"]),
        ({"regions": ["East"], "account_managers": ["Ann"]}, ["e-ann"]),
        ({"regions": ["North"]}, []),
        ({"regions": [""]}, []),
        ({"account_managers": [""]}, []),
    ],
)
def test_a_customer_has_to_meet_every_limit_given(people, limits, expected):
    user = limited(**limits)
    assert seen(user) == expected
    assert [name for name, one in sorted(people.items()) if may_see(one, user)] == expected
    assert is_limited(user) is bool(limits)


def test_the_latest_deal_that_names_somebody_says_who_looks_after_a_customer(people):
    deal(people["e-ann"], "Bo", DAY + dt.timedelta(days=9))
    deal(people["e-ann"], "", DAY + dt.timedelta(days=10))
    assert seen(limited(account_managers=["Ann"])) == ["w-ann"]
    assert seen(limited(account_managers=["Bo"])) == ["e-ann", "e-bo"]


def test_of_two_deals_of_a_day_the_later_row_counts_for_the_list_and_for_the_name(people):
    deal(people["w-ann"], "Bo", DAY)
    one = Customer.objects.annotate(manager=name_of("pk")).get(customer_id="w-ann")
    assert one.manager == "Bo"
    assert one.pk in looked_after_by(["Bo"])
    assert one.pk not in looked_after_by(["Ann"])


def test_rows_of_other_tables_are_limited_by_the_path_to_their_customer(people):
    for name, one in people.items():
        Transaction.objects.create(transaction_id=name, customer=one, occurred_at="2017-09-01T00:00Z", amount=1)
    rows = visible(Transaction.objects.all(), limited(regions=["West"]))
    assert [row.transaction_id for row in rows] == ["w-ann"]


def test_limited_rows_can_be_counted_and_changed_as_one_set(people):
    rows = visible(Customer.objects.all(), limited(account_managers=["Ann"]), "pk")
    assert rows.count() == rows.update(name="seen") == 2


@pytest.mark.parametrize("wrong", ["East", [1], ["East", "East"], [" "], {"a": 1}])
def test_limits_that_are_no_list_of_different_names_are_refused(wrong):
    with pytest.raises(ValidationError):
        UserScope(user=User.objects.create_user("x"), regions=wrong).full_clean()
