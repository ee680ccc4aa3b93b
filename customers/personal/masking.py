"""Who sees names and other personal data: those with the permission `customers.view_personal`; others see a mask."""

from typing import Any

from customers.audit.actor import current

__all__ = ["MASK", "PERMISSION", "label", "masked", "may_see", "reader_may_see", "shown"]

PERMISSION = "customers.view_personal"
MASK = "•••"


def may_see(user: Any) -> bool:
    """Whether a user has the right; nobody who is not known has it."""
    return user is not None and bool(user.has_perm(PERMISSION))


def masked(value: Any, user: Any) -> Any:
    """The value for those who have the right, a mask for others; what is empty stays empty."""
    return value if value in (None, "") or may_see(user) else MASK


def reader_may_see() -> bool:
    """Whether whoever is at work now may: a page's reader with the right, or a program, which nobody reads over."""
    actor = current()
    is_read = actor.user_id is not None or actor.via in ("admin", "api")
    return may_see(actor.user) if is_read else True


def shown(value: Any) -> Any:
    """The value as whoever is at work now may see it."""
    return value if value in (None, "") or reader_may_see() else MASK


def label(customer_id: str, name: str) -> str:
    """What a customer is called: by the ID, and by name where a reader with the right is known to look at it.

    Programs call customers by the ID alone: what they say may end in a log.
    """
    return f"{customer_id} {name}".strip() if may_see(current().user) else customer_id
