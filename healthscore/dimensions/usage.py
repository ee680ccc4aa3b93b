"""Usage: how often people log in, and how deeply they use the product."""

import polars as pl

from healthscore.dimensions.core import Dimension, Numbers, Part
from healthscore.dimensions.core import gettext_noop as _
from healthscore.dimensions.rows import Rows, mean, over


def facts(rows: Rows, numbers: Numbers) -> pl.DataFrame:
    """login_days, n_rows, depth_mean of the window; depth_mean is null where no row tells a depth."""
    recent = rows.activity.filter(rows.last("day", numbers["days"]))
    counted = recent.group_by("customer_pk").agg(
        login_days=pl.col("day").filter(pl.col("activity_type") == "login").n_unique(),
        n_recent=pl.len(),
        depth_mean=mean("depth"),
    )
    seen = rows.seen.select("customer_pk").join(counted, on="customer_pk", how="left")
    return seen.with_columns(pl.col("login_days", "n_recent").fill_null(0))


def _logins(numbers: Numbers) -> pl.Expr:
    return over(pl.col("login_days"), numbers["login_days_target"]).clip(0, 1)


def _depth(_numbers: Numbers) -> pl.Expr:
    return pl.when(pl.col("n_recent") == 0).then(0.0).otherwise(pl.col("depth_mean"))


DIMENSION = Dimension(
    name="usage",
    title=_("Usage"),
    playbook=_("Agree on a routine with the users who have gone quiet, and show them what they miss."),
    source="activity",
    parts=(
        Part("login_frequency", _("login frequency"), _("Days with a login in the last 30, of 20."), _logins),
        Part("depth", _("depth"), _("Mean depth of use in the last 30 days."), _depth),
    ),
    facts=facts,
)
