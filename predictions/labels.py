"""The label: a customer has churned at D who shows no activity in [D, D + horizon)."""

import datetime as dt

import polars as pl

from customers.churn import label_closes_on
from predictions import sources


def is_closed(as_of: dt.date, horizon_days: int, today: dt.date) -> bool:
    """Whether every day of the label is over."""
    return today >= label_closes_on(as_of=as_of, horizon_days=horizon_days)


def labels(*, as_of: dt.date, horizon_days: int, customers: pl.DataFrame | None = None) -> pl.DataFrame:
    """customer_pk, customer_id, churned (Boolean) of each customer registered before `as_of`, eligible or not.

    The caller asks `is_closed` first: of a label still open this says what is known so far. `customers` are those of
    `sources.customers()` where the caller has them already.
    """
    everyone = sources.customers() if customers is None else customers
    until = label_closes_on(as_of=as_of, horizon_days=horizon_days)
    active = sources.activity_days(since=as_of, until=until, customers=everyone)["customer_pk"].unique()
    return (
        everyone.filter(pl.col("registered_on") < as_of)
        .select("customer_pk", "customer_id", churned=~pl.col("customer_pk").is_in(active.implode()))
        .sort("customer_id")
    )
