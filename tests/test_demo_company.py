"""The sample company: what is shipped is what its generator makes, it comes in whole, and it leaves the shop alone."""

import datetime as dt
from collections import Counter

import pytest
from django.db.models import Count, Max, Min

from customers.ingest import load_file
from customers.models import Activity, Customer, Deal, ImportFile, Ticket
from demo.make_company import FIRST, FOLDER, TIERS, TODAY, files

KINDS = ("customers", "sales", "support", "activity")


@pytest.fixture
def company(db):
    return {kind: load_file(path=FOLDER / f"{kind}.csv", kind=kind) for kind in KINDS}


def test_the_files_that_are_shipped_are_what_the_generator_makes():
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == files()


def test_every_row_comes_in(company):
    assert {kind: report.set_aside for kind, report in company.items()} == dict.fromkeys(KINDS, 0)
    assert {kind: report.read == report.added for kind, report in company.items()} == dict.fromkeys(KINDS, True)
    assert ImportFile.objects.filter(ignored_columns=[]).count() == 4


def test_there_are_30_accounts_of_three_sizes(company):
    sizes = Counter(Customer.objects.values_list("customer_type", flat=True))
    assert sizes == {"enterprise": 10, "mid_market": 15, "startup": 5}


def test_an_account_has_about_three_deals_and_a_ticket_a_month(company):
    deals = Counter(Deal.objects.values_list("customer_id", flat=True))
    assert set(deals.values()) == {3, 4}
    assert 30 * 5 <= Ticket.objects.count() <= 30 * 9
    assert Ticket.objects.values("customer").distinct().count() == 30


def test_a_day_of_use_has_one_to_three_rows(company):
    days = Activity.objects.values("customer", "date__date").annotate(n=Count("id"))
    assert set(days.values_list("n", flat=True)) == {1, 2, 3}


def test_the_history_is_six_months_to_the_end_of_the_shop(company):
    for model, field in ((Activity, "date"), (Ticket, "created_date")):
        ends = model.objects.aggregate(first=Min(f"{field}__date"), last=Max(f"{field}__date"))
        assert ends["first"] >= FIRST
        assert ends["last"] <= TODAY - dt.timedelta(days=1)
    assert Activity.objects.aggregate(last=Max("date__date"))["last"] == TODAY - dt.timedelta(days=1)
    assert Deal.objects.aggregate(last=Max("deal_date"))["last"] < TODAY


def test_the_features_are_those_of_the_three_tiers(company):
    used = set(Activity.objects.exclude(feature_name="").values_list("feature_name", flat=True))
    assert used == {name for tier in TIERS.values() for name in tier}


def test_nothing_happens_before_an_account_is_there(company):
    for deal in Deal.objects.select_related("customer"):
        assert deal.deal_date >= deal.customer.registered_on
    for row in Ticket.objects.exclude(resolved_date=None):
        assert row.resolution_time == pytest.approx((row.resolved_date - row.created_date).total_seconds() / 3600)
    assert Customer.objects.aggregate(last=Max("registered_on"))["last"] < FIRST
