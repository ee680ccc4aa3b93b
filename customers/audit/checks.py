"""Whether the triggers of the audit log are in place, as a system check: `manage.py check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as Warned

from customers.audit import triggers

W001 = "customers.W001"


@register(Tags.database)
def triggers_are_in_place(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """One warning for each database in which writes go unrecorded; no error, which would stop `migrate`, the remedy."""
    lost = {one: missing for one in databases or () if (missing := triggers.missing(using=one))}
    hint = "Run `manage.py migrate`: it puts them back."
    return [
        Warned(f"The audit log lacks {len(names)} triggers in the database {one}.", hint=hint, id=W001)
        for one, names in lost.items()
    ]
