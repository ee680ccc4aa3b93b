"""Personal data in answers: masked for people without the right to see it; machines of the CRM, where it comes from,
see it."""

from typing import Any

from django.db.models import Model
from rest_framework.request import Request

from customers import personal
from customers.personal.holdings import personal_fields
from customers.rest.keys import person

__all__ = ["may_see", "told"]


def may_see(request: Request) -> bool:
    """Whether the caller sees personal data."""
    user = person(request)
    return user is None or personal.may_see(user)


def told(row: dict[str, Any], model: type[Model], *, is_open: bool) -> dict[str, Any]:
    """The row, with a mask in place of personal values unless it is open to the caller."""
    if is_open:
        return row
    hidden = {name: personal.MASK for name in personal_fields(model) & row.keys() if row[name] not in (None, "")}
    return {**row, **hidden}
