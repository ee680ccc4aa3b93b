"""Whose risk level is another than it was: told to other systems in the transaction that stores a day's scores.

A day that is scored again is held against what it said before, so that nobody hears of a change twice; a day that is
not the latest tells nothing, as its levels are no longer in force.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Any

import polars as pl

from customers import boundary, outbox
from customers.clock import business_date
from customers.models import Customer
from predictions.models import Prediction

__all__ = ["tell"]

BATCH = 2_000
CHUNK = 50_000
KIND = outbox.Kind.RISK_LEVEL_CHANGED


def tell(as_of: dt.date, *, scored: pl.DataFrame) -> None:
    """Tell of each customer whose level is another than before; whoever had none is not told of.

    Called before the day's rows are replaced. What was said before is read by chunks, of which the changed are kept.
    """
    day = _last_day(as_of)
    if day is None:
        return
    now = scored.select(pl.col("customer_pk").cast(pl.Int64), "probability", "risk_level")
    changed = [
        now.join(before, on="customer_pk").filter(pl.col("risk_level") != pl.col("level")) for before in _levels(day)
    ]
    if changed:
        outbox.emit_all(KIND, _told(as_of, pl.concat(changed).sort("customer_pk")))


def _last_day(as_of: dt.date) -> dt.date | None:
    """The last day scored up to `as_of`; None where nobody is to hear of a change."""
    if not outbox.is_wanted(KIND) or Prediction.objects.filter(as_of__gt=as_of).exists():
        return None
    days = Prediction.objects.filter(as_of__lte=as_of).order_by("-as_of")
    return days.values_list("as_of", flat=True).first()


def _levels(day: dt.date) -> Iterator[pl.DataFrame]:
    """customer_pk and level of a day."""
    rows = Prediction.objects.filter(as_of=day).order_by().values_list("customer_id", "risk_level")
    stream = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(stream, CHUNK)):
        yield pl.DataFrame(chunk, schema={"customer_pk": pl.Int64, "level": pl.String}, orient="row")


def _told(as_of: dt.date, changed: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Also of customers who are held back, and that they are."""
    for rows in changed.iter_slices(BATCH):
        keys = rows["customer_pk"].to_list()
        ids = dict(Customer.objects.filter(pk__in=keys).values_list("pk", "customer_id"))
        held = boundary.why_held(keys, on=business_date())
        for key, probability, level, before in rows.iter_rows():
            why = held.get(key)
            yield {
                "customer_id": ids[key],
                "as_of": as_of.isoformat(),
                "risk_level": level,
                "risk_level_before": before,
                "probability": round(probability, 6),
                "held_back": why and why.facts,
            }
