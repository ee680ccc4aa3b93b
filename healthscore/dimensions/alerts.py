"""What calls for a look at a customer: a declaration an alert, over the situation of a date.

A customer has an alert of a code once; of several facts that raise it, the gravest counts.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from healthscore.dimensions import payment, support
from healthscore.dimensions.configuration import GRADES, Configuration
from healthscore.dimensions.core import gettext_noop as _
from healthscore.dimensions.engine import SCALE, at_least
from healthscore.dimensions.rows import Rows, over

__all__ = ["ALERTS", "COLUMNS", "Alert", "Situation", "raised"]

HIGH, MEDIUM = "high", "medium"
ALL = ("sales", "support", "activity")
COLUMNS = {
    "customer_pk": pl.Int64(),
    "code": pl.String(),
    "severity": pl.String(),
    "value": pl.Float64(),
    "threshold": pl.Float64(),
    "detail": pl.String(),
}
_FOUND = {name: COLUMNS[name] for name in ("customer_pk", "severity", "value", "threshold", "detail")}


@dataclass(frozen=True, kw_only=True)
class Situation:
    """The rows of a date, and a row a customer: customer_pk, score and score_before (ten-thousandths), grade and
    grade_before; null where there is none."""

    rows: Rows
    scored: pl.DataFrame
    configuration: Configuration

    def number(self, name: str) -> Any:
        return self.configuration.document["alerts"][name]


@dataclass(frozen=True)
class Alert:
    """`found` gives customer_pk, severity, value, threshold and detail of those it holds for, once a customer.

    `message` is a format with {value}, {threshold} and {detail}; without one of the `sources` it cannot be judged.
    """

    code: str
    title: str
    message: str
    sources: tuple[str, ...]
    found: Callable[[Situation], pl.DataFrame] = field(repr=False, compare=False)


def raised(situation: Situation) -> pl.DataFrame:
    """Every alert that holds at the date (columns COLUMNS), in the order of the declarations and of the customers."""
    frames = [
        alert.found(situation).with_columns(code=pl.lit(alert.code)).select(*COLUMNS).cast(COLUMNS)  # type: ignore[arg-type]
        for alert in ALERTS
    ]
    everyone = situation.rows.customers.select("customer_pk")
    return pl.concat(frames).join(everyone, on="customer_pk", how="semi", maintain_order="left")


def _row(severity: str | pl.Expr, value: pl.Expr, threshold: Any, detail: pl.Expr | None = None) -> list[pl.Expr]:
    limit = threshold if isinstance(threshold, pl.Expr) else pl.lit(threshold)
    return [
        pl.col("customer_pk"),
        (pl.lit(severity) if isinstance(severity, str) else severity).alias("severity"),
        value.cast(pl.Float64).alias("value"),
        limit.cast(pl.Float64).alias("threshold"),
        (pl.lit("") if detail is None else detail).alias("detail"),
    ]


def _score_drop(now: Situation) -> pl.DataFrame:
    least = at_least(now.number("score_drop"))
    drop = pl.col("score_before") - pl.col("score")
    return now.scored.filter(drop >= least).select(_row(HIGH, over(drop, SCALE), now.number("score_drop")))


def _grade_drop(now: Situation) -> pl.DataFrame:
    rank = {grade: place for place, grade in enumerate(GRADES)}
    place, before = (
        pl.col(name).replace_strict(rank, default=None, return_dtype=pl.Int64) for name in ("grade", "grade_before")
    )
    severity = pl.when(pl.col("grade") == GRADES[-1]).then(pl.lit(HIGH)).otherwise(pl.lit(MEDIUM))
    bounds = now.configuration.document["grades"]
    bound = pl.col("grade_before").replace_strict(
        {grade: float(bound) for grade, bound in bounds.items()}, default=None, return_dtype=pl.Float64
    )
    fallen = now.scored.filter(place > before)
    return fallen.select(_row(severity, over(pl.col("score"), SCALE), bound, pl.col("grade_before")))


def _renewal_at_risk(now: Situation) -> pl.DataFrame:
    sales, as_of = now.rows.sales, now.rows.as_of
    last = as_of + dt.timedelta(days=now.number("renewal_days"))
    due = sales.filter(pl.col("stage").is_in(payment.PAID), pl.col("renewal_on") >= as_of, pl.col("renewal_on") <= last)
    open_ = payment.renewed_around(due, sales, before=now.number("renewal_days_before"), after=0)
    first = open_.filter(~pl.col("is_renewed")).group_by("customer_pk").agg(pl.col("renewal_on").min())
    weak = now.scored.filter(pl.col("score") < at_least(now.number("renewal_score")))
    return weak.join(first, on="customer_pk", how="inner", maintain_order="left").select(
        _row(HIGH, over(pl.col("score"), SCALE), now.number("renewal_score"), pl.col("renewal_on").cast(pl.String))
    )


def _payment_overdue(now: Situation) -> pl.DataFrame:
    overdue = now.rows.customers.filter(pl.col("payment_status") == "overdue")
    return overdue.select(_row(HIGH, pl.lit(None), pl.lit(None)))


def _ticket_overdue(now: Situation) -> pl.DataFrame:
    tickets = support.with_limits(now.rows, now.configuration.numbers("support")).filter("is_overdue")
    over = pl.col("open_hours") - pl.col("limit_hours")
    worst = tickets.sort(over, "ticket_id", descending=[True, False]).unique(
        "customer_pk", keep="first", maintain_order=True
    )
    severity = pl.when(pl.col("priority").is_in(["urgent", "high"])).then(pl.lit(HIGH)).otherwise(pl.lit(MEDIUM))
    return worst.select(_row(severity, pl.col("open_hours"), pl.col("limit_hours"), pl.col("priority")))


def _no_activity(now: Situation) -> pl.DataFrame:
    days = now.number("inactive_days")
    recent = now.rows.activity.filter(now.rows.last("day", days)).select("customer_pk").unique()
    silent = now.rows.seen.join(recent, on="customer_pk", how="anti")
    latest = now.rows.activity.group_by("customer_pk").agg(pl.col("day").max())
    last_on = pl.coalesce("day", "earlier_on")
    since = (pl.lit(now.rows.as_of) - last_on).dt.total_days()
    return silent.join(latest, on="customer_pk", how="left").select(_row(MEDIUM, since, days))


def _nps_negative(now: Situation) -> pl.DataFrame:
    bound = now.number("nps_below")
    return now.rows.customers.filter(pl.col("nps_score") < bound).select(_row(MEDIUM, pl.col("nps_score"), bound))


ALERTS = (
    Alert(
        "score_drop",
        _("Score dropped"),
        _("The score fell by {value} in 30 days; {threshold} or more is an alert."),
        ALL,
        _score_drop,
    ),
    Alert(
        "grade_drop",
        _("Grade dropped"),
        _("The grade was {detail} 30 days ago and is worse now, at {value}."),
        ALL,
        _grade_drop,
    ),
    Alert(
        "renewal_at_risk",
        _("Renewal at risk"),
        _("The renewal of {detail} is near and the score is {value}, under {threshold}."),
        ALL,
        _renewal_at_risk,
    ),
    Alert("payment_overdue", _("Payment overdue"), _("A bill is overdue."), (), _payment_overdue),
    Alert(
        "ticket_overdue",
        _("Ticket overdue"),
        _("A ticket of priority {detail} has been open for {value} hours; its limit is {threshold}."),
        ("support",),
        _ticket_overdue,
    ),
    Alert("no_activity", _("No activity"), _("No activity in the last {threshold} days."), ("activity",), _no_activity),
    Alert("nps_negative", _("NPS negative"), _("The net promoter score is {value}."), (), _nps_negative),
)
