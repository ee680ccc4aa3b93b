"""A file that lacks a column leaves alone what is stored there; an empty cell blanks it. So for every kind."""

import datetime as dt

import pytest

from customers import archive
from customers.commands import Advance
from customers.ingest import load_rows, quarantine
from customers.models import Customer, Deal, ImportProfile, Interaction, Intervention, SetAsideRow, Ticket, Transaction
from tests.customers.ingest.files import counts, csv_file, customers, load

pytestmark = pytest.mark.django_db

# Each kind with a model, a full header, a row, its required columns alone, and a column that may be blank.
KINDS = [
    ("customers", Customer, "customer_id,registered_on,region,nps_score", "A,2020-01-01,East,40", 2, "region", "East"),
    (
        "transactions",
        Transaction,
        "transaction_id,customer_id,occurred_at,amount,status",
        "1,A,2020-01-01,5,refunded",
        4,
        "status",
        "refunded",
    ),
    (
        "interactions",
        Interaction,
        "interaction_id,customer_id,occurred_at,kind,topic",
        "1,A,2020-01-01,login,x",
        4,
        "topic",
        "x",
    ),
    (
        "sales",
        Deal,
        "deal_id,customer_id,deal_date,deal_amount,contract_length",
        "1,A,2020-01-01,5,12",
        4,
        "contract_length",
        12,
    ),
    ("support", Ticket, "ticket_id,customer_id,created_date,priority", "1,A,2020-01-01,low", 3, "priority", "low"),
    (
        "interventions",
        Intervention,
        "intervention_id,customer_id,kind,occurred_at,note",
        "1,A,call,2020-01-01,x",
        4,
        "note",
        "x",
    ),
]
each_kind = pytest.mark.parametrize(("kind", "model", "header", "row", "n_required", "column", "value"), KINDS)


def first(text: str, n: int) -> str:
    return ",".join(text.split(",")[:n])


@each_kind
def test_a_column_that_is_not_there_leaves_the_stored_values(
    tmp_path, kind, model, header, row, n_required, column, value
):
    if kind != "customers":
        customers("A")
    load(csv_file(tmp_path, header, row), kind)
    again = csv_file(tmp_path, first(header, n_required), first(row, n_required), name="few.csv")
    assert counts(load(again, kind)) == (1, 0, 0, 1, 0)
    changed = first(row, n_required).replace("2020-01-01", "2020-01-02")
    assert counts(load(csv_file(tmp_path, first(header, n_required), changed, name="new.csv"), kind)) == (1, 0, 1, 0, 0)
    assert getattr(model.objects.get(), column) == value


@each_kind
def test_an_empty_cell_blanks_the_stored_value(tmp_path, kind, model, header, row, n_required, column, value):
    if kind != "customers":
        customers("A")
    load(csv_file(tmp_path, header, row), kind)
    blank = first(row, n_required) + "," * header.count(",", len(first(header, n_required)))
    assert counts(load(csv_file(tmp_path, header, blank, name="blank.csv"), kind)) == (1, 0, 1, 0, 0)
    assert getattr(model.objects.get(), column) in ("", None, "completed")


def test_two_systems_may_each_send_their_own_columns_of_a_customer(tmp_path):
    shop = csv_file(tmp_path, "customer_id,registered_on,gender,vip_level", "A,2020-01-01,f,3", name="shop.csv")
    team = csv_file(tmp_path, "customer_id,registered_on,nps_score,industry", "A,2020-01-01,40,tools", name="team.csv")
    for path in (shop, team, shop, team):
        load(path, "customers")
    found = Customer.objects.get()
    assert (found.gender, found.vip_level, found.nps_score, found.industry) == ("f", 3, 40, "tools")


def test_a_new_row_without_a_column_has_it_blank(tmp_path):
    load(csv_file(tmp_path, "customer_id,registered_on", "A,2020-01-01"), "customers")
    found = Customer.objects.get()
    assert (found.name, found.vip_level, found.onboarding_completed) == ("", None, None)


def test_a_constant_of_a_profile_is_a_column_that_is_there(tmp_path):
    ImportProfile.objects.create(name="p", rules={"customers": {"constants": {"region": "West"}}})
    load(csv_file(tmp_path, "customer_id,registered_on,region", "A,2020-01-01,East"), "customers")
    few = csv_file(tmp_path, "customer_id,registered_on", "A,2020-01-01", name="few.csv")
    assert counts(load(few, "customers", profile="p")) == (1, 0, 1, 0, 0)
    assert Customer.objects.get().region == "West"


def test_a_row_that_waited_leaves_alone_what_its_file_lacked(tmp_path):
    customers("A")
    load(csv_file(tmp_path, "ticket_id,customer_id,created_date,priority", "1,A,2020-01-01,low"), "support")
    load(csv_file(tmp_path, "ticket_id,customer_id,created_date", "1,Z,2020-01-01", name="few.csv"), "support")
    load_rows("customers", [{"customer_id": "Z", "registered_on": "2020-01-01"}])
    found = Ticket.objects.get()
    assert (found.customer.customer_id, found.priority) == ("Z", "low")


def test_a_sum_that_waited_leaves_alone_what_its_lines_lacked(tmp_path):
    rules = {"transactions": {"group": {"by": "transaction_id", "take": {"amount": "sum"}}}}
    ImportProfile.objects.create(name="p", rules=rules)
    customers("A")
    load(
        csv_file(tmp_path, "transaction_id,customer_id,occurred_at,amount,status", "1,A,2020-01-01,1,refunded"),
        "transactions",
    )
    lines = ("transaction_id,customer_id,occurred_at,amount", "1,Z,2020-01-01,2", "1,Z,2020-01-01,3")
    load(csv_file(tmp_path, *lines, name="few.csv"), "transactions", profile="p")
    load_rows("customers", [{"customer_id": "Z", "registered_on": "2020-01-01"}])
    found = Transaction.objects.get()
    assert (found.customer.customer_id, found.amount, found.status) == ("Z", 5, "refunded")


def test_rows_of_a_call_may_each_lack_other_columns():
    row = {"customer_id": "A", "registered_on": "2020-01-01", "region": "East", "vip_level": 3}
    load_rows("customers", [row, row | {"customer_id": "B"}, row | {"customer_id": "C"}])
    brief = {"customer_id": "A", "registered_on": "2020-01-01"}
    report = load_rows(
        "customers",
        [brief | {"region": "West"}, brief | {"customer_id": "B", "region": None}, brief | {"customer_id": "C"}],
    )
    assert [fate for fate, _why in report.rows] == ["updated", "updated", "unchanged"]
    found = list(Customer.objects.order_by("customer_id").values_list("region", "vip_level"))
    assert found == [("West", 3), ("", 3), ("East", 3)]


def test_a_required_value_that_a_call_left_out_can_be_mended():
    load_rows("customers", [{"customer_id": "A"}])
    row = quarantine.mend(SetAsideRow.objects.get(), {"registered_on": "2020-01-01"})
    assert row.resolution == "added"


def test_an_archived_row_keeps_the_columns_that_the_file_lacks(tmp_path):
    customers("A")
    header, row = "transaction_id,customer_id,occurred_at,amount,status", "1,A,2020-01-31,5.10,refunded"
    load(csv_file(tmp_path, header, row), "transactions")
    archive.purge(as_of=dt.date(2021, 1, 1), dry_run=False, advance=Advance())
    few = csv_file(tmp_path, first(header, 4), first(row, 4), name="few.csv")
    assert counts(load(few, "transactions")) == (1, 0, 0, 1, 0)
    other = csv_file(tmp_path, first(header, 4), "1,A,2020-01-31,6", name="other.csv")
    assert counts(load(other, "transactions")) == (1, 0, 1, 0, 0)
    assert Transaction.objects.get().status == "refunded"
