"""What customers do over time: active days, gaps between purchases, weekly labels; some customers at a time."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from customers.report import activity, base_rates
from customers.report.fold import Events
from customers.report.tallies import Tally


@dataclass(frozen=True, kw_only=True)
class Habits:
    """`active_customers` are counted by day, `purchases` are those of a customer who bought."""

    active_customers: Tally
    purchases: Tally
    gaps: activity.Gaps
    weeks: list[base_rates.Week]


def habits(*, as_of: dt.date, customers: pl.DataFrame, events: Events, horizons: Sequence[int]) -> Habits:
    """Of all customers, part by part, so that memory does not grow with their days."""
    active, purchases = Tally(pl.Date(), folder=events.folder), Tally(pl.Int64(), folder=events.folder)
    dates = base_rates.dates(first=events.first_active, as_of=as_of, horizons=horizons)
    gaps, weeks = [], []
    for days in events.customer_days():
        active.add(days["day"])
        bought = days.filter(pl.col("n_bought") > 0)
        purchases.add(bought.group_by("customer_pk").agg(pl.col("n_bought").sum())["n_bought"])
        gaps.append(activity.gap_counts(bought))
        ours = customers.filter(pl.col("customer_pk").is_in(days["customer_pk"].unique().implode()))
        weeks.append(base_rates.weeks(customers=ours, active=days, dates=dates, as_of=as_of, horizons=horizons))
    return Habits(
        active_customers=active,
        purchases=purchases,
        gaps=activity.purchase_gaps(gaps),
        weeks=base_rates.added(weeks),
    )
