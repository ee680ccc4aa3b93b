"""Value: what the customer is worth a month, and whether that grows."""

import datetime as dt

import polars as pl

from healthscore.dimensions.core import Dimension, Numbers, Part
from healthscore.dimensions.core import gettext_noop as _
from healthscore.dimensions.payment import PAID
from healthscore.dimensions.rows import Rows, months, over

CENTS = 100


def mrr(sales: pl.DataFrame, *, at: dt.date, name: str) -> pl.DataFrame:
    """customer_pk and monthly recurring revenue at a date, of customers with a deal in force then.

    In force: dated before, and fewer months ago than the contract is long; added in the order of the deals' ids, so
    that the same deals give the same bits.
    """
    in_force = sales.filter(
        pl.col("stage").is_in(PAID),
        pl.col("deal_on") < at,
        pl.col("contract_months") > 0,
        months(pl.col("deal_on"), at) < pl.col("contract_months"),
    )
    share = over(pl.col("cents"), CENTS) / pl.col("contract_months")
    return in_force.sort("deal_id").group_by("customer_pk", maintain_order=True).agg(share.sum().alias(name))


def facts(rows: Rows, numbers: Numbers) -> pl.DataFrame:
    """customer_type, mrr and mrr_before, for customers with a deal ever."""
    earlier = rows.as_of - dt.timedelta(days=numbers["growth_days"])
    ever = (
        rows.sales.select("customer_pk")
        .unique()
        .join(rows.customers.select("customer_pk", "customer_type"), on="customer_pk", how="inner")
    )
    for at, name in ((rows.as_of, "mrr"), (earlier, "mrr_before")):
        ever = ever.join(mrr(rows.sales, at=at, name=name), on="customer_pk", how="left")
    return ever.with_columns(pl.col("mrr", "mrr_before").fill_null(0.0))


def _mrr(numbers: Numbers) -> pl.Expr:
    targets = {str(name): float(target) for name, target in numbers["mrr_targets"].items()}
    target = pl.col("customer_type").replace_strict(
        targets, default=targets[numbers["type_otherwise"]], return_dtype=pl.Float64
    )
    return (pl.col("mrr") / target).clip(0, 1)


def _growth(_numbers: Numbers) -> pl.Expr:
    now, before = pl.col("mrr"), pl.col("mrr_before")
    change = pl.when(now + before == 0).then(0.0).otherwise((now - before) / (now + before))
    return 0.5 + 0.5 * change


DIMENSION = Dimension(
    name="value",
    title=_("Value"),
    playbook=_("Go through what the customer gains from the product, and find where it could carry more."),
    source="sales",
    parts=(
        Part("mrr", _("MRR"), _("Monthly recurring revenue, against the target of the customer's type."), _mrr),
        Part(
            "growth", _("growth"), _("How monthly recurring revenue changed over 90 days; 0.5 is no change."), _growth
        ),
    ),
    facts=facts,
)
