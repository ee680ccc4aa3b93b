"""Events on their way to other systems: signed, tried again with longer and longer pauses, sent again when staff ask.

Signature, headers and pauses are those of the Standard Webhooks specification (standardwebhooks.com), so that receivers
have libraries for it: `webhook-signature` is `v1,` and the base64 of HMAC-SHA256, with the secret, over
`{webhook-id}.{webhook-timestamp}.{body}`. While a secret is being replaced there are two signatures, one by each.
"""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import time
from typing import Any

import orjson
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from customers import sending
from customers.models import Delivery, Event, Webhook

__all__ = ["PAUSES", "deliver_due", "due", "make", "replay", "rotate", "sign"]

State = Delivery.State
PREFIX = "whsec_"
PAUSES = tuple(dt.timedelta(seconds=one) for one in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
BOTH_VALID_FOR = dt.timedelta(days=7)
KEPT = dt.timedelta(days=90)
_CLAIM = dt.timedelta(seconds=sending.SECONDS * 6)
_TURN_SECONDS = 120.0


def make(*, url: str, kinds: list[str], user: Any = None, description: str = "") -> Webhook:
    """A webhook with a secret of its own."""
    facts = {"url": url, "kinds": sorted(kinds), "description": description, "created_by": user}
    return Webhook.objects.create(secret=fresh_secret(), **facts)


def fresh_secret() -> str:
    """256 random bits, in the form that receivers' libraries take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def rotate(webhook: Webhook) -> Webhook:
    """A new secret; for a week each event is signed by the old one too."""
    webhook.previous_secret, webhook.previous_secret_until = webhook.secret, timezone.now() + BOTH_VALID_FOR
    webhook.secret = fresh_secret()
    webhook.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
    return webhook


def sign(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature of a message."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def due(*, now: dt.datetime) -> QuerySet[Delivery]:
    """Deliveries whose time has come and that nobody is sending."""
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    return Delivery.objects.filter(free, state=State.WAITING, next_attempt_at__lte=now, webhook__is_active=True)


def deliver_due(webhook: Webhook) -> int:
    """Send what waits for a webhook, the oldest first, for some minutes at most; returns how many arrived."""
    end, n_arrived = time.monotonic() + _TURN_SECONDS, 0
    while time.monotonic() < end:
        delivery = _claimed(webhook)
        if delivery is None:
            break
        status = _send(delivery)
        if status is None:  # whoever does not answer now is left alone until the next turn
            break
        n_arrived += _is_good(status)
    return n_arrived


@transaction.atomic
def replay(deliveries: QuerySet[Delivery]) -> int:
    """Send deliveries again from the start, whatever came of them; returns how many."""
    from customers.outbox import wake

    webhooks = set(deliveries.order_by().values_list("webhook", flat=True))
    again = {"state": State.WAITING, "n_attempts": 0, "next_attempt_at": timezone.now(), "claimed_until": None}
    n = deliveries.update(**again, error="", status=None, delivered_at=None)
    for webhook in webhooks:
        transaction.on_commit(lambda webhook=webhook: wake(webhook))  # type: ignore[misc]
    return n


def forget_old() -> int:
    """Let go of events that were told long ago; returns how many."""
    old = Event.objects.filter(happened_at__lt=timezone.now() - KEPT)
    n, by_model = old.exclude(deliveries__state=State.WAITING).delete()
    return by_model.get(Event._meta.label, 0) if n else 0


def _claimed(webhook: Webhook) -> Delivery | None:
    now = timezone.now()
    waiting = due(now=now).filter(webhook=webhook)
    for pk in waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:10]:
        if due(now=now).filter(pk=pk).update(claimed_until=now + _CLAIM, n_attempts=F("n_attempts") + 1):
            return Delivery.objects.select_related("event", "webhook").get(pk=pk)
    return None


def _send(delivery: Delivery) -> int | None:
    body = orjson.dumps(_message(delivery.event))
    status, error = None, ""
    try:
        status = sending.post(delivery.webhook.url, body=body, headers=_headers(delivery, body))
    except sending.NotSentError as reason:
        error = reason.reason
    if _is_good(status):
        _keep(delivery, state=State.DELIVERED, status=status, delivered_at=timezone.now())
    else:
        _try_later(delivery, status=status, error=error)
    return status


def _is_good(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _try_later(delivery: Delivery, *, status: int | None, error: str) -> None:
    facts: dict[str, Any] = {"status": status, "error": error[:100]}
    if delivery.n_attempts > len(PAUSES):
        _keep(delivery, state=State.FAILED, **facts)
        return
    _keep(delivery, next_attempt_at=timezone.now() + PAUSES[delivery.n_attempts - 1], **facts)


def _keep(delivery: Delivery, **facts: Any) -> None:
    """Unless it was asked to be sent again meanwhile, which begins anew."""
    mine = Delivery.objects.filter(pk=delivery.pk, claimed_until=delivery.claimed_until)
    mine.update(claimed_until=None, **({"error": ""} | facts))


def _message(event: Event) -> dict[str, Any]:
    return {"type": event.kind, "timestamp": event.happened_at.isoformat(), "data": event.data}


def _headers(delivery: Delivery, body: bytes) -> dict[str, str]:
    timestamp, message_id = int(time.time()), str(delivery.event_id)
    hook = delivery.webhook
    valid = [hook.secret]
    if hook.previous_secret_until and hook.previous_secret_until > timezone.now():
        valid.append(hook.previous_secret)
    signatures = [sign(one, message_id=message_id, timestamp=timestamp, body=body) for one in valid]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Shanjiaxia",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
