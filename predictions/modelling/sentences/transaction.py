"""Sentences of the family “Transaction behaviour”: what the customer buys, and how."""

from predictions.modelling.sentences.declared import NO_HISTORY, NO_PURCHASE, TOO_FEW, Sentence

S = Sentence

SENTENCES: dict[str, Sentence] = {
    "std_amount_20d": S(
        "amount_spread",
        "Purchase amounts of the last 20 days spread by {std_amount_20d:m}",
        "近 20 天单笔金额的标准差为 {std_amount_20d:m}",
        none=NO_PURCHASE,
    ),
    "min_amount_20d": S(
        "smallest",
        "Smallest purchase of the last 20 days: {min_amount_20d:m}",
        "近 20 天最小一单 {min_amount_20d:m}",
        none=NO_PURCHASE,
    ),
    "median_amount_20d": S(
        "basket",
        "A middling purchase of the last 20 days is {median_amount_20d:m}",
        "近 20 天单笔金额的中位数为 {median_amount_20d:m}",
        none=NO_PURCHASE,
    ),
    "amount_cv_20d": S(
        "amount_spread",
        "Purchase amounts of the last 20 days vary by {amount_cv_20d:p} of their mean",
        "近 20 天单笔金额的波动为均值的 {amount_cv_20d:p}",
        none=NO_PURCHASE,
    ),
    "refund_ratio_20d": S(
        "refunds",
        "{refund_ratio_20d:p} of the purchases of the last 20 days were refunded",
        "近 20 天有 {refund_ratio_20d:p} 的订单退款",
        none=("Neither purchases nor refunds in the last 20 days", "近 20 天没有购买也没有退款"),
    ),
    "transaction_days_20d": S(
        "purchase_days",
        "Bought on {transaction_days_20d:day|days} of the last 20",
        "近 20 天有 {transaction_days_20d:n} 天购买",
    ),
    "transactions_per_day_20d": S(
        "per_day",
        "{transactions_per_day_20d:purchase|purchases} on a day with any",
        "有购买的日子平均每天 {transactions_per_day_20d:n} 次",
        none=NO_PURCHASE,
    ),
    "transaction_count_trend_20d": S(
        "purchase_trend",
        "Purchases change by {transaction_count_trend_20d:s} every 5 days over the last 20",
        "近 20 天购买次数每 5 天变化 {transaction_count_trend_20d:s}",
    ),
    "amount_trend_20d": S(
        "amount_trend",
        "Spending changes by {amount_trend_20d:s} every 5 days over the last 20",
        "近 20 天消费金额每 5 天变化 {amount_trend_20d:s}",
    ),
    "unique_categories_20d": S(
        "categories",
        "Bought from {unique_categories_20d:category|categories} in the last 20 days",
        "近 20 天购买了 {unique_categories_20d:n} 个品类",
    ),
    "top_category": S("top_category", "Buys most from: {top_category:t}", "购买最多的品类：{top_category:t}"),
    "top_category_share_20d": S(
        "category_share",
        "{top_category_share_20d:p} of the purchases of the last 20 days are from one category",
        "近 20 天 {top_category_share_20d:p} 的购买集中在一个品类",
        none=("No purchase with a category in the last 20 days", "近 20 天没有带品类的购买"),
    ),
    "category_diversity_20d": S(
        "categories",
        "Diversity of categories in the last 20 days: {category_diversity_20d:n}",
        "近 20 天品类多样性为 {category_diversity_20d:n}",
        none=("No purchase with a category in the last 20 days", "近 20 天没有带品类的购买"),
    ),
    "payment_method_count_20d": S(
        "payment_count",
        "Paid in {payment_method_count_20d:way|ways} in the last 20 days",
        "近 20 天使用 {payment_method_count_20d:n} 种支付方式",
    ),
    "primary_payment_method": S(
        "payment", "Pays mostly by: {primary_payment_method:t}", "主要支付方式：{primary_payment_method:t}"
    ),
    "avg_transaction_interval": S(
        "rhythm",
        "Usually buys every {avg_transaction_interval:day|days}",
        "平时每 {avg_transaction_interval:n} 天购买一次",
        fuller=(
            "Usually buys every {avg_transaction_interval:day|days}; the last time was"
            " {days_since_last_transaction:day|days} ago",
            "平时每 {avg_transaction_interval:n} 天购买一次；上次是 {days_since_last_transaction:n} 天前",
        ),
        none=TOO_FEW,
    ),
    "transaction_regularity": S(
        "regularity",
        "Regularity of purchases: {transaction_regularity:p}",
        "购买规律性为 {transaction_regularity:p}",
        none=TOO_FEW,
    ),
    "weekend_transaction_ratio_20d": S(
        "weekend",
        "{weekend_transaction_ratio_20d:p} of the purchases of the last 20 days were at a weekend",
        "近 20 天 {weekend_transaction_ratio_20d:p} 的购买在周末",
        none=NO_PURCHASE,
    ),
    "evening_transaction_ratio_20d": S(
        "evening",
        "{evening_transaction_ratio_20d:p} of the purchases of the last 20 days were in the evening",
        "近 20 天 {evening_transaction_ratio_20d:p} 的购买在晚上",
        none=NO_PURCHASE,
    ),
    "recent_vs_historical_ratio": S(
        "amount_against_past",
        "Spends {recent_vs_historical_ratio:p} of its usual daily amount",
        "近期日均消费为平时的 {recent_vs_historical_ratio:p}",
        none=NO_HISTORY,
    ),
}
