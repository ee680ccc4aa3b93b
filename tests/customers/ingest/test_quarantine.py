"""Rows that wait, are mended, are downloaded and sent again."""

import pytest

from customers.commands import Refused
from customers.ingest import load_rows, process_waiting, quarantine
from customers.models import Customer, ImportFile, Link, SetAsideRow, Transaction
from tests.customers.ingest.files import TRANSACTIONS, counts, csv_file, customers, load

pytestmark = pytest.mark.django_db


def totals(pk):
    file = ImportFile.objects.get(pk=pk)
    return file.n_read, file.n_added, file.n_updated, file.n_unchanged, file.n_set_aside


def test_a_row_goes_in_by_itself_when_its_customer_comes_in_a_later_file(tmp_path):
    report = load(csv_file(tmp_path, TRANSACTIONS, "1,Z,2020-01-01,5"), "transactions")
    assert counts(report) == (1, 0, 0, 0, 1)
    load(csv_file(tmp_path, "customer_id,registered_on", "Z,2020-01-01"), "customers")
    assert Transaction.objects.get().customer.customer_id == "Z"
    assert totals(report.pk) == (1, 1, 0, 0, 0)


def test_a_row_goes_in_when_its_customer_came_by_another_way(tmp_path):
    load(csv_file(tmp_path, TRANSACTIONS, "1,Z,2020-01-01,5"), "transactions")
    customers("Z")
    assert process_waiting()["released"] == 1
    assert Transaction.objects.exists()


def test_a_row_goes_in_when_its_customer_comes_as_json(tmp_path):
    load(csv_file(tmp_path, TRANSACTIONS, "1,Z,2020-01-01,5"), "transactions")
    load_rows("customers", [{"customer_id": "Z", "registered_on": "2020-01-01"}])
    assert Transaction.objects.exists()


def test_a_link_waits_for_both_its_customers(tmp_path):
    report = load(csv_file(tmp_path, "customer_id,friend_id,since", "Y,Z,2020-01-01"), "links")
    load_rows("customers", [{"customer_id": "Y", "registered_on": "2020-01-01"}])
    assert SetAsideRow.objects.get().customer_ids == ["Z"]
    load_rows("customers", [{"customer_id": "Z", "registered_on": "2020-01-01"}])
    assert Link.objects.count() == 1
    assert totals(report.pk) == (1, 1, 0, 0, 0)


def test_a_waiting_row_gives_way_to_a_later_row_of_its_id(tmp_path):
    customers("A")
    load(csv_file(tmp_path, TRANSACTIONS, "1,Z,2020-01-01,5"), "transactions")
    load(csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,6"), "transactions")
    load_rows("customers", [{"customer_id": "Z", "registered_on": "2020-01-01"}])
    found = Transaction.objects.get()
    assert (found.customer.customer_id, found.amount) == ("A", 6)


def test_an_unknown_referrer_sets_nothing_aside(tmp_path):
    path = csv_file(tmp_path, "customer_id,registered_on,referred_by", "A,2020-01-01,Z")
    assert counts(load(path, "customers")) == (1, 1, 0, 0, 0)


def test_a_mended_row_goes_in_and_its_raw_text_is_kept(tmp_path):
    customers("A")
    path = csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,5x")
    report = load(path, "transactions")
    row = quarantine.mend(SetAsideRow.objects.get(), {"amount": "5"})
    assert (row.resolution, row.raw["amount"]) == ("added", "5x")
    assert totals(report.pk) == (1, 1, 0, 0, 0)
    assert counts(load(path, "transactions")) == (1, 0, 0, 1, 0)


def test_a_row_mended_wrongly_stays_with_its_new_reasons(tmp_path):
    customers("A")
    load(csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,5x"), "transactions")
    row = quarantine.mend(SetAsideRow.objects.get(), {"amount": "0"})
    assert [why["code"] for why in row.reasons] == ["not_positive"]
    assert row.resolved_at is None


def test_a_superseded_row_does_not_come_back_when_it_is_sent_again(tmp_path):
    customers("A")
    load(csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,1", "1,A,2020-01-01,2"), "transactions")
    assert quarantine.resend(SetAsideRow.objects.all()) == 0
    assert Transaction.objects.get().amount == 2


def test_a_mend_of_a_column_that_is_not_there_is_refused(tmp_path):
    load(csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,1x"), "transactions")
    with pytest.raises(Refused, match="no column amont"):
        quarantine.mend(SetAsideRow.objects.get(), {"amont": "1"})


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_a_download_has_no_formula_and_can_be_sent_again(tmp_path, sign):
    text = f"{sign}1+cmd"
    header = "customer_id,registered_on,name"
    report = load(csv_file(tmp_path, header, f"A,2020-99-01,{text}"), "customers")
    exported = quarantine.export(ImportFile.objects.get(pk=report.pk))
    assert f"'{text}" in exported
    mended = tmp_path / "again.csv"
    mended.write_text(exported.replace("2020-99-01", "2020-09-01"), newline="")
    assert counts(load(mended, "customers")) == (1, 1, 0, 0, 0)
    assert Customer.objects.get().name == text


def test_an_upload_is_loaded_by_one_worker_alone(tmp_path, settings):
    from django.core.files.base import ContentFile

    from customers.ingest import load_upload

    file = ImportFile.objects.create(
        name="c.csv", kind="customers", source="upload",
        upload=ContentFile(b"customer_id,registered_on\nA,2020-01-01\n", name="c.csv"),
    )  # fmt: skip
    assert load_upload(file.pk).added == 1
    assert load_upload(file.pk) is None
    assert process_waiting()["files"] == 0


def test_rows_as_json_are_answered_one_by_one():
    customers("A")
    answer = load_rows(
        "transactions",
        [
            {"transaction_id": 7, "customer_id": "A", "occurred_at": "2020-01-01", "amount": 5.5},
            {"transaction_id": 8, "customer_id": "A", "occurred_at": "2020-01-01", "amount": -1},
        ],
    )
    assert [fate for fate, _reasons in answer.rows] == ["added", "set_aside"]
    assert answer.rows[1][1][0]["column"] == "amount"
