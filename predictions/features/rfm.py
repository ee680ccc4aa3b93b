"""Recency, frequency, monetary value."""

import polars as pl

from predictions.features.core import AMOUNT, FLOAT, INT, INT_DAYS, SCORE, Feature, H, W
from predictions.features.core import gettext_noop as _
from predictions.features.formulas import money, over, ratio, steps
from predictions.features.terms import amount, interaction_rows, logins, purchase_rows, purchases

days_since_last_transaction = Feature(
    _("Age in days of the latest purchase of the last 180 days; 1 is yesterday."), INT_DAYS, purchases.latest(H), "null"
)
days_since_last_login = Feature(
    _("Age in days of the latest login of the last 180 days; 1 is yesterday."), INT_DAYS, logins.latest(H), "null"
)
_age = days_since_last_transaction.value
recency_score = Feature(
    _("5 for a purchase in the last 3 days, 4 in the last 7, 3 in the last 14, 2 in the last 20, else 1."),
    SCORE,
    steps(_age, [(_age <= 3, 5), (_age <= 7, 4), (_age <= 14, 3), (_age <= 20, 2)], 1),
    "1",
)
transaction_count_20d = Feature(_("Purchases in the last 20 days."), INT, purchases.total(W), "0")
login_count_20d = Feature(_("Logins in the last 20 days."), INT, logins.total(W), "0")
interaction_count_20d = Feature(
    _("Interactions of every kind in the last 20 days."), INT, interaction_rows.count(), "0"
)
_count = transaction_count_20d.value
frequency_score = Feature(
    _("5 for 20 purchases or more in the last 20 days, 4 from 10, 3 from 5, 2 from 2, else 1."),
    SCORE,
    steps(_count, [(_count >= 20, 5), (_count >= 10, 4), (_count >= 5, 3), (_count >= 2, 2)], 1),
    "1",
)
total_amount_20d = Feature(_("Sum of the purchases of the last 20 days."), AMOUNT, money(amount.total(W)), "0")
avg_transaction_amount_20d = Feature(
    _("Mean purchase of the last 20 days."), AMOUNT, ratio(amount.total(W), 100 * purchases.total(W)), "null"
)
max_transaction_amount_20d = Feature(
    _("Largest purchase of the last 20 days."), AMOUNT, money(purchase_rows.greatest("cents")), "null"
)
# The engine compares the exact cents of the sum with the four thresholds, which are a setting.
monetary_score = Feature(
    _(
        "1 to 5 by the sum of the purchases of the last 20 days; by default 5 from 10000, 4 from 5000, 3 from 1000,"
        " 2 from 100."
    ),
    SCORE,
    pl.sum_horizontal(*[(amount.total(W) >= pl.col(f"threshold_{step}")).cast(pl.Int64) for step in range(4)]) + 1,
    "1",
)
rfm_combined_score = Feature(
    _("0.3 × recency score + 0.3 × frequency score + 0.4 × monetary score."),
    FLOAT,
    over(3 * recency_score.value + 3 * frequency_score.value + 4 * monetary_score.value, 10),
)
