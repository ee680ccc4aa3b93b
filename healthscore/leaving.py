"""Who left, and when: what the health score is held against.

A business customer has left on the first of these dates:

- the date from which the account's status is another than active;
- the renewal date of a won or renewed deal that was not renewed, with no other contract in force 30 days after it.

A renewal counts from 60 days before to 30 days after its date, as in the score; so it is known 30 days after the date
whether somebody left. A status without a date tells nothing, for nobody knows since when.
"""

import datetime as dt

import polars as pl

from customers.models import Customer
from healthscore.dimensions.payment import PAID, renewed_around
from healthscore.dimensions.rows import months
from healthscore.sources import Facts

__all__ = ["GRACE_DAYS", "HORIZON_DAYS", "known_until", "left_on"]

HORIZON_DAYS = 90
GRACE_DAYS, EARLY_DAYS = 30, 60
STAYING = ("", "active")


def known_until(today: dt.date) -> dt.date:
    """Whoever left before this date is known by now."""
    return today - dt.timedelta(days=GRACE_DAYS)


def left_on(*, facts: Facts, today: dt.date) -> pl.DataFrame:
    """customer_pk and left_on, of customers who left before `today`, as far as is known then."""
    found = pl.concat([_by_status(), _by_contract(facts.sales, today)])
    return found.filter(pl.col("left_on") < today).group_by("customer_pk").agg(pl.col("left_on").min())


def _by_status() -> pl.DataFrame:
    rows = Customer.objects.exclude(account_status__in=STAYING).exclude(status_since=None)
    schema = {"customer_pk": pl.Int64(), "left_on": pl.Date()}
    return pl.DataFrame(list(rows.values_list("pk", "status_since")), schema=schema, orient="row")


def _by_contract(sales: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    known = sales.filter(pl.col("deal_on") < today)
    due = known.filter(pl.col("stage").is_in(PAID), pl.col("renewal_on") < known_until(today))
    judged = renewed_around(due, known, before=EARLY_DAYS, after=GRACE_DAYS)
    ended = judged.filter(~pl.col("is_renewed")).select("customer_pk", "deal_id", left_on="renewal_on")
    return ended.join(_covered(ended, known), on="deal_id", how="anti").select("customer_pk", "left_on")


def _covered(ended: pl.DataFrame, sales: pl.DataFrame) -> pl.DataFrame:
    """Of these, the deals whose customer had a contract in force when the time to renew was over."""
    after = pl.col("left_on") + dt.timedelta(days=GRACE_DAYS)
    contracts = sales.filter(pl.col("stage").is_in(PAID)).select("customer_pk", "deal_on", "contract_months")
    pairs = ended.join(contracts, on="customer_pk", how="inner")
    in_force = (pl.col("deal_on") < after) & (months(pl.col("deal_on"), after) < pl.col("contract_months"))
    return pairs.filter(in_force).select("deal_id").unique()
