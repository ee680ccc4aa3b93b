"""Events that change no row, such as a login, an export or a refusal."""

from typing import Any

from django.db.models import Model

from customers.audit.actor import current
from customers.models import AuditEntry, Customer


def note(event: str, *, subject: Model | None = None, facts: dict[str, Any] | None = None) -> AuditEntry:
    """Add an entry about `subject` with `facts`, which must be fit for JSON and hold no personal data."""
    actor = current()
    about: dict[str, Any] = {}
    if subject is not None:
        about = {"table": subject._meta.db_table, "row": str(subject.pk)}
        about["customer_pk"] = subject.pk if isinstance(subject, Customer) else getattr(subject, "customer_id", None)
    return AuditEntry.objects.create(
        user_id=actor.user_id,
        who=actor.who,
        key=actor.key,
        via=actor.via,
        source=actor.source,
        action=AuditEntry.Action.NOTE,
        event=event[:60],
        after=facts,
        **about,
    )
