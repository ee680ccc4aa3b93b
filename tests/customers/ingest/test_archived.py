"""Rows that are in the archive already."""

import datetime as dt

import pytest

from customers import archive
from customers.commands import Advance
from customers.models import Transaction
from tests.customers.ingest.files import TRANSACTIONS, counts, csv_file, customers, load

pytestmark = pytest.mark.django_db


@pytest.fixture
def archived(tmp_path):
    customers("A")
    path = csv_file(tmp_path, f"{TRANSACTIONS},product_category", "1,A,2020-01-31 23:59,5.10,x", "2,A,2020-02-01,7,")
    load(path, "transactions")
    archive.purge(as_of=dt.date(2021, 1, 1), dry_run=False, advance=Advance())
    assert not Transaction.objects.exists()
    return path


def test_archived_rows_sent_again_are_unchanged_and_stay_where_they_are(archived):
    assert counts(load(archived, "transactions")) == (2, 0, 0, 2, 0)
    assert not Transaction.objects.exists()


def test_an_archived_row_with_other_content_comes_back_updated(archived, tmp_path):
    path = csv_file(tmp_path, TRANSACTIONS, "1,A,2020-01-31 23:59,6", "3,A,2020-01-31,6", name="new.csv")
    assert counts(load(path, "transactions")) == (2, 1, 1, 0, 0)
    assert counts(load(path, "transactions")) == (2, 0, 0, 2, 0)
