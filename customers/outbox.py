"""What other systems are to hear of: an event is stored with the fact that it tells, neither is without the other.

`emit` writes the event and a delivery for each webhook that wants it, in the caller's transaction. Sending begins once
that is committed; where the queue does not answer, the schedule finds what waits within a minute (the pattern is called
a transactional outbox: Richardson, Microservices Patterns, 2018, chapter 3).
"""

import logging
from collections.abc import Iterable
from itertools import islice
from typing import Any

from celery import current_app
from django.db import transaction

from customers.models import Delivery, Event, Webhook

__all__ = ["Kind", "emit", "emit_all", "emit_to", "is_wanted", "wake"]

Kind = Event.Kind
WAVE = 500
"""Events that are stored at a time, so that memory does not grow with them."""

_log = logging.getLogger(__name__)


def is_wanted(kind: str) -> bool:
    """Whether anybody listens: for whoever would first have to find out what there is to tell."""
    return bool(_listeners(kind))


def emit(kind: str, data: dict[str, Any]) -> None:
    """Tell of one event; `data` has keys and figures, and no names of people. Nothing is stored if nobody listens."""
    emit_all(kind, [data])


def emit_all(kind: str, data: Iterable[dict[str, Any]]) -> None:
    """Tell of several events of a kind."""
    if webhooks := _listeners(kind):
        _store(kind, data, webhooks)


def emit_to(webhook: Webhook, kind: str, data: dict[str, Any]) -> None:
    """Tell one webhook, whatever it asked for."""
    _store(kind, [data], [webhook.pk])


def _store(kind: str, data: Iterable[dict[str, Any]], webhooks: list[Any]) -> None:
    with transaction.atomic():
        stream = iter(data)
        while wave := [Event(kind=kind, data=one) for one in islice(stream, WAVE)]:
            events = Event.objects.bulk_create(wave)
            Delivery.objects.bulk_create(
                [Delivery(event=event, webhook_id=webhook) for event in events for webhook in webhooks], batch_size=WAVE
            )
        for webhook in webhooks:
            transaction.on_commit(lambda webhook=webhook: wake(webhook))  # type: ignore[misc]


def wake(webhook: Any) -> None:
    """Ask for what waits for a webhook to be sent; the schedule does, should the queue not answer.

    Without a queue nobody shall wait for another system's answer: then it is left to the schedule as well.
    """
    from customers.tasks import deliver

    if current_app.conf.task_always_eager:
        return
    try:
        deliver.delay(str(webhook))
    except Exception as error:  # noqa: BLE001 - whatever the queue's client raises, the fact is stored
        _log.warning("The queue does not answer (%s); what waits is sent by the schedule.", type(error).__name__)


def _listeners(kind: str) -> list[Any]:
    active = Webhook.objects.filter(is_active=True).order_by("created_at").values_list("pk", "kinds")
    return [pk for pk, kinds in active if kind in kinds]
