"""A customer's features beside its own past and its peers, and the tab that tells of them."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from customers.models import Customer
from predictions import comparison, snapshots
from predictions.admin import feature_panel
from predictions.models import FeatureSnapshot, PeerGroup

from .shops import AS_OF, open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db) -> Customer:
    open_shop()
    for age in (0, 22, 40, 70):
        snapshots.ensure(as_of=AS_OF - dt.timedelta(days=age))
    active = snapshots.read(as_of=AS_OF, eligible_only=True)["customer_id"]
    return Customer.objects.get(customer_id=active[0])


def test_the_past_is_the_stored_day_at_or_shortly_before_each_age(customer):
    found = comparison.of(customer)
    assert found.days == (AS_OF - dt.timedelta(days=22), AS_OF - dt.timedelta(days=40), None)


def test_each_feature_has_its_value_now_then_and_the_peers(customer):
    found = comparison.of(customer)
    for one in found.features:
        rows = [
            snapshots.read(as_of=day, customer_id=customer.customer_id).row(0, named=True)
            for day in (AS_OF, *found.days[:2])
        ]
        assert (one.now, *one.past) == (*(row[one.feature.name] for row in rows), None)
    assert found.group.customer_type == "unknown"
    assert all(one.quartiles for one in found.features if one.is_number)


def test_the_deviation_counts_in_widths_of_the_middle_half(customer):
    group = PeerGroup.objects.get(snapshot__as_of=AS_OF, customer_type="unknown")
    one = next(one for one in comparison.of(customer).features if one.feature.name == "transaction_count_20d")
    group.quartiles["transaction_count_20d"] = [one.now - 6, one.now - 4, one.now - 2]
    group.save()
    again = next(one for one in comparison.of(customer).features if one.feature.name == "transaction_count_20d")
    assert again.deviation == 1.0


def test_without_a_day_or_a_row_there_is_no_comparison(customer, data_dir):
    late = Customer.objects.create(customer_id="late", registered_on=AS_OF + dt.timedelta(days=1))
    assert comparison.of(late) is None
    FeatureSnapshot.objects.all().delete()
    assert comparison.of(customer) is None


def tab(browser, customer, **headers) -> str:
    browser.force_login(User.objects.create_superuser("boss"))
    address = reverse("admin:customers_customer_change", args=[customer.pk]) + "?tab=features"
    return browser.get(address, headers=headers).content.decode()


def test_the_tab_tells_of_each_family_in_a_sentence_beside_the_peers(client, customer):
    group = PeerGroup.objects.get(snapshot__as_of=AS_OF, customer_type="unknown")
    now = next(one.now for one in comparison.of(customer).features if one.feature.name == "customer_age_days")
    group.quartiles["customer_age_days"] = [now - 40, now - 30, now - 20]
    group.save()
    page = tab(client, customer)
    assert "more than three quarters of the peers" in page
    assert "20 days before it was" in page
    assert "active customers of that day whose type is not known" in page
    assert page.count('class="strip"') > 60


def test_a_share_is_told_in_percent_as_its_sentence_is():
    assert feature_panel._as_told("amount_volatility", 1.064) == "106%"
    assert feature_panel._as_told("avg_transaction_interval", 9.441) == "9.44"
    assert feature_panel._as_told("amount_volatility", None) == "–"


def test_a_day_computed_before_peers_were_kept_says_so(client, customer):
    PeerGroup.objects.all().delete()
    assert "before they were kept" in tab(client, customer)
