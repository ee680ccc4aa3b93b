"""Risk signals: silence, a sudden drop, complaints, failures, farewells."""

import polars as pl

from predictions.features.core import FLAG, HISTORY_DAYS, INT, INT_DAYS, WEEK_1, Feature, H, Window
from predictions.features.core import gettext_noop as _
from predictions.features.terms import activity, interaction_rows, transaction_rows

_before = activity.total(Window(8, 27))
_now = activity.total(WEEK_1)
_is_competitor_search = (pl.col("kind") == "search") & pl.col("is_competitor")
_unsubscribed = interaction_rows.count(where=pl.col("kind") == "unsubscribe", window=H)

consecutive_inactive_days = Feature(
    _("Whole days without activity up to the as-of date; 180 where there was none in the last 180."),
    INT_DAYS,
    (activity.latest(H) - 1).fill_null(HISTORY_DAYS),
    "180",
)
# At least 2 a week over the 20 days before (7·n ≥ 40), and under 30 % of that now (k/7 < 0.3·n/20).
sudden_activity_drop = Feature(
    _("1 where a customer with 2 activities a week or more fell to less than three tenths of that in the last 7 days."),
    FLAG,
    (7 * _before >= 40) & (200 * _now < 21 * _before),
    "0",
)
negative_feedback_count_20d = Feature(
    _("Interactions of the last 20 days with satisfaction 1 or 2."),
    INT,
    interaction_rows.count(where=pl.col("satisfaction") <= 2),
    "0",
)
failed_transaction_count_20d = Feature(
    _("Failed transactions in the last 20 days."),
    INT,
    transaction_rows.count(where=pl.col("status") == "failed"),
    "0",
)
security_event_count_20d = Feature(
    _("Security events in the last 20 days."), INT, interaction_rows.count(where=pl.col("kind") == "security"), "0"
)
competitor_search_signal = Feature(
    _("1 where the customer searched for a competitor in the last 20 days."),
    FLAG,
    interaction_rows.count(where=_is_competitor_search) > 0,
    "0",
)
unsubscribe_signal = Feature(_("1 where the customer unsubscribed in the last 180 days."), FLAG, _unsubscribed > 0, "0")
