"""How many requests a caller may make in a minute: one counter a caller and minute, in Redis or in the process.

A counter a fixed window costs one command however high the limit; a caller may make twice the limit around the turn of
a minute. Without Redis, or while it does not answer, each process counts for itself.
"""

import time
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from customers.rest.keys import Key

__all__ = ["ByAddress", "ByCaller", "address_of", "forget"]

MINUTE = 60
_MOST_COUNTED = 100_000
_counted: Counter[str] = Counter()


class ByCaller(BaseThrottle):
    """By key or user; whoever shows neither is counted by address."""

    def allow_request(self, request: Request, view: Any) -> bool:
        who, limit = _caller(request)
        return _count(who) <= limit

    def wait(self) -> float:
        return MINUTE - time.time() % MINUTE + 1


class ByAddress(ByCaller):
    """For attempts to sign in."""

    def allow_request(self, request: Request, view: Any) -> bool:
        return _count(f"login:{address_of(request)}") <= settings.API_LOGINS_PER_MINUTE


def forget() -> None:
    """Begin to count anew in this process."""
    _counted.clear()


def _caller(request: Request) -> tuple[str, int]:
    if isinstance(request.auth, Key):
        return f"key:{request.auth.pk}", request.auth.requests_per_minute or settings.API_REQUESTS_PER_MINUTE
    if request.user.is_authenticated:
        return f"user:{request.user.pk}", settings.API_REQUESTS_PER_MINUTE
    return f"address:{address_of(request)}", settings.API_REQUESTS_PER_MINUTE


def address_of(request: Any) -> str:
    """Where a request came from.

    Behind a proxy it is the last address of X-Forwarded-For, which our proxy put there; what stands before it, the
    client may have made up.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return str(forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))


def _count(who: str) -> int:
    name = f"requests:{who}:{int(time.time()) // MINUTE}"
    if settings.REDIS_URL and (counted := _in_redis(name)):
        return counted
    if len(_counted) > _MOST_COUNTED:
        _counted.clear()
    _counted[name] += 1
    return _counted[name]


def _in_redis(name: str) -> int:
    """The count, 0 where Redis does not answer."""
    from redis.exceptions import RedisError

    try:
        client = cache.client.get_client()  # type: ignore[attr-defined]
        key = cache.make_key(name)
        counted: int = client.incr(key)
        if counted == 1:
            client.expire(key, 2 * MINUTE)
    except (RedisError, OSError):
        return 0
    return counted
