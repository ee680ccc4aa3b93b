"""Small files to import, and what came of them."""

import datetime as dt
from pathlib import Path

from customers.ingest import FileReport, load_file
from customers.models import Customer, SetAsideRow

TRANSACTIONS = "transaction_id,customer_id,occurred_at,amount"


def csv_file(folder: Path, *lines: str, name: str = "file.csv", end: str = "\n") -> Path:
    path = folder / name
    path.write_bytes((end.join(lines) + end).encode())
    return path


def load(path: Path, kind: str, **options) -> FileReport:
    return load_file(path=path, kind=kind, **options)


def customers(*ids: str) -> None:
    Customer.objects.bulk_create(Customer(customer_id=i, registered_on=dt.date(2020, 1, 1)) for i in ids)


def counts(report) -> tuple[int, int, int, int, int]:
    return report.read, report.added, report.updated, report.unchanged, report.set_aside


def reasons(line: int) -> list[tuple[str, str]]:
    row = SetAsideRow.objects.get(line=line)
    return [(why["column"], why["code"]) for why in row.reasons]
