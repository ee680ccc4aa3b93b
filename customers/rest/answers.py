"""Calls that are sent again: with the same Idempotency-Key they do nothing more and get the first answer again.

The answer is stored in the transaction of the work, so that both are there or neither: whoever gets no answer sends
the call again. (IETF draft "The Idempotency-Key HTTP Header Field".) Only answers of success are kept: after an error
nothing was done, and the same key may come with the body mended.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from customers.models import Answer
from customers.rest.keys import Key
from customers.rest.problems import KeyReused

__all__ = ["HEADER", "KEPT", "REPLAYED", "expire", "once"]

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEPT = dt.timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_HEADERS = ("Content-Type", "Location", "ETag")


def once(request: Request, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `work`, or the one that it gave to this key before."""
    key = request.headers.get(HEADER)
    if key is None:
        return work()
    if not _KEY.fullmatch(key):
        raise ValidationError({HEADER: [_("1 to 255 visible characters of ASCII.")]})
    row = Answer(caller=_caller(request), key=key, fingerprint=_fingerprint(request))
    return _kept(row) or _done(row, work)


def expire() -> int:
    """Let go of answers that are too old to be asked for; returns how many."""
    n, _by_model = Answer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return n


def _done(row: Answer, work: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        with transaction.atomic():
            # A call at the same time waits here until this one is done.
            Answer.objects.filter(caller=row.caller, key=row.key, created_at__lt=timezone.now() - KEPT).delete()
            with transaction.atomic():
                row.save(force_insert=True)
            response = work()
            _keep(row, response)
    except IntegrityError:
        if (kept := _kept(row)) is None:
            raise
        return kept
    return response


def _keep(row: Answer, response: HttpResponse) -> None:
    if response.status_code >= 400:
        transaction.set_rollback(True)
        return
    row.status = response.status_code
    row.headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
    row.body = response.content
    row.save(update_fields=["status", "headers", "body"])


def _kept(row: Answer) -> HttpResponse | None:
    found = Answer.objects.filter(caller=row.caller, key=row.key, created_at__gte=timezone.now() - KEPT).first()
    if found is None:
        return None
    if found.fingerprint != row.fingerprint:
        raise KeyReused
    return HttpResponse(bytes(found.body), status=found.status, headers={**found.headers, REPLAYED: "true"})


def _caller(request: Request) -> str:
    if isinstance(request.auth, Key):
        return f"key:{request.auth.pk}"
    return f"user:{request.user.pk}"


def _fingerprint(request: Request) -> str:
    whole: Any = hashlib.sha256()
    for part in (str(request.method).encode(), request.get_full_path().encode(), request.body):
        whole.update(hashlib.sha256(part).digest())
    return str(whole.hexdigest())
