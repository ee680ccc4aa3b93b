"""Trend: this week against last, these ten days against the ten before, now against the customer's own past."""

import polars as pl

from predictions.features.core import CHANGE, FIRST_10, FLOAT, LAST_10, SHARE, WEEK_1, WEEK_2, B, Feature, W
from predictions.features.core import gettext_noop as _
from predictions.features.formulas import change, exact, fading_sum, log_decline, ratio, weekly_variation
from predictions.features.terms import Daily, activity, amount, logins, observed, purchases


def _week(daily: Daily) -> pl.Expr:
    return change(daily.total(WEEK_1), daily.total(WEEK_2))


def _ten_days(daily: Daily) -> pl.Expr:
    return change(daily.total(LAST_10), daily.total(FIRST_10))


def _against_past(daily: Daily) -> pl.Expr:
    """change(W, 20 · B / days observed of B), both sides times those days; null where B was not observed."""
    days = observed(B)
    return pl.when(days > 0).then(change(exact(daily.total(W)) * days, exact(daily.total(B)) * len(W)))


amount_change_7d = Feature(
    _("Relative change of the purchase amount from the week before to the last 7 days."), CHANGE, _week(amount), "0"
)
frequency_change_7d = Feature(
    _("Relative change of the number of purchases from the week before to the last 7 days."),
    CHANGE,
    _week(purchases),
    "0",
)
login_change_7d = Feature(
    _("Relative change of the number of logins from the week before to the last 7 days."), CHANGE, _week(logins), "0"
)
amount_change_10d = Feature(
    _("Relative change of the purchase amount from the 10 days before to the last 10."), CHANGE, _ten_days(amount), "0"
)
frequency_change_10d = Feature(
    _("Relative change of the number of purchases from the 10 days before to the last 10."),
    CHANGE,
    _ten_days(purchases),
    "0",
)
engagement_change_10d = Feature(
    _("Relative change of the number of activities from the 10 days before to the last 10."),
    CHANGE,
    _ten_days(activity),
    "0",
)
amount_vs_avg = Feature(
    _("Purchase amount of the last 20 days against that of 20 average days of the 160 before."),
    CHANGE,
    _against_past(amount),
    "null (B not observed)",
)
frequency_vs_avg = Feature(
    _("Purchases of the last 20 days against those of 20 average days of the 160 before."),
    CHANGE,
    _against_past(purchases),
    "null (B not observed)",
)
amount_volatility = Feature(
    _("Standard deviation divided by mean of the weekly purchase amount over 8 weeks."),
    FLOAT,
    weekly_variation(amount),
    "null (mean 0)",
)
frequency_volatility = Feature(
    _("Standard deviation divided by mean of the weekly number of purchases over 8 weeks."),
    FLOAT,
    weekly_variation(purchases),
    "null (mean 0)",
)
activity_decay_rate = Feature(
    _("How fast activity fades over the four 5-day buckets of the last 20 days; above 0 means fading."),
    FLOAT,
    log_decline(activity),
    "0",
)
momentum_score = Feature(
    _("How recent the activities of the last 20 days are: each counts half after 5 days; near 1 means all recent."),
    SHARE,
    ratio(fading_sum(activity, days=len(W), half_life=5), activity.total(W)),
    "null",
)
