"""May this customer be treated now? The one decision that every way out of the system goes through.

A way out is a list, export, webhook or endpoint that tells somebody whom to treat: it asks `let_out` for the rows that
it may show, which records who was kept off; one that shows everybody for another reason marks the held with `marked` or
`why_held`. Every way out is declared (`customers.outlets`), and a test goes over all of them.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Subquery

from customers.models import Customer, Hold, Suppression

__all__ = [
    "LONGEST_HOLD",
    "Held",
    "first",
    "held",
    "held_of",
    "in_force",
    "let_out",
    "marked",
    "may_be_treated",
    "suppress",
    "treatable",
    "why_held",
]

Row = TypeVar("Row", bound=Model)
BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class Held:
    """Why a customer may not be treated: the kind of hold, who holds it, and its end, where there is one."""

    kind: str
    source: str
    until: dt.date | None

    @property
    def title(self) -> Any:
        """The kind in the reader's language."""
        return Hold.Kind(self.kind).label

    @property
    def facts(self) -> dict[str, Any]:
        """For other systems: {"kind", "source", "until"}, the end as a date or None."""
        return {"kind": self.kind, "source": self.source, "until": self.until and self.until.isoformat()}


def in_force(*, on: dt.date) -> QuerySet[Hold]:
    """The holds of a date."""
    return Hold.objects.filter(Q(until=None) | Q(until__gt=on), since__lte=on)


def may_be_treated(customer: Customer, *, on: dt.date) -> bool:
    """Whether a measure is allowed on that date."""
    return not in_force(on=on).filter(customer=customer).exists()


def treatable(
    rows: QuerySet[Row], *, on: dt.date, customer: str = "customer", besides: str | None = None
) -> QuerySet[Row]:
    """The rows whose customer may be treated on a date; `customer` is the path from the row to it ("pk" for itself).

    `besides` is a source whose own holds do not count: for the question whether others would allow it.
    """
    holds = in_force(on=on)
    if besides is not None:
        holds = holds.exclude(source=besides)
    return rows.exclude(Exists(holds.filter(customer=OuterRef(customer))))


def let_out(rows: QuerySet[Row], *, outlet: str, on: dt.date, customer: str = "customer") -> QuerySet[Row]:
    """What `treatable` gives; those that it leaves out are recorded as kept off `outlet` on that date."""
    suppress(rows, outlet=outlet, on=on, customer=customer)
    return treatable(rows, on=on, customer=customer)


def held(rows: QuerySet[Row], *, on: dt.date, customer: str = "customer") -> QuerySet[Row]:
    """The rows that `treatable` leaves out."""
    return rows.filter(Exists(in_force(on=on).filter(customer=OuterRef(customer))))


def first(rows: QuerySet[Row], n: int, *, outlet: str, on: dt.date, customer: str = "customer") -> QuerySet[Row]:
    """The first `n` of ordered rows who may be treated; recorded are those who would have been among them."""
    would_be = rows.model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True)[:n]))
    suppress(would_be, outlet=outlet, on=on, customer=customer)
    return treatable(rows, on=on, customer=customer)[:n]


def marked(rows: QuerySet[Row], *, on: dt.date, customer: str = "customer") -> QuerySet[Row]:
    """The rows with `held_kind`, `held_source` and `held_until` of the hold that lasts longest; None where none is."""
    longest = in_force(on=on).filter(customer=OuterRef(customer))
    longest = longest.order_by(F("until").desc(nulls_first=True), "since", "pk")
    facts = {f"held_{name}": Subquery(longest.values(name)[:1]) for name in ("kind", "source", "until")}
    return rows.annotate(**facts)


def held_of(row: Any) -> Held | None:
    """Why the customer of a row of `marked` is held; None where nothing holds."""
    if row.held_kind is None:
        return None
    return Held(kind=row.held_kind, source=row.held_source, until=row.held_until)


def why_held(customers: Iterable[int], *, on: dt.date) -> dict[int, Held]:
    """By the customers' primary keys, of those who are held on a date: the hold that lasts longest."""
    found: dict[int, Held] = {}
    for hold in in_force(on=on).filter(customer__in=list(customers)).order_by("-since", "-pk"):
        known = found.get(hold.customer_id)
        if known is None or _later(hold.until, known.until):
            found[hold.customer_id] = Held(kind=hold.kind, source=hold.source, until=hold.until)
    return found


def suppress(rows: QuerySet[Any], *, outlet: str, on: dt.date, customer: str = "customer") -> int:
    """Record that the held among `rows` were kept off the list `outlet` of a date; returns how many are held.

    Twice on one day records once.
    """
    n_held = 0
    batch: list[int] = []
    for primary_key in held(rows, on=on, customer=customer).order_by().values_list(customer, flat=True).iterator():
        batch.append(primary_key)
        if len(batch) == BATCH:
            n_held += _record(batch, outlet, on)
            batch = []
    return n_held + _record(batch, outlet, on)


def _record(customers: list[int], outlet: str, on: dt.date) -> int:
    holds = why_held(customers, on=on)
    Suppression.objects.bulk_create(
        (
            Suppression(customer_id=customer, kind=hold.kind, source=hold.source, outlet=outlet, suppressed_on=on)
            for customer, hold in holds.items()
        ),
        ignore_conflicts=True,
    )
    return len(holds)


def _later(one: dt.date | None, other: dt.date | None) -> bool:
    """Whether `one` lasts longer than `other`; None is without end."""
    return other is not None and (one is None or one > other)


# For statements written by hand: the hold of `marked` for each row of a customers' table named c; its two parameters
# are the date, twice. A test holds both against each other.
LONGEST_HOLD = """
LEFT JOIN customers_hold h ON h.id = (
    SELECT one.id FROM customers_hold one
    WHERE one.customer_id = c.id AND one.since <= %s AND (one.until IS NULL OR one.until > %s)
    ORDER BY one.until DESC NULLS FIRST, one.since, one.id LIMIT 1
)
"""
