"""The report on what is stored: its warnings, its page, its command."""

import datetime as dt
import json
import re
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import translation

from customers import archive, report
from customers.clock import start_of
from customers.models import Customer, Transaction

pytestmark = pytest.mark.django_db
D = dt.date(2017, 9, 30)


def buy(customer, day, number=0, **values):
    return Transaction(
        transaction_id=f"{customer.customer_id}-{day}-{number}",
        customer=customer,
        occurred_at=start_of(day),
        amount=Decimal("12.34"),
        **values,
    )


def shop(*, every, n_customers=20, n_days=150):
    """Each customer buys every so many days, each on days of their own."""
    people = Customer.objects.bulk_create(
        Customer(customer_id=f"C{n}", name=f"N{n}", registered_on=dt.date(2016, 1, 1)) for n in range(n_customers)
    )
    Transaction.objects.bulk_create(
        buy(person, D - dt.timedelta(days=back))
        for n, person in enumerate(people)
        for back in range(1 + n % every, n_days, every)
    )


def codes(found):
    return [warning.code for warning in found.warnings]


def message(found, code):
    return next(warning.message for warning in found.warnings if warning.code == code)


def test_an_empty_database_makes_a_report_that_says_so():
    found = report.figures(as_of=D)
    assert codes(found) == ["no_data"]
    assert "There are no data yet" in report.html(found)


def test_customers_without_events_make_a_report():
    Customer.objects.create(customer_id="1", registered_on=dt.date(2017, 1, 1))
    assert "no_events" in codes(report.figures(as_of=D))


def test_a_label_that_is_the_rule_is_warned_about_with_the_horizon_that_would_do():
    shop(every=40)
    found = report.figures(as_of=D)
    assert found.rates[7] > 0.7
    assert "28 days would do" in message(found, "base_rate_high")


def test_a_label_that_is_rare_is_warned_about():
    shop(every=5)
    assert "base_rate_low" in codes(report.figures(as_of=D))


def test_a_base_rate_between_the_bounds_is_not_warned_about():
    shop(every=10)
    assert not {"base_rate_high", "base_rate_low"} & set(codes(report.figures(as_of=D)))


def test_a_hole_is_warned_about_with_its_days():
    shop(every=3, n_customers=60)
    gone = (start_of(dt.date(2017, 8, 1)), start_of(dt.date(2017, 8, 6)))
    Transaction.objects.filter(occurred_at__gte=gone[0], occurred_at__lt=gone[1]).delete()
    found = [warning.as_json() for warning in report.figures(as_of=D).warnings if warning.code == "hole"]
    assert [(hole["from"], hole["to"]) for hole in found] == [("2017-08-01", "2017-08-05")]


def test_data_that_end_long_before_the_date_are_warned_about():
    shop(every=3)
    assert "stale" in codes(report.figures(as_of=D + dt.timedelta(days=30)))


def test_a_constant_column_and_the_empty_ones_are_named():
    shop(every=3)
    found = report.figures(as_of=D)
    assert any("status (transactions)" in w.message for w in found.warnings if w.code == "constant_column")
    assert "payment method" in [w.message for w in found.warnings if w.code == "empty_columns"][1]


def test_duplicate_customers_are_named():
    for customer_id in ("1", "2"):
        Customer.objects.create(customer_id=customer_id, name="Li", registered_on=dt.date(2017, 1, 1))
    assert "1 = 2" in message(report.figures(as_of=D), "duplicate_customers")


def test_nothing_dated_at_the_as_of_date_or_later_changes_the_report():
    shop(every=5)
    before = report.figures(as_of=D).as_json()
    late = Customer.objects.create(customer_id="late", registered_on=D)
    buy(late, D).save()
    assert report.figures(as_of=D).as_json() == before


def test_archived_rows_count_once_and_as_the_database_has_them():
    shop(every=5)
    before = report.figures(as_of=D).as_json()
    archive.purge(as_of=D + dt.timedelta(days=100))
    assert Transaction.objects.filter(occurred_at__lt=start_of(dt.date(2017, 7, 1))).count() == 0
    assert report.figures(as_of=D).as_json() == before


def test_the_json_has_tables_base_rates_and_warnings(data_dir):
    shop(every=10)
    out = StringIO()
    call_command("report_data", as_of=D, json=True, stdout=out)
    printed = json.loads(out.getvalue())
    assert {"tables", "base_rates", "warnings"} <= set(printed)
    assert list(printed["base_rates"]) == ["7", "14", "28", "60"]
    assert all(set(warning) == {"code", "message", "from", "to"} for warning in printed["warnings"])
    assert (data_dir / "reports/data-2017-09-30.html").exists()


def test_the_page_needs_nothing_else(tmp_path):
    shop(every=10)
    page = report.html(report.figures(as_of=D))
    assert not re.search(r"<script|<link|<img|url\(http|@import|(src|href)=\"http", page)


def test_the_page_escapes_what_customers_are_called():
    for customer_id in ("1", "2"):
        Customer.objects.create(
            customer_id=customer_id, name="<script>", region="<b>", registered_on=dt.date(2017, 1, 1)
        )
    page = report.html(report.figures(as_of=D))
    assert "<script" not in page
    assert "<b>x" not in page


def test_the_page_says_its_language():
    with translation.override("zh-hans"):
        assert '<html lang="zh-hans">' in report.html(report.figures(as_of=D))


def test_the_command_writes_where_it_is_told_and_prints_the_path(tmp_path):
    out = StringIO()
    call_command("report_data", as_of=D, out=tmp_path / "deep" / "r.html", stdout=out)
    assert (tmp_path / "deep" / "r.html").read_text().startswith("<!doctype html>")
    assert str(tmp_path / "deep" / "r.html") in out.getvalue()


def test_the_page_has_commas_between_thousands_in_every_language():
    Customer.objects.bulk_create(Customer(customer_id=f"C{n}", registered_on=dt.date(2016, 1, 1)) for n in range(1_234))
    with translation.override("zh-hans"):
        assert "<b>1,234</b>" in report.html(report.figures(as_of=D))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_rows_in_arrow_form_make_the_report_that_rows_one_by_one_make():
    shop(every=7)
    person = Customer.objects.get(customer_id="C1")
    for kind, depth in (("browse", 3), ("search", None), ("unsubscribe", 0)):
        person.interactions.create(
            interaction_id=kind, kind=kind, occurred_at=start_of(D - dt.timedelta(days=9)), page_depth=depth
        )
    in_arrow_form = report.figures(as_of=D).as_json()
    with transaction.atomic():
        assert report.figures(as_of=D).as_json() == in_arrow_form
