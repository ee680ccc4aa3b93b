"""Is the process alive, and can it serve? Two addresses for whoever watches: plain, quick, and without a cache."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from customers.clock import business_date
from customers.models import Run
from customers.models.runs import State
from predictions.models import ModelVersion

__all__ = ["CHECKS", "alive", "ready"]

# A daily run may be this old before the predictions count as stale.
LATE_AFTER = dt.timedelta(days=1)
_log = logging.getLogger(__name__)


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as requests are answered at all; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 where all that serving needs is there, else 503; the body names each."""
    found = {name: _tried(name, check) for name, check in CHECKS.items()}
    is_ready = all(one == "ok" for one in found.values())
    body = {"status": "ok" if is_ready else "not ready", "checks": found}
    return JsonResponse(body, status=200 if is_ready else 503)


def database() -> str:
    """It answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def broker() -> str:
    """Redis answers, where there is one; the queue within the process always does."""
    if not settings.REDIS_URL:
        return "ok"
    client: Any = cache
    return "ok" if client.client.get_client().ping() else "no answer"


def champion() -> str:
    """There is a model to score with."""
    return "ok" if ModelVersion.objects.filter(role=ModelVersion.Role.CHAMPION).exists() else "no model"


def daily_run() -> str:
    """The last daily run is done, and of today or yesterday; one under way does not count as late."""
    last = Run.objects.filter(kind=Run.Kind.DAILY).order_by("-as_of").first()
    if last is None:
        return "never ran"
    if last.as_of < business_date() - LATE_AFTER:
        return "late"
    return "failed" if last.state == State.FAILED else "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "broker": broker,
    "champion_model": champion,
    "daily_run": daily_run,
}


def _tried(name: str, check: Callable[[], str]) -> str:
    from redis.exceptions import RedisError

    try:
        return check()
    except (DatabaseError, RedisError, OSError) as error:
        _log.warning("The check of the %s failed: %s", name, type(error).__name__)
        return "no answer"
