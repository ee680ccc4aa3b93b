"""Lifecycle: how long, how much, and where the customer stands."""

import polars as pl

from predictions.features import basic, risk
from predictions.features.core import AMOUNT, INT, INT_DAYS, LABEL, SHARE, B, Feature, H, W
from predictions.features.core import gettext_noop as _
from predictions.features.formulas import exact, money, ratio
from predictions.features.terms import activity, amount, observed, purchases

NEW_DAYS = 30
STAGES = ("lapsed", "new", "reactivated", "at_risk", "active")
_silence_before_window = activity.latest(B) - activity.first(W)

customer_lifetime_days = Feature(
    _("Days between the first and the last day with activity in the last 180 days."),
    INT_DAYS,
    (activity.first(H) - activity.latest(H)).fill_null(0),
    "0",
)
lifecycle_stage = Feature(
    _("Lapsed, new, reactivated, at_risk or active: the first that holds."),
    LABEL,
    pl.when(activity.total(W) == 0)
    .then(pl.lit("lapsed"))
    .when(basic.customer_age_days.value < NEW_DAYS)
    .then(pl.lit("new"))
    .when(_silence_before_window >= 20)
    .then(pl.lit("reactivated"))
    .when(risk.consecutive_inactive_days.value >= 7)
    .then(pl.lit("at_risk"))
    .otherwise(pl.lit("active")),
)
total_lifetime_value = Feature(_("Sum of the purchases of the last 180 days."), AMOUNT, money(amount.total(H)), "0")
avg_monthly_value = Feature(
    _("Purchase amount a 30 days over the last 180; days before registration left out."),
    AMOUNT,
    ratio(30 * exact(amount.total(H)), 100 * observed(H)),
    "0",
)
lifetime_transaction_count = Feature(_("Purchases in the last 180 days."), INT, purchases.total(H), "0")
retention_rate_historical = Feature(
    _("Share of weeks with activity, from the week of the first activity of the last 180 days to the last week."),
    SHARE,
    ratio(activity.weeks(), (activity.first(H) + 6) // 7),
    "null",
)
churn_risk_history = Feature(
    _("Share of the pauses between days with activity, in the last 180 days, that were longer than 7 days."),
    SHARE,
    ratio(activity.long_gaps(), activity.gaps()),
    "null (no gap)",
)
reactivation_count = Feature(
    _("Pauses longer than 7 days between days with activity in the last 180 days."), INT, activity.long_gaps(), "0"
)
