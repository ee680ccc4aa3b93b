"""Transaction behaviour: how much, how regularly, of what and how it is paid."""

import polars as pl

from predictions.features.core import AMOUNT, DAYS, FLOAT, INT, LABEL, SHARE, Feature, H, W
from predictions.features.core import gettext_noop as _
from predictions.features.formulas import exact, money, over, ratio, slope, spread
from predictions.features.terms import amount, observed, purchase_rows, purchases, transaction_rows

_n = purchases.total(W)
_cents = amount.total(W)
_spread = spread(_n, _cents, purchase_rows.squares("cents"))
_refunded = transaction_rows.count(where=pl.col("status") == "refunded")
_saturday = 6

std_amount_20d = Feature(
    _("Standard deviation of the purchases of the last 20 days."), AMOUNT, ratio(_spread, 100 * _n), "null"
)
min_amount_20d = Feature(
    _("Smallest purchase of the last 20 days."), AMOUNT, money(purchase_rows.least("cents")), "null"
)
median_amount_20d = Feature(
    _("Median purchase of the last 20 days; of an even number the mean of the middle two."),
    AMOUNT,
    money(purchase_rows.median("cents")),
    "null",
)
amount_cv_20d = Feature(
    _("Standard deviation of the purchases of the last 20 days, divided by their mean."),
    FLOAT,
    ratio(_spread, _cents),
    "null",
)
refund_ratio_20d = Feature(
    _("Refunded share of the completed and refunded transactions of the last 20 days."),
    SHARE,
    ratio(_refunded, _n + _refunded),
    "null",
)
transaction_days_20d = Feature(_("Days with a purchase in the last 20."), INT, purchases.days(W), "0")
transactions_per_day_20d = Feature(
    _("Purchases of the last 20 days a day with a purchase."), FLOAT, ratio(_n, purchases.days(W)), "null"
)
transaction_count_trend_20d = Feature(
    _("Slope of the number of purchases over the four 5-day buckets of the last 20 days."),
    FLOAT,
    over(slope(purchases), 10),
    "0",
)
amount_trend_20d = Feature(
    _("Slope of the sum of purchases over the four 5-day buckets of the last 20 days."),
    AMOUNT,
    over(slope(amount), 1000),
    "0",
)
unique_categories_20d = Feature(
    _("Different product categories bought in the last 20 days."), INT, purchase_rows.kinds("category"), "0"
)
top_category = Feature(
    _("Product category with most purchases in the last 20 days."),
    LABEL,
    purchase_rows.top("category").fill_null("none"),
    "none",
)
top_category_share_20d = Feature(
    _("Share of the top category among the purchases of the last 20 days that have a category."),
    SHARE,
    ratio(purchase_rows.top_count("category"), purchase_rows.known("category")),
    "null",
)
category_diversity_20d = Feature(
    _("Entropy over the product categories bought in the last 20 days; 0 is one category."),
    FLOAT,
    purchase_rows.entropy("category"),
    "null",
)
payment_method_count_20d = Feature(
    _("Different payment methods of the purchases of the last 20 days."), INT, purchase_rows.kinds("method"), "0"
)
primary_payment_method = Feature(
    _("Payment method with most purchases in the last 20 days."),
    LABEL,
    purchase_rows.top("method").fill_null("none"),
    "none",
)
avg_transaction_interval = Feature(
    _("Mean number of days between consecutive days with a purchase in the last 180 days."),
    DAYS,
    ratio(purchases.gap_sum(), purchases.gaps()),
    "null (under 2 days)",
)
transaction_regularity = Feature(
    _("1 / (1 + standard deviation / mean) of the days between purchases in the last 180 days; 1 is clockwork."),
    SHARE,
    pl.when(purchases.gaps() >= 2).then(
        1 / (1 + ratio(spread(purchases.gaps(), purchases.gap_sum(), purchases.gap_squares()), purchases.gap_sum()))
    ),
    "null (under 2 gaps)",
)
weekend_transaction_ratio_20d = Feature(
    _("Share of the purchases of the last 20 days made on a Saturday or Sunday."),
    SHARE,
    ratio(purchase_rows.count(where=pl.col("weekday") >= _saturday), _n),
    "null",
)
evening_transaction_ratio_20d = Feature(
    _("Share of the purchases of the last 20 days made between 18:00 and midnight, local time."),
    SHARE,
    ratio(purchase_rows.count(where=pl.col("hour") >= 18), _n),
    "null",
)
recent_vs_historical_ratio = Feature(
    _("Purchase amount a day in the last 20 days, divided by that in the last 180; days before registration left out."),
    FLOAT,
    ratio(exact(_cents) * observed(H), exact(amount.total(H)) * observed(W)),
    "null (no amount in H)",
)
