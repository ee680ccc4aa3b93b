"""Rows that name a deal instead of a customer are the customer's of that deal, and wait until it is known."""

import pytest

from customers.ingest import load_rows, process_waiting, quarantine
from customers.ingest.profiles import check
from customers.models import Activity, ImportProfile, SetAsideRow, Ticket
from tests.customers.ingest.files import counts, csv_file, customers, load, reasons

pytestmark = pytest.mark.django_db

RULES = {
    "activity": {"columns": {"customer_id": {"deal": "contract"}}},
    "support": {"columns": {"customer_id": {"deal": "contract"}}},
}
USE = "contract,date,activity_type"
LOGIN = "D1,2020-01-01,login"


@pytest.fixture(autouse=True)
def profile(db):
    return ImportProfile.objects.create(name="p", rules=RULES)


def deal(customer="A", deal_id="D1"):
    row = {"deal_id": deal_id, "customer_id": customer, "deal_date": "2020-01-01", "deal_amount": "5"}
    return load_rows("sales", [row])


def send(folder, *lines, name="use.csv"):
    return counts(load(csv_file(folder, USE, *lines, name=name), "activity", profile="p"))


def test_the_customer_is_the_one_of_the_deal(tmp_path):
    customers("A", "B")
    deal("B")
    assert send(tmp_path, LOGIN) == (1, 1, 0, 0, 0)
    assert Activity.objects.get().customer.customer_id == "B"
    header = "ticket_id,contract,created_date"
    load(csv_file(tmp_path, header, "T1,D1,2020-01-01", name="t.csv"), "support", profile="p")
    assert Ticket.objects.get().customer.customer_id == "B"


def test_rows_wait_for_their_deal_and_go_in_when_it_comes(tmp_path):
    customers("A")
    assert send(tmp_path, LOGIN, LOGIN) == (2, 0, 0, 0, 2)
    assert reasons(2) == [("customer_id", "unknown_deal")]
    assert "the deal D1" in SetAsideRow.objects.get(line=2).reasons[0]["message"]
    deal("A")
    assert Activity.objects.count() == 2
    assert not SetAsideRow.objects.filter(resolved_at=None).exists()
    assert send(tmp_path, LOGIN, LOGIN) == (2, 0, 0, 2, 0)


def test_a_file_of_deals_lets_them_in_too(tmp_path):
    customers("A")
    send(tmp_path, LOGIN)
    sales = csv_file(tmp_path, "deal_id,customer_id,deal_date,deal_amount", "D1,A,2020-01-01,5", name="sales.csv")
    load(sales, "sales")
    assert Activity.objects.count() == 1


def test_a_customer_who_comes_lets_the_deal_in_and_the_deal_its_activity(tmp_path):
    send(tmp_path, LOGIN)
    deal("A")
    assert Activity.objects.count() == 0
    load_rows("customers", [{"customer_id": "A", "registered_on": "2020-01-01"}])
    assert Activity.objects.get().customer.customer_id == "A"


def test_the_daily_look_at_what_waits_finds_them(tmp_path, monkeypatch):
    customers("A")
    send(tmp_path, LOGIN)
    monkeypatch.setattr(quarantine, "release_after", lambda *args, **kwargs: 0)
    deal("A")
    assert Activity.objects.count() == 0
    assert process_waiting()["released"] == 1


def test_waiting_rows_sent_again_in_another_file_are_not_there_twice(tmp_path):
    customers("A")
    send(tmp_path, LOGIN, LOGIN)
    send(tmp_path, LOGIN, LOGIN, LOGIN, name="longer.csv")
    deal("A")
    assert Activity.objects.count() == 3


def test_a_row_mended_to_another_deal_counts_after_those_alike(tmp_path):
    customers("A")
    deal("A")
    send(tmp_path, LOGIN, "D9,2020-01-01,login")
    row = quarantine.mend(SetAsideRow.objects.get(), {"contract": "D1"})
    assert row.resolution == "added"
    assert Activity.objects.count() == 2


@pytest.mark.parametrize(("contract", "code"), [("", "missing"), ("D\x00", "control"), ("D" * 65, "too_long")])
def test_a_deal_that_cannot_be_is_a_reason(tmp_path, contract, code):
    send(tmp_path, f"{contract},2020-01-01,login")
    assert ("customer_id", code) in reasons(2)
    assert not SetAsideRow.objects.get().is_waiting


def test_a_profile_says_where_a_deal_does_not_go():
    assert check(RULES) == []
    assert check({"sales": {"columns": {"customer_id": {"deal": "x"}}}})
    assert check({"activity": {"columns": {"date": {"deal": "x"}}}})
    assert check({"activity": RULES["activity"] | {"group": {"by": "date"}}})
    assert check({"activity": {"columns": {"customer_id": {"deal": 1}}}})
