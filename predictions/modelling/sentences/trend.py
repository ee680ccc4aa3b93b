"""Sentences of the family “Trend”: this period against the one before."""

from predictions.modelling.sentences.declared import NOT_OBSERVED, Sentence

S = Sentence

SENTENCES: dict[str, Sentence] = {
    "amount_change_7d": S(
        "amount_week",
        "Spending of the last 7 days against the 7 before: {amount_change_7d:s} on a scale of −1 to 1",
        "近 7 天消费与前 7 天相比：{amount_change_7d:s}（−1 至 1）",
    ),
    "frequency_change_7d": S(
        "purchase_week",
        "Purchases of the last 7 days against the 7 before: {frequency_change_7d:s} on a scale of −1 to 1",
        "近 7 天购买次数与前 7 天相比：{frequency_change_7d:s}（−1 至 1）",
    ),
    "login_change_7d": S(
        "login_trend",
        "Logins of the last 7 days against the 7 before: {login_change_7d:s} on a scale of −1 to 1",
        "近 7 天登录次数与前 7 天相比：{login_change_7d:s}（−1 至 1）",
    ),
    "amount_change_10d": S(
        "amount_trend",
        "Spending of the last 10 days against the 10 before: {amount_change_10d:s} on a scale of −1 to 1",
        "近 10 天消费与前 10 天相比：{amount_change_10d:s}（−1 至 1）",
    ),
    "frequency_change_10d": S(
        "purchase_trend",
        "Purchases of the last 10 days against the 10 before: {frequency_change_10d:s} on a scale of −1 to 1",
        "近 10 天购买次数与前 10 天相比：{frequency_change_10d:s}（−1 至 1）",
    ),
    "engagement_change_10d": S(
        "engagement_trend",
        "Activity of the last 10 days against the 10 before: {engagement_change_10d:s} on a scale of −1 to 1",
        "近 10 天活动与前 10 天相比：{engagement_change_10d:s}（−1 至 1）",
    ),
    "amount_vs_avg": S(
        "amount_against_past",
        "Spending of the last 20 days against its own past: {amount_vs_avg:s} on a scale of −1 to 1",
        "近 20 天消费与自身以往相比：{amount_vs_avg:s}（−1 至 1）",
        none=NOT_OBSERVED,
    ),
    "frequency_vs_avg": S(
        "count_against_past",
        "Purchases of the last 20 days against its own past: {frequency_vs_avg:s} on a scale of −1 to 1",
        "近 20 天购买次数与自身以往相比：{frequency_vs_avg:s}（−1 至 1）",
        none=NOT_OBSERVED,
    ),
    "amount_volatility": S(
        "amount_volatility",
        "Weekly spending of the last 8 weeks varies by {amount_volatility:p} of its mean",
        "近 8 周每周消费的波动为均值的 {amount_volatility:p}",
        none=("No spending in the last 8 weeks", "近 8 周没有消费"),
    ),
    "frequency_volatility": S(
        "count_volatility",
        "Weekly purchases vary by {frequency_volatility:p} of their mean",
        "每周购买次数波动为均值的 {frequency_volatility:p}",
        none=("No purchase in the last 8 weeks", "近 8 周没有购买"),
    ),
    "activity_decay_rate": S(
        "engagement_trend",
        "Activity fades at a rate of {activity_decay_rate:s} every 5 days",
        "活动每 5 天衰减 {activity_decay_rate:s}",
    ),
    "momentum_score": S(
        "momentum",
        "{momentum_score:p} momentum: near 100% when all activity is recent",
        "活动势头 {momentum_score:p}：越接近 100% 越集中在近期",
        none=("No activity in the last 20 days", "近 20 天没有活动"),
    ),
}
