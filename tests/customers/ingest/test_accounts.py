"""Deals and tickets of business customers: every rule of their columns."""

import datetime as dt
from decimal import Decimal

import pytest

from customers.models import Deal, SetAsideRow, Ticket
from tests.customers.ingest.files import counts, csv_file, customers, load, reasons

pytestmark = pytest.mark.django_db

SALES = "deal_id,customer_id,deal_date,deal_amount,deal_stage,account_manager,product_type,contract_length,renewal_date"
SUPPORT = (
    "ticket_id,customer_id,created_date,resolved_date,priority,category,satisfaction_score,agent_id,resolution_time"
)
AHEAD = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).date().isoformat()


def test_a_deal_is_stored_exactly(tmp_path):
    customers("A")
    load(csv_file(tmp_path, SALES, f"D1,A,2020-01-01 23:30,1200.50,renewed,Li,suite,12.5,{AHEAD} 09:00"), "sales")
    deal = Deal.objects.get()
    assert (deal.deal_date, deal.deal_amount, deal.deal_stage) == (dt.date(2020, 1, 1), Decimal("1200.50"), "renewed")
    assert (deal.account_manager, deal.product_type, deal.contract_length) == ("Li", "suite", 12.5)
    assert deal.renewal_date == dt.date.fromisoformat(AHEAD)


@pytest.mark.parametrize("amount", ["0", "0.00", "1000000000000"])
def test_a_deal_may_be_worth_nothing(tmp_path, amount):
    customers("A")
    assert load(csv_file(tmp_path, SALES, f"D1,A,2020-01-01,{amount},won,,,12,"), "sales").added == 1


def test_a_blank_stage_or_length_and_a_length_of_0_are_taken_as_they_are(tmp_path):
    customers("A")
    load(csv_file(tmp_path, SALES, "D1,A,2020-01-01,5,,,,,", "D2,A,2020-01-01,5,,,,0,"), "sales")
    assert list(Deal.objects.order_by("deal_id").values_list("deal_stage", "contract_length")) == [("", None), ("", 0)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("D1,,2020-01-01,5,won,,,12,", ("customer_id", "missing")),
        (",A,2020-01-01,5,won,,,12,", ("deal_id", "missing")),
        ("D1,A,,5,won,,,12,", ("deal_date", "missing")),
        ("D1,A,30/09/2017,5,won,,,12,", ("deal_date", "not_date")),
        (f"D1,A,{AHEAD},5,won,,,12,", ("deal_date", "future")),
        ("D1,A,2020-01-01,,won,,,12,", ("deal_amount", "missing")),
        ("D1,A,2020-01-01,-0.01,won,,,12,", ("deal_amount", "too_small")),
        ("D1,A,2020-01-01,5.001,won,,,12,", ("deal_amount", "too_precise")),
        ("D1,A,2020-01-01,1000000000000.01,won,,,12,", ("deal_amount", "too_large")),
        ("D1,A,2020-01-01,5,Won,,,12,", ("deal_stage", "choice")),
        ("D1,A,2020-01-01,5,won,,,-1,", ("contract_length", "too_small")),
        ("D1,A,2020-01-01,5,won,,,year,", ("contract_length", "not_number")),
        ("D1,A,2020-01-01,5,won,,,12,soon", ("renewal_date", "not_date")),
    ],
)
def test_a_deal_that_breaks_a_rule_is_set_aside(tmp_path, cells, expected):
    customers("A")
    assert counts(load(csv_file(tmp_path, SALES, cells), "sales")) == (1, 0, 0, 0, 1)
    assert expected in reasons(2)


def test_a_deal_without_a_known_customer_waits_for_that_customer(tmp_path):
    load(csv_file(tmp_path, SALES, "D1,A,2020-01-01,5,won,,,12,"), "sales")
    assert Deal.objects.count() == 0
    load(csv_file(tmp_path, "customer_id,registered_on", "A,2020-01-01", name="customers.csv"), "customers")
    assert Deal.objects.get().customer.customer_id == "A"


def test_a_ticket_is_stored_exactly(tmp_path):
    customers("A")
    load(csv_file(tmp_path, SUPPORT, "T1,A,2020-01-01T08:00:00+08:00,2020-01-02,urgent,login,4.5,G7,26.5"), "support")
    ticket = Ticket.objects.get()
    assert ticket.created_date == dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert ticket.resolved_date == dt.datetime(2020, 1, 1, 16, tzinfo=dt.UTC)
    assert (ticket.priority, ticket.category, ticket.agent_id) == ("urgent", "login", "G7")
    assert (ticket.satisfaction_score, ticket.resolution_time) == (4.5, 26.5)


def test_an_open_ticket_without_priority_goes_in(tmp_path):
    customers("A")
    assert load(csv_file(tmp_path, SUPPORT, "T1,A,2020-01-01,,,,,,"), "support").added == 1


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("T1,A,2020-01-02,2020-01-01,low,,,,", ("resolved_date", "day_before")),
        ("T1,A,2020-01-02 00:00,2020-01-01 23:59,low,,,,", ("resolved_date", "day_before")),
        (f"T1,A,{AHEAD},,low,,,,", ("created_date", "future")),
        (f"T1,A,2020-01-01,{AHEAD},low,,,,", ("resolved_date", "future")),
        ("T1,A,2020-01-01,,now,,,,", ("priority", "choice")),
        ("T1,A,2020-01-01,,low,,0.5,,", ("satisfaction_score", "too_small")),
        ("T1,A,2020-01-01,,low,,5.01,,", ("satisfaction_score", "too_large")),
        ("T1,A,2020-01-01,,low,,,,long", ("resolution_time", "not_number")),
    ],
)
def test_a_ticket_that_breaks_a_rule_is_set_aside(tmp_path, cells, expected):
    customers("A")
    assert counts(load(csv_file(tmp_path, SUPPORT, cells), "support")) == (1, 0, 0, 0, 1)
    assert expected in reasons(2)


def test_a_ticket_may_be_resolved_hours_before_it_was_created_on_the_same_local_day(tmp_path):
    customers("A")
    # 23:00 UTC is 07:00 of the next day in Shanghai, so that both lie on one local day.
    cells = "T1,A,2020-01-02T10:00:00+08:00,2020-01-01T23:00:00Z,low,,,,"
    assert load(csv_file(tmp_path, SUPPORT, cells), "support").added == 1


def test_every_reason_of_a_ticket_is_kept(tmp_path):
    load(csv_file(tmp_path, SUPPORT, "T1,,2020-01-02,2020-01-01,now,,9,,"), "support")
    assert set(reasons(2)) == {
        ("customer_id", "missing"),
        ("priority", "choice"),
        ("satisfaction_score", "too_large"),
        ("resolved_date", "day_before"),
    }
    assert "is on a day before created_date" in str(SetAsideRow.objects.get().reasons)


@pytest.mark.parametrize(
    ("kind", "header", "row", "other"),
    [
        ("sales", SALES, "D1,A,2020-01-01,5,won,,,12,", "D1,A,2020-01-01,5,lost,,,12,"),
        ("support", SUPPORT, "T1,A,2020-01-01,,low,,,,", "T1,A,2020-01-01,2020-01-03,low,,,,"),
    ],
)
def test_the_same_row_again_is_unchanged_and_another_content_updates_it(tmp_path, kind, header, row, other):
    customers("A")
    assert counts(load(csv_file(tmp_path, header, row), kind)) == (1, 1, 0, 0, 0)
    assert counts(load(csv_file(tmp_path, header, row), kind)) == (1, 0, 0, 1, 0)
    assert counts(load(csv_file(tmp_path, header, other), kind)) == (1, 0, 1, 0, 0)
