"""The lists of events: what they find, and that they neither count nor turn through millions of rows."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.admin import paging
from customers.clock import start_of
from customers.models import Customer, Link, Transaction

pytestmark = pytest.mark.django_db
LIST = reverse("admin:customers_transaction_changelist")


@pytest.fixture
def staff(client):
    client.force_login(get_user_model().objects.create_superuser("staff"))
    return client


@pytest.fixture
def bought():
    """A transaction at noon on each of the first ten days of 2017, by 007 and 7 in turn."""
    people = Customer.objects.bulk_create(
        Customer(customer_id=i, registered_on=dt.date(2016, 1, 1)) for i in ("007", "7")
    )
    rows = [(f"T{n}", people[n % 2], start_of(dt.date(2017, 1, n)) + dt.timedelta(hours=12)) for n in range(1, 11)]
    return Transaction.objects.bulk_create(
        Transaction(transaction_id=i, customer=customer, occurred_at=moment, amount=Decimal(n % 3 + 1))
        for n, (i, customer, moment) in enumerate(rows)
    )


def found(client, **parameters):
    rows = client.get(LIST, parameters).context["cl"].result_list
    return [row.transaction_id for row in rows]


def test_a_customer_is_found_by_the_whole_id_and_leading_zeros_count(staff, bought):
    assert found(staff, q="007") == ["T10", "T8", "T6", "T4", "T2"]
    assert found(staff, q=" 7 ") == ["T9", "T7", "T5", "T3", "T1"]
    assert found(staff, q="T3") == ["T3"]
    assert found(staff, q="unknown") == []


def test_both_days_of_a_period_are_whole(staff, bought):
    assert found(staff, occurred_at_from="2017-01-03", occurred_at_to="2017-01-05") == ["T5", "T4", "T3"]


def test_a_day_that_is_none_filters_nothing(staff, bought):
    assert len(found(staff, occurred_at_from="yesterday")) == 10


def test_a_search_has_no_condition_over_a_join(staff, bought):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found(staff, q="007")
    assert not [query["sql"] for query in queries if "UPPER(" in query["sql"]]


def test_only_columns_with_an_index_are_sorted_by(staff, bought):
    page = staff.get(LIST)
    assert set(page.context["cl"].sortable_by) == {"transaction_id", "customer", "occurred_at"}


def test_a_link_is_found_by_either_customer(staff, bought):
    low, high = Customer.objects.order_by("pk")
    Link.objects.create(low=low, high=high, since=dt.date(2017, 1, 1))
    for term, n in (("007", 1), ("7", 1), ("70", 0)):
        assert staff.get(reverse("admin:customers_link_changelist"), {"q": term}).context["cl"].result_count == n


@pytest.mark.postgres
def test_a_long_list_is_not_counted_and_only_its_first_pages_are_turned(staff, bought, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_transaction")
    monkeypatch.setattr(paging, "EXACT_BELOW", 5)
    monkeypatch.setattr(paging, "REACHED", 4)
    rows = Transaction.objects.order_by("pk")
    with CaptureQueriesContext(connection) as queries:
        pages = paging.EstimatingPaginator(rows, 2)
        assert (pages.count, pages.num_pages) == (10, 2)
    assert not [query["sql"] for query in queries if "COUNT(" in query["sql"]]


def test_a_short_list_is_counted(bought):
    assert paging.EstimatingPaginator(Transaction.objects.order_by("pk"), 4).num_pages == 3
