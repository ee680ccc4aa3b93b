"""Payment: whether bills are paid, and whether contracts are renewed."""

import datetime as dt

import polars as pl

from healthscore.dimensions.core import Dimension, Numbers, Part
from healthscore.dimensions.core import gettext_noop as _
from healthscore.dimensions.rows import Rows

PAID = ("won", "renewed")


def renewed_around(deals: pl.DataFrame, sales: pl.DataFrame, *, before: int, after: int) -> pl.DataFrame:
    """`deals` with `is_renewed`: another renewed deal of the customer from `before` days before to `after` days after
    the renewal date, both included."""
    renewals = sales.filter(pl.col("stage") == "renewed").select("customer_pk", other_id="deal_id", other_on="deal_on")
    pairs = deals.select("customer_pk", "deal_id", "renewal_on").join(renewals, on="customer_pk", how="inner")
    lag = (pl.col("other_on") - pl.col("renewal_on")).dt.total_days()
    found = pairs.filter(pl.col("other_id") != pl.col("deal_id"), lag >= -before, lag <= after)["deal_id"].unique()
    return deals.with_columns(is_renewed=pl.col("deal_id").is_in(found.implode()))


def facts(rows: Rows, numbers: Numbers) -> pl.DataFrame:
    """payment_status, n_due and n_renewed: of deals whose time to renew ended within the window."""
    after = numbers["renewal_days_after"]
    ended = pl.col("renewal_on") + dt.timedelta(days=after)
    first = rows.as_of - dt.timedelta(days=numbers["days"])
    due = rows.sales.filter(pl.col("stage").is_in(PAID), ended >= first, ended < rows.as_of)
    judged = renewed_around(due, rows.sales, before=numbers["renewal_days_before"], after=after)
    counted = judged.group_by("customer_pk").agg(n_due=pl.len(), n_renewed=pl.col("is_renewed").sum())
    return rows.customers.select("customer_pk", "payment_status").join(counted, on="customer_pk", how="left")


def _status(numbers: Numbers) -> pl.Expr:
    scores = {str(name): float(score) for name, score in numbers["status_scores"].items()}
    return pl.col("payment_status").replace_strict(scores, default=None, return_dtype=pl.Float64)


def _renewals(_numbers: Numbers) -> pl.Expr:
    return pl.col("n_renewed") / pl.col("n_due")


DIMENSION = Dimension(
    name="payment",
    title=_("Payment"),
    playbook=_("Speak with the customer's finance contact about open bills and the coming renewal."),
    source="sales",
    parts=(
        Part("status", _("status"), _("Current, late or overdue."), _status),
        Part("renewals", _("renewals"), _("Share of the renewals due in the last year that were made."), _renewals),
    ),
    facts=facts,
)
