"""Keys of machines: made, shown once, known by their hash, replaced and revoked.

A key is 256 random bits, so that one round of SHA-256 is enough to keep it (OWASP Password Storage Cheat Sheet is about
what people choose). Every process remembers a key that it looked up for some seconds: a call costs no query then, and a
revoked key is refused everywhere after KNOWN_FOR at the latest.
"""

import datetime as dt
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from customers.clock import business_date
from customers.models import ApiKey

__all__ = ["ApiKeyAuthentication", "Key", "Machine", "forget", "make", "person", "replace", "revoke"]

KEYWORD = "Api-Key"
MARK = "sjx_"
KNOWN_FOR = 10.0
GRACE = dt.timedelta(days=7)
_PREFIX, _MOST_KNOWN = 8, 10_000
_known: dict[str, tuple[float, "Key"]] = {}


@dataclass(frozen=True, kw_only=True)
class Key:
    """What a call needs to know of its key."""

    pk: int
    name: str
    scopes: frozenset[str]
    requests_per_minute: int | None
    expires_at: dt.datetime | None


class Machine:
    """Who calls with a key: nobody of the staff."""

    pk = id = None
    is_authenticated = is_active = True
    is_anonymous = is_staff = is_superuser = False

    def __init__(self, key: Key) -> None:
        self.key = key

    def __str__(self) -> str:
        return self.key.name

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        """A machine has scopes, no permissions."""
        return False


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key sjx_…`."""

    def authenticate(self, request: Request) -> tuple[Machine, Key] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD.lower().encode():
            return None
        if len(words) != 2:
            raise AuthenticationFailed
        key = _found(hashlib.sha256(words[1]).hexdigest())
        return Machine(key), key

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


def make(*, name: str, scopes: list[str], user: Any = None, **options: Any) -> tuple[ApiKey, str]:
    """A new key, and its text, which is shown now and never again."""
    text = MARK + secrets.token_urlsafe(32)
    digest = hashlib.sha256(text.encode()).hexdigest()
    prefix = text[len(MARK) :][:_PREFIX]
    key = ApiKey.objects.create(
        name=name, scopes=sorted(scopes), digest=digest, prefix=prefix, created_by=user, **options
    )
    return key, text


@transaction.atomic
def replace(old: ApiKey, *, user: Any = None, grace: dt.timedelta = GRACE) -> tuple[ApiKey, str]:
    """A successor with the same name and scopes; the old key goes on for `grace`, at most to its own end."""
    ends = timezone.now() + grace
    ApiKey.objects.filter(pk=old.pk).update(expires_at=min(old.expires_at or ends, ends))
    facts = {"requests_per_minute": old.requests_per_minute, "replaces": old}
    return make(name=old.name, scopes=old.scopes, user=user, **facts)


def revoke(key: ApiKey) -> None:
    """The key opens nothing any more."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    forget()


def person(request: Request) -> Any:
    """The user who calls; None where a machine does."""
    user: Any = request.user
    return None if isinstance(user, Machine) else user


def forget() -> None:
    """Let go of what this process remembers of keys."""
    _known.clear()


def _found(digest: str) -> Key:
    until, key = _known.get(digest, (0.0, None))
    if key is None or until < time.monotonic():
        key = _looked_up(digest)
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[digest] = (time.monotonic() + KNOWN_FOR, key)
    if key.expires_at is not None and key.expires_at <= timezone.now():
        raise AuthenticationFailed
    return key


def _looked_up(digest: str) -> Key:
    row = ApiKey.objects.filter(digest=digest, revoked_at=None).first()
    if row is None:
        raise AuthenticationFailed
    if row.last_used_on != (today := business_date()):
        ApiKey.objects.filter(pk=row.pk).update(last_used_on=today)
    return Key(
        pk=row.pk,
        name=row.name,
        scopes=frozenset(row.scopes),
        requests_per_minute=row.requests_per_minute,
        expires_at=row.expires_at,
    )
