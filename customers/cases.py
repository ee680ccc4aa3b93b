"""Who looks after which customer: taken in sets, released, and told with what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from customers.commands import Refused
from customers.models import Assignee, CaseNote, Customer

__all__ = ["MOST", "Taken", "keys", "note", "release", "take", "take_over"]

MOST = 5_000
BATCH = 1_000


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Of some customers: how many became the user's, were already, and stayed with somebody else."""

    n_new: int
    n_mine: int
    n_others: int


def keys(customers: Iterable[int]) -> list[int]:
    """The customers' primary keys; Refused where they are more than one action changes at a time."""
    found = sorted(islice(customers, MOST + 1))
    if len(found) > MOST:
        raise Refused(_("At most %(most)s customers at a time; narrow the list first.") % {"most": f"{MOST:,}"})
    return found


def take(customers: Iterable[int], *, user: Any) -> Taken:
    """Make the user look after those whom nobody looks after; those of somebody else stay with them."""
    wanted = keys(customers)
    with transaction.atomic():
        before = dict(_of(wanted))
        fresh = (Assignee(customer_id=one, user=user) for one in wanted if one not in before)
        Assignee.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=BATCH)
        mine = {customer for customer, whose in _of(wanted) if whose == user.pk}
    n_mine = sum(whose == user.pk for whose in before.values())
    return Taken(n_new=len(mine) - n_mine, n_mine=n_mine, n_others=len(wanted) - len(mine))


def take_over(customer: Customer, *, user: Any) -> None:
    """Make the user look after the customer, whoever did before."""
    with transaction.atomic():
        Assignee.objects.filter(customer=customer).exclude(user=user).delete()
        Assignee.objects.get_or_create(customer=customer, defaults={"user": user})


def release(customers: Iterable[int], *, user: Any, of_anybody: bool = False) -> int:
    """Let go of those whom the user looks after, or anybody does; returns how many."""
    wanted = keys(customers)
    held = Assignee.objects.all() if of_anybody else Assignee.objects.filter(user=user)
    n_released = 0
    with transaction.atomic():
        for first in range(0, len(wanted), BATCH):
            n_released += held.filter(customer__in=wanted[first : first + BATCH]).delete()[0]
    return n_released


def note(customer: Customer, text: str, *, user: Any) -> CaseNote:
    """Keep what somebody learned of the customer; Refused where it says nothing or too much."""
    said, most = text.strip(), CaseNote._meta.get_field("text").max_length or 0
    if not said:
        raise Refused(_("The note is empty."))
    if len(said) > most:
        raise Refused(_("A note has at most %(most)s characters, this one has %(n)s.") % {"most": most, "n": len(said)})
    return CaseNote.objects.create(customer=customer, text=said, author=user)


def _of(customers: list[int]) -> Iterable[tuple[int, int]]:
    """The customers of these whom somebody looks after, each with that user's key."""
    for first in range(0, len(customers), BATCH):
        rows = Assignee.objects.filter(customer__in=customers[first : first + BATCH])
        yield from rows.values_list("customer_id", "user_id")
