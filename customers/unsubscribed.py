"""Customers who unsubscribed are held back: their interactions say so, and the holds are noted from them in sets.

Noting twice changes nothing. Staff may end such a hold when a customer asks to be written to again; a later
unsubscribing opens it again from that day on.
"""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Exists, Max, Min, OuterRef

from customers.clock import business_zone
from customers.models import Hold, Interaction

__all__ = ["SOURCE", "note"]

SOURCE = "unsubscribe"
BATCH = 2_000


def note() -> int:
    """Hold back everybody with an unsubscribe event in the database who is not held for it; returns how many."""
    events = Interaction.objects.filter(kind=Interaction.Kind.UNSUBSCRIBE)
    is_held = Exists(Hold.objects.filter(customer=OuterRef("customer"), source=SOURCE, until=None))
    # Mostly there is nobody; an index alone tells so, without a look at the events.
    people = list(events.exclude(is_held).order_by("customer").values_list("customer_id", flat=True).distinct())
    spans = dict(_spans(people))
    ended = {hold.customer_id: hold for hold in Hold.objects.filter(source=SOURCE, until__isnull=False)}
    fresh = [_hold(pk, first) for pk, (first, _last) in spans.items() if pk not in ended]
    Hold.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)
    return len(fresh) + _open_again({pk: last for pk, (_first, last) in spans.items() if pk in ended}, ended)


def _spans(people: list[int]) -> Iterator[tuple[int, tuple[dt.date, dt.date]]]:
    """The first and the last day on which each unsubscribed."""
    for start in range(0, len(people), BATCH):
        events = Interaction.objects.filter(
            kind=Interaction.Kind.UNSUBSCRIBE, customer__in=people[start : start + BATCH]
        )
        times = events.order_by().values_list("customer").annotate(Min("occurred_at"), Max("occurred_at"))
        for pk, first, last in times:
            yield pk, (_day(first), _day(last))


def _hold(customer: int, since: dt.date) -> Hold:
    return Hold(customer_id=customer, kind=Hold.Kind.UNSUBSCRIBED, source=SOURCE, since=since)


def _open_again(last: dict[int, dt.date], ended: dict[int, Hold]) -> int:
    """Those whose hold was ended and who unsubscribed on its end or later."""
    opened = []
    for customer, day in last.items():
        hold = ended[customer]
        if hold.until is not None and day >= hold.until:
            hold.since, hold.until = day, None
            opened.append(hold)
    return Hold.objects.bulk_update(opened, ["since", "until"], batch_size=BATCH) if opened else 0


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(business_zone()).date()
