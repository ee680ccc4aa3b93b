"""Deals, tickets and activity in the admin: read only, found by customer and time, and on the customer's page."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from customers.clock import start_of
from customers.models import Activity, Customer, Deal, Ticket

pytestmark = pytest.mark.django_db
DAY = dt.date(2017, 5, 1)


@pytest.fixture
def staff(client):
    client.force_login(get_user_model().objects.create_superuser("staff"))
    return client


@pytest.fixture
def rows():
    people = [Customer.objects.create(customer_id=i, registered_on=dt.date(2016, 1, 1)) for i in ("007", "7")]
    for n, customer in enumerate(people, start=1):
        day = DAY + dt.timedelta(days=n)
        Deal.objects.create(
            deal_id=f"D{n}", customer=customer, deal_date=day, deal_amount=1200, deal_stage="won", renewal_date=day
        )
        Ticket.objects.create(ticket_id=f"T{n}", customer=customer, created_date=start_of(day), priority="urgent")
        Activity.objects.create(row_key=f"{n:032}-0", customer=customer, date=start_of(day), activity_type="login")
    return people


def found(client, model, **parameters):
    address = reverse(f"admin:customers_{model}_changelist")
    return [row.customer.customer_id for row in client.get(address, parameters).context["cl"].result_list]


@pytest.mark.parametrize("model", ["deal", "ticket", "activity"])
def test_a_list_is_newest_first_and_searched_by_the_whole_customer_id(staff, rows, model):
    assert found(staff, model) == ["7", "007"]
    assert found(staff, model, q="007") == ["007"]
    assert found(staff, model, q="nobody") == []


@pytest.mark.parametrize(("model", "key"), [("deal", "D2"), ("ticket", "T2")])
def test_a_row_is_found_by_its_own_id(staff, rows, model, key):
    assert found(staff, model, q=key) == ["7"]


@pytest.mark.parametrize(
    ("model", "column"),
    [("deal", "deal_date"), ("deal", "renewal_date"), ("ticket", "created_date"), ("activity", "date")],
)
def test_a_period_is_of_whole_local_days(staff, rows, model, column):
    day = str(DAY + dt.timedelta(days=1))
    assert found(staff, model, **{f"{column}_from": day, f"{column}_to": day}) == ["007"]


def test_deals_and_tickets_are_filtered_by_stage_priority_and_whether_they_are_solved(staff, rows):
    assert found(staff, "deal", deal_stage__exact="lost") == []
    assert found(staff, "ticket", priority__exact="urgent") == ["7", "007"]
    assert found(staff, "ticket", resolved_date__isempty="0") == []


@pytest.mark.parametrize(("model", "kind"), [("deal", Deal), ("ticket", Ticket), ("activity", Activity)])
def test_nobody_edits_what_came_in(staff, rows, model, kind):
    assert staff.get(reverse(f"admin:customers_{model}_add")).status_code == 403
    page = reverse(f"admin:customers_{model}_change", args=[kind.objects.first().pk])
    assert staff.get(page).status_code == 200
    assert staff.post(page, {}).status_code == 403


def test_the_customer_page_has_them_on_its_timeline(staff, rows):
    text = staff.get(reverse("admin:customers_customer_change", args=[rows[0].pk])).content.decode()
    assert "Deal of 1,200.00" in text
    assert "Ticket T1" in text
    assert "Activity" in text
