"""What becomes of rows: added, updated, unchanged, set aside; always all of them."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.ingest import load, prepare, store
from customers.models import Customer, ImportFile, Link, SetAsideRow, Transaction
from tests.customers.ingest.files import TRANSACTIONS, counts, csv_file, customers, reasons
from tests.customers.ingest.files import load as load_path

pytestmark = pytest.mark.django_db


def test_ids_are_text_so_that_leading_zeros_tell_customers_apart(tmp_path):
    load_path(csv_file(tmp_path, "customer_id,registered_on", "7007,2020-01-01", "07007,2020-01-01"), "customers")
    assert set(Customer.objects.values_list("customer_id", flat=True)) == {"7007", "07007"}


def test_text_is_trimmed_and_na_is_ordinary_text(tmp_path):
    path = csv_file(tmp_path, "customer_id,registered_on,name,region", " A ,2020-01-01,NA,　null ")
    load_path(path, "customers")
    found = Customer.objects.get(customer_id="A")
    assert (found.name, found.region, found.vip_level) == ("NA", "null", None)


def test_values_are_stored_exactly(tmp_path):
    customers("A")
    load_path(csv_file(tmp_path, TRANSACTIONS, "T,A,2020-01-01 08:00:00.123456,999999999999.99"), "transactions")
    found = Transaction.objects.get()
    assert found.amount == Decimal("999999999999.99")
    assert found.occurred_at == dt.datetime(2020, 1, 1, 0, 0, 0, 123456, tzinfo=dt.UTC)
    assert (found.status, found.product_category) == ("completed", "")


def test_the_same_file_twice_changes_nothing(tmp_path):
    customers("A")
    path = csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01 08:00:00.5,1.10", "2,A,2020-01-01,x", "3,Z,2020-01-01,5")
    assert counts(load_path(path, "transactions")) == (3, 1, 0, 0, 2)
    assert counts(load_path(path, "transactions")) == (3, 0, 0, 1, 2)
    assert SetAsideRow.objects.count() == 2


def test_other_content_updates_the_row(tmp_path):
    customers("A")
    load_path(csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,1"), "transactions")
    report = load_path(csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,2", "2,A,2020-01-01,2"), "transactions")
    assert counts(report) == (2, 1, 1, 0, 0)
    assert Transaction.objects.get(transaction_id="1").amount == 2


def test_a_row_keeps_every_reason_with_its_line_and_raw_text(tmp_path):
    load_path(csv_file(tmp_path, TRANSACTIONS, ",A,yesterday,-1.234"), "transactions")
    assert set(reasons(2)) == {
        ("transaction_id", "missing"),
        ("occurred_at", "not_time"),
        ("amount", "too_precise"),
        ("amount", "not_positive"),
    }
    row = SetAsideRow.objects.get()
    assert row.raw == {"transaction_id": "", "customer_id": "A", "occurred_at": "yesterday", "amount": "-1.234"}


def test_a_nul_byte_is_set_aside_and_shown(tmp_path):
    load_path(csv_file(tmp_path, "customer_id,registered_on", "A\0B,2020-01-01", "C,2020-01-01"), "customers")
    assert reasons(2) == [("customer_id", "control")]
    assert SetAsideRow.objects.get().raw["customer_id"] == "A␀B"


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_of_two_rows_with_one_id_the_later_wins_even_in_another_chunk(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(prepare, "CHUNK", chunk)
    customers("A")
    path = csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,1", "2,A,2020-01-01,7", "1,A,2020-01-01,2")
    assert counts(load_path(path, "transactions")) == (3, 2, 0, 0, 1)
    assert Transaction.objects.get(transaction_id="1").amount == 2
    assert reasons(2) == [("transaction_id", "repeated")]


def test_a_later_row_that_breaks_a_rule_does_not_win(tmp_path):
    customers("A")
    path = csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,1", "1,A,2020-01-01,x")
    assert counts(load_path(path, "transactions")) == (2, 1, 0, 0, 1)


def test_a_link_is_stored_once_with_its_earliest_date(tmp_path):
    customers("A", "B")
    path = csv_file(
        tmp_path, "customer_id,friend_id,since", "A,B,2020-02-01", "B,A,2020-01-01", "A,B,2020-03-01", "A,A,2020-01-01"
    )
    assert counts(load_path(path, "links")) == (4, 2, 1, 1, 0)
    link = Link.objects.exclude(low=1).order_by("since").first() or Link.objects.order_by("since").first()
    assert link.since == dt.date(2020, 1, 1)
    assert counts(load_path(path, "links")) == (4, 0, 0, 4, 0)


def test_a_broken_off_import_keeps_whole_chunks_and_is_finished_by_another(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare, "CHUNK", 2)
    customers("A")
    path = csv_file(tmp_path, TRANSACTIONS, *(f"{n},A,2020-01-01,1" for n in range(5)), "x,A,2020-01-01,-1")
    put_in, calls = store.put_in, []

    def broken_off(**options):
        put = put_in(**options)
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the power went off")
        return put

    monkeypatch.setattr(store, "put_in", broken_off)
    with pytest.raises(RuntimeError):
        load_path(path, "transactions")
    assert Transaction.objects.count() == 2
    monkeypatch.setattr(store, "put_in", put_in)
    assert counts(load_path(path, "transactions")) == (6, 3, 0, 2, 1)


def test_a_dry_run_counts_the_same_and_writes_nothing(tmp_path):
    customers("A")
    path = csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-01,1", "2,Z,2020-01-01,1")
    dry = load_path(path, "transactions", dry_run=True)
    assert not Transaction.objects.exists()
    assert not ImportFile.objects.exists()
    assert counts(dry) == counts(load_path(path, "transactions")) == (2, 1, 0, 0, 1)


CELL = st.sampled_from(["", "A", "B", "Z", "1", "1.5", "-3", "2020-01-01", "x\0y", "=1", '"', "9" * 70, "NA", "\x0b"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=12))
def test_the_counts_of_a_dirty_file_add_up(tmp_path, rows):
    if not Customer.objects.exists():
        customers("A", "B")
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    with load.rehearsal():
        report = load_path(csv_file(tmp_path, TRANSACTIONS, *quoted), "transactions")
        file = ImportFile.objects.get(pk=report.pk)
        assert report.read == len(rows) == file.n_read
        assert report.read == report.added + report.updated + report.unchanged + report.set_aside
        assert SetAsideRow.objects.filter(file=file).count() == report.set_aside
        assert Transaction.objects.count() == report.added
