"""Customers who were treated: what a measure did to them says nothing of how well churn was predicted without it.

A label is treated where an intervention took place in its days, [D, D + horizon). Such rows are not learned from, and a
model's quality and calibration are measured without them. Features are treated where one took place in their window,
[D − 20, D): drift is measured without those. The same customers at other dates count as ever.
"""

import datetime as dt

import polars as pl

from customers.churn import WINDOW_DAYS, label_closes_on
from customers.clock import start_of
from customers.models import Intervention

__all__ = ["treated_features", "treated_labels"]


def treated_labels(*, as_of: dt.date, horizon_days: int) -> pl.Series:
    """Keys of the customers with an intervention in the days of the label, each once."""
    return _treated(since=as_of, until=label_closes_on(as_of=as_of, horizon_days=horizon_days))


def treated_features(*, as_of: dt.date) -> pl.Series:
    """Keys of the customers with an intervention in the feature window, each once."""
    return _treated(since=as_of - dt.timedelta(days=WINDOW_DAYS), until=as_of)


def _treated(*, since: dt.date, until: dt.date) -> pl.Series:
    found = Intervention.objects.filter(occurred_at__gte=start_of(since), occurred_at__lt=start_of(until))
    keys = found.order_by().values_list("customer_id", flat=True).distinct()
    return pl.Series("customer_pk", list(keys.iterator(chunk_size=20_000)), dtype=pl.Int64())
