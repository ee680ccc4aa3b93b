"""Satisfaction: what people answer when they are asked."""

import polars as pl

from healthscore.dimensions import support
from healthscore.dimensions.core import Dimension, Numbers, Part
from healthscore.dimensions.core import gettext_noop as _
from healthscore.dimensions.rows import Rows, mean, over


def facts(rows: Rows, numbers: Numbers) -> pl.DataFrame:
    """nps_score, and satisfaction_mean of the tickets of support's window."""
    recent = rows.support.filter(rows.last("created_on", numbers["days"]))
    rated = recent.group_by("customer_pk").agg(satisfaction_mean=mean("satisfaction"))
    return rows.customers.select("customer_pk", "nps_score").join(rated, on="customer_pk", how="left")


def _nps(_numbers: Numbers) -> pl.Expr:
    return over(pl.col("nps_score") + 100, 200)


DIMENSION = Dimension(
    name="satisfaction",
    title=_("Satisfaction"),
    playbook=_("Call and ask what went wrong; come back within a week with what was done about it."),
    source="support",
    parts=(
        Part("nps", _("NPS"), _("The net promoter score, from −100 to 100."), _nps),
        Part("tickets", _("tickets"), _("Mean rating of the tickets of the last 90 days."), support.satisfaction),
    ),
    facts=facts,
)
