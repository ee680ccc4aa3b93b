"""A customer's features at the latest day, beside its own past and its peers: read from what the days stored.

The past are the snapshots of 20, 40 and 60 days before, or the next older ones within nine days; a day without one has
none. Peers are the active customers of the same type at the same day.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from customers.commands import Refused
from customers.models import Customer
from predictions import peers, snapshots
from predictions.features.catalogue import FEATURES
from predictions.features.core import Feature
from predictions.models import FeatureSnapshot, PeerGroup

__all__ = ["AGES", "Compared", "Comparison", "of", "row_at"]

AGES = (20, 40, 60)
TOLERANCE = 9
logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One feature: its value now, its past (the most recent first), and [q1, median, q3] of the peers."""

    feature: Feature
    now: Any
    past: tuple[Any, ...]
    quartiles: Sequence[float | None] | None

    @property
    def is_number(self) -> bool:
        return not self.feature.type.is_label

    @property
    def deviation(self) -> float | None:
        """How far from the peers' median, in widths of their middle half; None where that says nothing."""
        if not self.is_number or self.now is None or not self.quartiles:
            return None
        low, median, high = self.quartiles
        if low is None or median is None or high is None or high <= low:
            return None
        return (float(self.now) - median) / (high - low)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`days` are the as-of dates of the past, None where none was stored; `row` is everything known at the latest."""

    as_of: dt.date
    row: dict[str, Any]
    days: tuple[dt.date | None, ...]
    group: PeerGroup | None
    features: tuple[Compared, ...]


def of(customer: Customer) -> Comparison | None:
    """None where no day was computed, or the customer is not in the latest."""
    snapshot = FeatureSnapshot.objects.order_by("-as_of").first()
    row = row_at(customer, snapshot.as_of) if snapshot else None
    if snapshot is None or row is None:
        return None
    days = _days_before(snapshot.as_of)
    past = [row_at(customer, day) if day else None for day in days]
    group = peers.of(snapshot, str(row["customer_type"]))
    quartiles = group.quartiles if group else {}
    features = tuple(
        Compared(
            feature=one,
            now=row.get(one.name),
            past=tuple(earlier.get(one.name) if earlier else None for earlier in past),
            quartiles=quartiles.get(one.name),
        )
        for one in FEATURES
    )
    return Comparison(as_of=snapshot.as_of, row=row, days=days, group=group, features=features)


def row_at(customer: Customer, as_of: dt.date) -> dict[str, Any] | None:
    """The customer's row of a snapshot; None where it has none, or the file cannot be read."""
    try:
        frame = snapshots.read(as_of=as_of, customer_id=customer.customer_id)
    except (Refused, OSError):
        logger.exception("The snapshot of %s cannot be read.", as_of)
        return None
    return None if frame.is_empty() else frame.row(0, named=True)


def _days_before(as_of: dt.date) -> tuple[dt.date | None, ...]:
    """The stored days to look at, one query."""
    oldest = as_of - dt.timedelta(days=AGES[-1] + TOLERANCE)
    stored = FeatureSnapshot.objects.filter(as_of__range=(oldest, as_of)).order_by("-as_of")
    days = list(stored.values_list("as_of", flat=True))
    return tuple(_within(days, as_of - dt.timedelta(days=age)) for age in AGES)


def _within(days: Sequence[dt.date], wanted: dt.date) -> dt.date | None:
    """The latest of the days that is not after the wanted one and not long before it."""
    fit = (day for day in days if wanted - dt.timedelta(days=TOLERANCE) <= day <= wanted)
    return max(fit, default=None)
