"""What takes long and stays the same is made once and remembered for some minutes."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.core.cache import cache

__all__ = ["remembered"]

KEPT_SECONDS = 600


def remembered(key: Any, make: Callable[[], Any], *, seconds: int = KEPT_SECONDS) -> Any:
    """What `make` gives; `key` names everything that it depends on."""
    name = f"home:{hashlib.sha256(repr(key).encode()).hexdigest()}"
    found = cache.get(name)
    if found is None:
        found = make()
        cache.set(name, found, seconds)
    return found
