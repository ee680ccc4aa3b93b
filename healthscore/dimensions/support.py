"""Support: how many tickets, whether they were solved in time, and how satisfied people were."""

import polars as pl

from healthscore.dimensions.core import Dimension, Numbers, Part
from healthscore.dimensions.core import gettext_noop as _
from healthscore.dimensions.rows import Rows, mean, over

US_AN_HOUR = 3_600_000_000


def with_limits(rows: Rows, numbers: Numbers) -> pl.DataFrame:
    """Tickets with limit_hours (null without a priority), open_hours at the as-of date, and is_overdue."""
    limits = {str(name): float(hours) for name, hours in numbers["limits_hours"].items()}
    limit = pl.col("priority").replace_strict(limits, default=None, return_dtype=pl.Float64)
    open_us = (pl.lit(rows.midnight).cast(pl.Datetime("us", "UTC")) - pl.col("created_at")).dt.total_microseconds()
    overdue = pl.col("resolved_at").is_null() & (pl.col("open_hours") > pl.col("limit_hours"))
    tickets = rows.support.with_columns(limit_hours=limit, open_hours=over(open_us, US_AN_HOUR))
    return tickets.with_columns(is_overdue=overdue.fill_null(value=False))


def facts(rows: Rows, numbers: Numbers) -> pl.DataFrame:
    """n_tickets, n_judged, n_in_time, satisfaction_mean of the window, for customers with a ticket ever."""
    taken_us = (pl.col("resolved_at") - pl.col("created_at")).dt.total_microseconds().clip(lower_bound=0)
    in_time = over(taken_us, US_AN_HOUR) <= pl.col("limit_hours")
    judged = pl.col("limit_hours").is_not_null() & (pl.col("resolved_at").is_not_null() | pl.col("is_overdue"))
    recent = with_limits(rows, numbers).filter(rows.last("created_on", numbers["days"]))
    counted = recent.group_by("customer_pk").agg(
        n_tickets=pl.len(),
        n_judged=judged.sum(),
        n_in_time=(judged & in_time.fill_null(value=False)).sum(),
        satisfaction_mean=mean("satisfaction"),
        late=pl.col("priority").filter(judged & ~in_time.fill_null(value=False)).sort(),
    )
    ever = rows.support.select("customer_pk").unique()
    return ever.join(counted, on="customer_pk", how="left").with_columns(
        pl.col("n_tickets", "n_judged", "n_in_time").fill_null(0)
    )


def _volume(numbers: Numbers) -> pl.Expr:
    return (1 - over(pl.col("n_tickets"), numbers["tickets_limit"])).clip(0, 1)


def _resolution(_numbers: Numbers) -> pl.Expr:
    return pl.when(pl.col("n_judged") > 0).then(pl.col("n_in_time") / pl.col("n_judged"))


def satisfaction(_numbers: Numbers) -> pl.Expr:
    """From ratings of 1 to 5; null where no ticket of the window was rated."""
    return (pl.col("satisfaction_mean") - 1) / 4


DIMENSION = Dimension(
    name="support",
    title=_("Support"),
    playbook=_(
        "Go through the open and late tickets with the support team, and tell the customer when each is solved."
    ),
    source="support",
    parts=(
        Part("volume", _("volume"), _("Few tickets in the last 90 days; 12 or more count 0."), _volume),
        Part("resolution", _("resolution"), _("Share of tickets of the last 90 days solved in time."), _resolution),
        Part("satisfaction", _("satisfaction"), _("Mean rating of the tickets of the last 90 days."), satisfaction),
    ),
    facts=facts,
)
