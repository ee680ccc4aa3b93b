"""Engagement: how many sessions, how much time, and whether the start was made."""

import polars as pl

from healthscore.dimensions.core import Dimension, Numbers, Part
from healthscore.dimensions.core import gettext_noop as _
from healthscore.dimensions.rows import Rows, over


def facts(rows: Rows, numbers: Numbers) -> pl.DataFrame:
    """n_sessions, minutes of the window (null without any activity ever), onboarding_completed."""
    recent = rows.activity.filter(rows.last("day", numbers["days"]))
    counted = recent.group_by("customer_pk").agg(n_sessions=pl.len(), minutes=pl.col("minutes").sort().sum())
    seen = rows.seen.select("customer_pk").join(counted, on="customer_pk", how="left")
    seen = seen.with_columns(pl.col("n_sessions", "minutes").fill_null(0))
    return rows.customers.select("customer_pk", "onboarding_completed").join(seen, on="customer_pk", how="left")


def _sessions(numbers: Numbers) -> pl.Expr:
    return over(pl.col("n_sessions"), numbers["sessions_target"]).clip(0, 1)


def _time(numbers: Numbers) -> pl.Expr:
    return over(pl.col("minutes"), numbers["minutes_target"]).clip(0, 1)


def _onboarding(_numbers: Numbers) -> pl.Expr:
    return pl.col("onboarding_completed").cast(pl.Float64)


DIMENSION = Dimension(
    name="engagement",
    title=_("Engagement"),
    playbook=_("Invite to a training or a workshop, and finish what is open of the onboarding."),
    source="activity",
    parts=(
        Part("sessions", _("sessions"), _("Sessions in the last 30 days, of 40."), _sessions),
        Part("time", _("time"), _("Minutes in the last 30 days, of 600."), _time),
        Part("onboarding", _("onboarding"), _("Whether the onboarding is completed."), _onboarding),
    ),
    facts=facts,
)
