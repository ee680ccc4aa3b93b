"""Sentences of the family “Lifecycle”: the customer's history as a whole."""

from predictions.modelling.sentences.declared import Sentence

S = Sentence

SENTENCES: dict[str, Sentence] = {
    "customer_lifetime_days": S(
        "lifetime",
        "{customer_lifetime_days:day|days} between first and last activity in 180 days",
        "近 180 天首末次活动相隔 {customer_lifetime_days:n} 天",
    ),
    "lifecycle_stage": S("stage", "Lifecycle stage: {lifecycle_stage:t}", "生命周期阶段：{lifecycle_stage:t}"),
    "total_lifetime_value": S(
        "value", "Spent {total_lifetime_value:m} in the last 180 days", "近 180 天消费 {total_lifetime_value:m}"
    ),
    "avg_monthly_value": S("value", "Spends {avg_monthly_value:m} a month", "平均每月消费 {avg_monthly_value:m}"),
    "lifetime_transaction_count": S(
        "count_180d",
        "{lifetime_transaction_count:purchase|purchases} in the last 180 days",
        "近 180 天购买 {lifetime_transaction_count:n} 次",
    ),
    "retention_rate_historical": S(
        "weeks_active",
        "Active in {retention_rate_historical:p} of the weeks since the first activity",
        "自首次活动以来有 {retention_rate_historical:p} 的周活跃",
        none=("No activity in the last 180 days", "近 180 天没有活动"),
    ),
    "churn_risk_history": S(
        "long_gaps",
        "{churn_risk_history:p} of its gaps between activity were longer than 7 days",
        "以往 {churn_risk_history:p} 的活动间隔超过 7 天",
        none=("Too few activity days to know its gaps", "活动日太少，看不出间隔"),
    ),
    "reactivation_count": S(
        "long_gaps",
        "Came back after more than 7 days {reactivation_count:time|times}",
        "曾有 {reactivation_count:n} 次间隔超过 7 天后回来",
    ),
}
