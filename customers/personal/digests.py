"""Erased customer IDs as digests: they tell whether a given ID was erased, and no ID can be read from them."""

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings
from django.utils.encoding import force_bytes

from customers.models import Tombstone

PURPOSE = b"customers.personal.erasure"


def digest(customer_id: str) -> str:
    """HMAC-SHA-256 of the ID under a key of this installation, in hexadecimal."""
    return _digest(customer_id, settings.SECRET_KEY)


def digests(customer_id: str) -> list[str]:
    """With the key of today first, then with those that it followed (SECRET_KEY_FALLBACKS)."""
    return [_digest(customer_id, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def is_erased(customer_id: str) -> bool:
    """Whether the ID was erased, and nobody has let it come back."""
    return Tombstone.objects.filter(digest__in=digests(customer_id)).exists()


def erased_among(customer_ids: Iterable[str]) -> set[str]:
    """Those of the IDs that were erased; one query, and nothing more where none ever was."""
    stones = set(Tombstone.objects.values_list("digest", flat=True))
    return {one for one in customer_ids if not stones.isdisjoint(digests(one))} if stones else set()


def _digest(customer_id: str, key: str | bytes) -> str:
    salt = hashlib.sha256(PURPOSE + force_bytes(key)).digest()
    return hmac.new(salt, customer_id.encode(), hashlib.sha256).hexdigest()
