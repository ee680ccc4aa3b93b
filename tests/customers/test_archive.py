"""Retention: what leaves, that nothing is lost or doubled, and that damage is noticed."""

import datetime as dt
import json
from decimal import Decimal
from io import StringIO

import polars as pl
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from customers import archive
from customers.alone import key
from customers.archive import files, kinds, purging
from customers.clock import start_of
from customers.commands import Refused
from customers.models import ArchiveFile, Customer, Interaction, Transaction

pytestmark = pytest.mark.django_db
D = dt.date(2017, 9, 30)
FIRST_THAT_STAYS = D - dt.timedelta(days=180)


@pytest.fixture
def customer():
    return Customer.objects.create(customer_id="007", registered_on=dt.date(2016, 1, 1))


@pytest.fixture
def bought(customer):
    def buy(transaction_id, day, *, amount="12.34", moment=dt.timedelta(), **values):
        return Transaction.objects.create(
            transaction_id=transaction_id,
            customer=customer,
            occurred_at=start_of(day) + moment,
            amount=Decimal(amount),
            **values,
        )

    return buy


def archived(kind="transactions"):
    frame = archive.scan(kind=kind, since=dt.date(2000, 1, 1), until=dt.date(2100, 1, 1)).collect()
    return frame.sort(frame.columns[0])


def archived_ids():
    return archived()["transaction_id"].to_list()


def everything():
    """Every id in the database and the archive."""
    return sorted({*archived_ids(), *Transaction.objects.values_list("transaction_id", flat=True)})


def test_rows_of_local_days_before_the_retention_leave_and_the_first_day_inside_it_stays(bought):
    bought("last out", FIRST_THAT_STAYS, moment=-dt.timedelta(microseconds=1))
    bought("first in", FIRST_THAT_STAYS)
    archive.purge(as_of=D)
    assert archived_ids() == ["last out"]
    assert list(Transaction.objects.values_list("transaction_id", flat=True)) == ["first in"]


def test_an_archived_transaction_keeps_every_column_and_the_exact_amount(bought):
    bought("T1", dt.date(2017, 1, 5), amount="999999999999.99", product_category="茶", status="refunded")
    archive.purge(as_of=D)
    assert archived().rows(named=True) == [
        {
            "transaction_id": "T1",
            "customer_id": "007",
            "occurred_at": start_of(dt.date(2017, 1, 5)),
            "amount_cents": 99_999_999_999_999,
            "product_category": "茶",
            "payment_method": "",
            "status": "refunded",
        }
    ]


def test_an_archived_interaction_keeps_missing_numbers_apart_from_zero(customer):
    moment = start_of(dt.date(2017, 1, 5))
    Interaction.objects.create(
        interaction_id="I1", customer=customer, occurred_at=moment, kind="browse", page_depth=0, topic="competitor"
    )
    archive.purge(as_of=D)
    row = archived("interactions").row(0, named=True)
    assert (row["page_depth"], row["duration_seconds"], row["channel"], row["topic"]) == (0, None, "", "competitor")


def test_months_are_of_the_business_time_zone(bought):
    bought("T1", dt.date(2017, 2, 1))  # still January in UTC
    archive.purge(as_of=D)
    assert ArchiveFile.objects.get().path == "archive/transactions/2017-02.parquet"


def test_a_scan_reads_the_days_asked_for_and_opens_no_other_month(bought, data_dir):
    for day in (1, 10, 20):
        bought(f"T{day}", dt.date(2017, 2, day))
    bought("March", dt.date(2017, 3, 1))
    archive.purge(as_of=D)
    (data_dir / "archive/transactions/2017-03.parquet").write_bytes(b"damaged")
    found = archive.scan(kind="transactions", since=dt.date(2017, 2, 1), until=dt.date(2017, 2, 20)).collect()
    assert sorted(found["transaction_id"]) == ["T1", "T10"]


def test_a_scan_of_an_empty_archive_has_the_columns_and_no_rows():
    found = archive.scan(kind="interactions", since=dt.date(2017, 1, 1), until=D)
    assert isinstance(found, pl.LazyFrame)
    assert found.collect().shape == (0, 9)


def test_a_second_purge_merges_into_the_month_and_the_newer_row_of_an_id_wins(bought):
    bought("T1", dt.date(2017, 1, 5), amount="1.00")
    bought("T2", dt.date(2017, 1, 6))
    archive.purge(as_of=D)
    bought("T1", dt.date(2017, 1, 7), amount="2.00")
    archive.purge(as_of=D)
    assert archived().select("transaction_id", "amount_cents").rows() == [("T1", 200), ("T2", 1234)]
    assert ArchiveFile.objects.get().n_rows == 2


def test_a_row_whose_time_was_corrected_leaves_the_month_where_it_was(bought):
    bought("T1", dt.date(2017, 1, 5))
    archive.purge(as_of=D)
    bought("T1", dt.date(2017, 2, 5))
    archive.purge(as_of=D)
    assert archived().select(pl.col("occurred_at").dt.month()).to_series().to_list() == [2]


def test_purging_twice_changes_nothing_the_second_time(bought):
    bought("T1", dt.date(2017, 1, 5))
    archive.purge(as_of=D)
    before = ArchiveFile.objects.get().sha256
    assert archive.purge(as_of=D)["n_rows"] == 0
    assert ArchiveFile.objects.get().sha256 == before


def test_a_dry_run_counts_what_would_go_and_changes_nothing(bought, data_dir):
    bought("T1", dt.date(2017, 1, 5))
    bought("T2", dt.date(2017, 2, 5))
    result = archive.purge(as_of=D, dry_run=True)
    assert result["n_rows"] == 2
    assert result["kinds"]["transactions"]["months"] == {"2017-01": 1, "2017-02": 1}
    assert Transaction.objects.count() == 2
    assert not list(data_dir.rglob("*.parquet"))


def test_rows_leave_in_chunks(bought, monkeypatch):
    monkeypatch.setattr(purging, "CHUNK_ROWS", 3)
    monkeypatch.setattr(purging, "DELETE_ROWS", 2)
    for number in range(10):
        bought(f"T{number}", dt.date(2017, 1, 1 + number))
    archive.purge(as_of=D)
    assert len(archived_ids()) == 10
    assert not Transaction.objects.exists()


def test_a_second_purge_in_small_batches_keeps_what_was_there_and_replaces_what_came_again(bought, monkeypatch):
    monkeypatch.setattr(purging, "CHUNK_ROWS", 3)
    monkeypatch.setattr(files, "BATCH_ROWS", 2)
    for number in range(7):
        bought(f"T{number}", dt.date(2017, 1, 1 + number), amount="1.00")
    archive.purge(as_of=D)
    for number in (1, 4, 7, 8, 9):
        bought(f"T{number}", dt.date(2017, 1, 1 + number), amount="2.00")
    assert archive.purge(as_of=D)["n_rows"] == 5
    again = {"T1", "T4", "T7", "T8", "T9"}
    assert dict(archived().select("transaction_id", "amount_cents").rows()) == {
        f"T{number}": 200 if f"T{number}" in again else 100 for number in range(10)
    }


def test_a_row_that_is_lost_of_the_old_file_is_noticed(bought, monkeypatch):
    bought("old", dt.date(2017, 1, 4))
    archive.purge(as_of=D)
    bought("T1", dt.date(2017, 1, 5))
    works = files.merge

    def loses_the_old(*args, into, **kwargs):
        n_kept = works(*args, into=into, **kwargs)
        pl.read_parquet(into).filter(pl.col("transaction_id") != "old").write_parquet(into)
        return n_kept

    with monkeypatch.context() as patch:
        patch.setattr(files, "merge", loses_the_old)
        with pytest.raises(Refused, match="nothing was deleted"):
            archive.purge(as_of=D)
    assert everything() == ["T1", "old"]


@pytest.mark.parametrize("microseconds", [0, 1, 500_000, 999_999])
@pytest.mark.parametrize("day", [dt.date(1969, 12, 31), dt.date(2017, 1, 5)])
def test_a_time_is_archived_to_the_microsecond(bought, day, microseconds):
    moment = dt.timedelta(hours=23, minutes=59, seconds=59, microseconds=microseconds)
    row = bought("T1", day, moment=moment)
    archive.purge(as_of=D)
    found = archive.scan(kind="transactions", since=dt.date(1960, 1, 1), until=D).collect()
    assert found["occurred_at"].to_list() == [row.occurred_at]


@pytest.mark.parametrize("amount", ["0.01", "0.29", "1.15", "4.35", "1000000000000.00", "123456789012.34"])
def test_an_amount_is_archived_to_the_cent(bought, amount):
    bought("T1", dt.date(2017, 1, 5), amount=amount)
    archive.purge(as_of=D)
    assert archived()["amount_cents"].to_list() == [int(Decimal(amount) * 100)]


STAGES = [
    (purging, "_write_incoming"),
    (files, "merge"),
    (purging, "_compare"),
    (files, "put"),
    (files, "_note"),
    (files, "record"),
    (files, "drop_keys"),
    (purging, "_delete"),
]


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("module", "stage"), STAGES, ids=[stage for _, stage in STAGES])
def test_broken_off_at_any_stage_it_loses_and_doubles_nothing(bought, monkeypatch, module, stage, is_after):
    bought("old", dt.date(2017, 1, 4))
    archive.purge(as_of=D)
    bought("T1", dt.date(2017, 1, 5))
    bought("T2", dt.date(2017, 2, 5))
    works = getattr(module, stage)

    def breaks(*args, **kwargs):
        if is_after:
            works(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, stage, breaks)
        with pytest.raises(KeyboardInterrupt):
            archive.purge(as_of=D)
    assert everything() == ["T1", "T2", "old"]
    archive.purge(as_of=D)
    assert archived_ids() == ["T1", "T2", "old"]
    assert not Transaction.objects.exists()


def test_broken_off_between_two_chunks_of_deletion_the_next_run_finishes(bought, monkeypatch):
    monkeypatch.setattr(purging, "DELETE_ROWS", 1)
    bought("T1", dt.date(2017, 1, 5))
    bought("T2", dt.date(2017, 1, 6))
    works, calls = purging._delete_chunk, []

    def breaks(*args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return works(*args)

    with monkeypatch.context() as patch:
        patch.setattr(purging, "_delete_chunk", breaks)
        with pytest.raises(KeyboardInterrupt):
            archive.purge(as_of=D)
    assert Transaction.objects.count() == 1
    archive.purge(as_of=D)
    assert archived_ids() == ["T1", "T2"]


def test_a_row_that_changes_while_it_is_being_archived_stays(bought, monkeypatch):
    row = bought("T1", dt.date(2017, 1, 5), amount="1.00")
    works = purging._delete

    def changed_first(*args):
        Transaction.objects.filter(pk=row.pk).update(amount=Decimal("2.00"))
        return works(*args)

    monkeypatch.setattr(purging, "_delete", changed_first)
    archive.purge(as_of=D)
    assert Transaction.objects.get().amount == Decimal("2.00")


def test_nothing_is_deleted_when_what_is_read_back_differs(bought, monkeypatch):
    bought("T1", dt.date(2017, 1, 5))
    works = files.merge

    def loses_a_cent(*args, into, **kwargs):
        n_kept = works(*args, into=into, **kwargs)
        pl.read_parquet(into).with_columns(pl.col("amount_cents") - 1).write_parquet(into)
        return n_kept

    monkeypatch.setattr(files, "merge", loses_a_cent)
    with pytest.raises(Refused, match="nothing was deleted"):
        archive.purge(as_of=D)
    assert Transaction.objects.count() == 1
    assert not ArchiveFile.objects.exists()


@pytest.fixture
def damaged(bought, data_dir):
    bought("T1", dt.date(2017, 1, 5))
    archive.purge(as_of=D)
    path = data_dir / "archive/transactions/2017-01.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return path


def test_a_damaged_file_is_refused_when_it_is_read(damaged):
    with pytest.raises(Refused, match=r"2017-01\.parquet does not match its checksum"):
        archived()


def test_a_damaged_file_is_refused_by_the_purge_and_its_month_stays_in_the_database(damaged, bought):
    bought("T2", dt.date(2017, 1, 6))
    with pytest.raises(Refused, match="does not match its checksum"):
        archive.purge(as_of=D)
    assert Transaction.objects.get().transaction_id == "T2"


def test_a_missing_file_is_refused(damaged):
    damaged.unlink()
    with pytest.raises(Refused, match="is missing"):
        archived()


def test_a_checksum_file_stands_beside_each_file(bought, data_dir):
    bought("T1", dt.date(2017, 1, 5))
    archive.purge(as_of=D)
    beside = (data_dir / "archive/transactions/2017-01.parquet.sha256").read_text()
    assert beside == f"{ArchiveFile.objects.get().sha256}  2017-01.parquet\n"


def test_another_app_adds_a_kind_by_declaring_it(customer, monkeypatch):
    monkeypatch.setattr(kinds, "_registered", dict(kinds._registered))
    archive.register(
        archive.Archivable(
            kind="customers",
            rows=Customer.objects.all,
            columns={
                "customer_id": archive.Column(source="customer_id", dtype=pl.String()),
                "registered_on": archive.Column(source="registered_on", dtype=pl.Date()),
            },
            key=("customer_id",),
            time="registered_on",
            retention_days=lambda: 365,
        )
    )
    archive.purge(as_of=D)
    assert archived("customers").rows() == [("007", dt.date(2016, 1, 1))]


def test_the_command_prints_one_json_object(bought):
    bought("T1", dt.date(2017, 1, 5))
    out = StringIO()
    call_command("purge_expired", as_of=D, dry_run=True, json=True, stdout=out)
    assert json.loads(out.getvalue())["kinds"]["transactions"]["n_rows"] == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_purge_waits_for_another_one_on_postgresql(bought, monkeypatch):
    import psycopg

    bought("T1", dt.date(2017, 1, 5))
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    params = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{k: params[k] for k in names if params.get(k)}, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, 0)", [key(purging.LOCK)])
        with pytest.raises(Exception, match="lock timeout"), transaction.atomic():
            archive.purge(as_of=D)
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
    assert archive.purge(as_of=D)["n_rows"] == 1
