"""Celery tasks of the facts: each takes ids, and is safe to run twice or at the same time."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from customers import exports, outbox, webhooks
from customers.ingest import load_upload
from customers.ingest import process_waiting as process
from customers.jobs import Working, background
from customers.models import Webhook
from customers.rest import answers


@shared_task(name="customers.import_file")
def import_file(pk: int) -> dict[str, Any] | None:
    """Load one upload; does nothing when another worker has it or it is done."""
    report = load_upload(pk)
    # Reasons repeat values, and what a task returns is kept with the queue.
    return {name: one for name, one in report.as_json().items() if name != "errors"} if report else None


@shared_task(name="customers.process_waiting")
def process_waiting() -> dict[str, int]:
    """Load the uploads that wait, and the rows whose customers came."""
    return process()


@shared_task(name="customers.deliver", acks_late=True)
def deliver(webhook_id: str) -> int:
    """Send what waits for one webhook."""
    webhook = Webhook.objects.filter(pk=webhook_id, is_active=True).first()
    return webhooks.deliver_due(webhook) if webhook else 0


@shared_task(name="customers.deliver_waiting")
def deliver_waiting() -> int:
    """Every minute: ask for what waits, also what the queue lost, to be sent, a task for each webhook."""
    waiting = webhooks.due(now=timezone.now()).order_by().values_list("webhook", flat=True).distinct()
    for webhook in waiting:
        outbox.wake(webhook)
    return len(waiting)


@shared_task(name="customers.forget_old")
def forget_old() -> dict[str, int]:
    """Every hour: let go of answers kept for repeated calls, of events told long ago, and of files past their time."""
    return {"answers": answers.expire(), "events": webhooks.forget_old(), "files": exports.sweep()}


@background("customers.export_list")
def export_list(job: Working, *, page: str, kind: str, asked: str) -> dict[str, Any]:
    """The file of a large list, as whoever asked for it sees the list."""
    from customers.admin import exporting

    return exporting.work(job, page=page, kind=kind, asked=asked)
