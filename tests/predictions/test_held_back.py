"""The risk list and the home page show whom a measure is allowed for, and keep the others off what goes out."""

import csv
import datetime as dt
import io

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from customers.clock import business_date
from customers.models import Customer, Hold, Suppression
from predictions.models import Prediction
from tests import face

pytestmark = pytest.mark.django_db
LIST = "admin:predictions_risktoday_changelist"
FILE = "admin:predictions_risktoday_export"


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def first(settings):
    """The customer at highest risk of twelve, who is held back."""
    settings.BUSINESS_DATE = face.DAY
    face.rows(12)
    customer = Customer.objects.get(customer_id="c0000")
    Hold.objects.filter(customer=customer).delete()
    Hold.objects.create(customer=customer, kind="opt_out", source="opt-out", since=business_date())
    return customer


def names(response) -> list[str]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return [row["customer_id"] for row in csv.DictReader(io.StringIO(text))]


def test_the_risk_list_shows_a_held_customer_as_held_back_with_the_reason(staff, first):
    page = staff.get(reverse(LIST)).content.decode()
    assert "c0000" in page
    assert "held back: opted out" in page


@pytest.mark.parametrize(("chosen", "is_shown"), [("yes", False), ("no", True)])
def test_the_risk_list_can_be_narrowed_to_those_who_may_be_treated(staff, first, chosen, is_shown):
    page = staff.get(reverse(LIST), {"treatable": chosen}).content.decode()
    assert ("c0000" in page) is is_shown
    assert ("c0001" in page) is not is_shown


def test_the_download_leaves_a_held_customer_out_and_records_it(staff, first):
    for _twice in range(2):
        assert "c0000" not in names(staff.get(reverse(FILE)))
    kept_off = Suppression.objects.filter(outlet="predictions.risktoday.csv")
    assert [one.customer for one in kept_off] == [first]


def test_the_home_page_names_those_to_call_and_the_eleventh_moves_up(staff, first):
    Prediction.objects.update(risk_level="critical")
    rows = staff.get(reverse("admin:index")).context["calls"]["rows"]
    assert [one["customer"].split()[0] for one in rows] == [f"c{number:04}" for number in range(1, 11)]
    assert [one.customer for one in Suppression.objects.filter(outlet="home")] == [first]


def test_a_hold_that_ended_holds_nobody_back(staff, first, settings):
    Hold.objects.filter(customer=first).update(until=business_date() + dt.timedelta(days=7))
    settings.BUSINESS_DATE = Hold.objects.get(customer=first).until
    assert "c0000" in names(staff.get(reverse(FILE)))
