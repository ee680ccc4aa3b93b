"""Celery tasks of the import: each takes ids, and is safe to run twice or at the same time."""

from typing import Any

from celery import shared_task

from customers.ingest import load_upload
from customers.ingest import process_waiting as process


@shared_task(name="customers.import_file")
def import_file(pk: int) -> dict[str, Any] | None:
    """Load one upload; does nothing when another worker has it or it is done."""
    report = load_upload(pk)
    return report.as_json() if report else None


@shared_task(name="customers.process_waiting")
def process_waiting() -> dict[str, int]:
    """Load the uploads that wait, and the rows whose customers came."""
    return process()
