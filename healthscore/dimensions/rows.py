"""What the dimensions read: the facts of a date, cut once, so that no declaration can see the future.

Frames come in whole and are of any date; `Rows.before` leaves what is dated before the as-of date D: deals by their
deal date, tickets by the day they were created, activity by its day. A ticket that is resolved on D or later is open, a
contract that begins on D or later is blank. What has no date of its own counts as given last.
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl

__all__ = ["ACTIVITY", "CUSTOMERS", "DAYS_A_MONTH", "SALES", "SEEN", "SUPPORT", "Rows", "mean", "months", "over"]

INSTANT = pl.Datetime("us", "UTC")
CUSTOMERS = {
    "customer_pk": pl.Int64(),
    "registered_on": pl.Date(),
    "customer_type": pl.String(),
    "contract_on": pl.Date(),
    "contract_months": pl.Float64(),
    "payment_status": pl.String(),
    "nps_score": pl.Float64(),
    "onboarding_completed": pl.Boolean(),
}
SALES = {
    "customer_pk": pl.Int64(),
    "deal_id": pl.String(),
    "deal_on": pl.Date(),
    "cents": pl.Int64(),
    "stage": pl.String(),
    "contract_months": pl.Float64(),
    "renewal_on": pl.Date(),
}
SUPPORT = {
    "customer_pk": pl.Int64(),
    "ticket_id": pl.String(),
    "created_at": INSTANT,
    "created_on": pl.Date(),
    "resolved_at": INSTANT,
    "resolved_on": pl.Date(),
    "priority": pl.String(),
    "satisfaction": pl.Float64(),
}
ACTIVITY = {
    "customer_pk": pl.Int64(),
    "day": pl.Date(),
    "activity_type": pl.String(),
    "depth": pl.Float64(),
    "minutes": pl.Float64(),
    "feature": pl.String(),
}
SEEN = {"customer_pk": pl.Int64(), "first_on": pl.Date(), "earlier_on": pl.Date()}
DAYS_A_MONTH = 30.4375


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The facts known at `as_of`, whose day begins at the instant `midnight`.

    `seen` says since which day a customer has any activity, and the last day of it before those that `activity` holds;
    `activity` itself need only reach back as far as the longest window.
    """

    as_of: dt.date
    midnight: dt.datetime
    customers: pl.DataFrame
    sales: pl.DataFrame
    support: pl.DataFrame
    activity: pl.DataFrame
    seen: pl.DataFrame

    @classmethod
    def before(
        cls,
        *,
        as_of: dt.date,
        midnight: dt.datetime,
        customers: pl.DataFrame,
        sales: pl.DataFrame,
        support: pl.DataFrame,
        activity: pl.DataFrame,
        seen: pl.DataFrame,
    ) -> "Rows":
        """Cut the frames (columns as above, in any order) to what was known at `as_of`."""
        has_begun, is_resolved = pl.col("contract_on") < as_of, pl.col("resolved_on") < as_of
        return cls(
            as_of=as_of,
            midnight=midnight,
            customers=customers.filter(pl.col("registered_on") < as_of).with_columns(
                contract_on=pl.when(has_begun).then("contract_on")
            ),
            sales=sales.filter(pl.col("deal_on") < as_of),
            support=support.filter(pl.col("created_on") < as_of).with_columns(
                resolved_at=pl.when(is_resolved).then("resolved_at"),
                resolved_on=pl.when(is_resolved).then("resolved_on"),
            ),
            activity=activity.filter(pl.col("day") < as_of),
            seen=seen.filter(pl.col("first_on") < as_of),
        )

    def last(self, column: str, days: int) -> pl.Expr:
        """Whether a local date lies in the last `days` before the as-of date."""
        return (pl.col(column) >= self.as_of - dt.timedelta(days=days)) & (pl.col(column) < self.as_of)


def months(start: pl.Expr, end: dt.date | pl.Expr) -> pl.Expr:
    """Whole days from one local date to another / 30.4375."""
    until = pl.lit(end) if isinstance(end, dt.date) else end
    return over((until - start).dt.total_days(), DAYS_A_MONTH)


def mean(column: str) -> pl.Expr:
    """The mean of what is there, added in the order of the values: the same rows give the same bits in any order."""
    return pl.col(column).sort().mean()


def over(value: pl.Expr, divisor: float) -> pl.Expr:
    """value / divisor, correctly rounded. polars divides by a literal by multiplying with its reciprocal, which differs
    in the last bit, and only where there are two rows or more; by a column it divides."""
    column = value.cast(pl.Float64)
    return column / (column * 0 + divisor)
