"""Noting one measure by hand asks the boundary."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from customers.models import Customer, Hold, Intervention, Suppression
from tests import face

pytestmark = pytest.mark.django_db
ADD = "admin:customers_intervention_add"


@pytest.fixture
def staff(client, settings):
    settings.BUSINESS_DATE = face.DAY
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def held_back() -> Customer:
    customer = Customer.objects.create(customer_id="c1", registered_on=face.DAY)
    Hold.objects.create(customer=customer, kind="control", source="x", since=face.DAY)
    return customer


def values(customer, **more):
    when = {"occurred_at_0": "2017-09-30", "occurred_at_1": "00:00"}
    return {"customer": customer.pk, "kind": "call", "cost": "0", **when, **more}


def test_a_measure_of_who_is_held_back_is_refused_and_recorded_as_kept_off(staff, held_back):
    page = staff.post(reverse(ADD), values(held_back)).content.decode()
    assert "is not to be treated that day: held back: control group" in page
    assert Intervention.objects.count() == 0
    assert [one.outlet for one in Suppression.objects.all()] == ["customers.intervention"]


def test_what_took_place_all_the_same_is_recorded(staff, held_back):
    staff.post(reverse(ADD), values(held_back, took_place="on"))
    assert Intervention.objects.get().customer == held_back


def test_on_a_day_before_the_hold_it_is_recorded(staff, held_back):
    staff.post(reverse(ADD), values(held_back, occurred_at_0="2017-09-29"))
    assert Intervention.objects.count() == 1
    assert Suppression.objects.count() == 0


def test_the_form_begins_with_the_customer_and_the_moment_that_are_meant(staff, held_back):
    page = staff.get(reverse(ADD), {"customer": held_back.pk}).content.decode()
    assert "c1" in page
    assert 'value="2017-09-30"' in page
