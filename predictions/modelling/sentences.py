"""A sentence for every feature, in English and Chinese: what its value says of the customer.

A line each: topic (features of one topic say the same in other words), English, Chinese. Braces name features of the
row; the format after the colon is one of `n` number, `p` percentage, `m` amount, `t` label, `s` signed number, or
`one|many`, which is the number and the English word that fits it. Where a feature named is missing, the sentence
for a missing value is said, and where the sentence names a second feature, it is told without it.
"""

from dataclasses import dataclass

__all__ = ["SENTENCES", "Sentence"]


@dataclass(frozen=True)
class Sentence:
    """`fuller` tells more by a second feature, where that is known; `none` is said of a missing value."""

    topic: str
    en: str
    zh: str
    fuller: tuple[str, str] | None = None
    none: tuple[str, str] | None = None


S = Sentence
_NO_PURCHASE = ("No purchase in the last 20 days", "近 20 天没有购买")
_NO_HISTORY = ("No purchase in the last 180 days", "近 180 天没有购买")
_TOO_FEW = ("Too few purchase days to know a rhythm", "购买日太少，看不出规律")
_NOT_OBSERVED = ("Too new a customer to compare with the past", "注册时间太短，无法与以往比较")

SENTENCES: dict[str, Sentence] = {
    # Basic information
    "customer_age_days": S("age", "Customer for {customer_age_days:day|days}", "注册已 {customer_age_days:n} 天"),
    "customer_type": S("type", "Customer type: {customer_type:t}", "客户类型：{customer_type:t}"),
    "region": S("region", "Region: {region:t}", "地区：{region:t}"),
    "age_group": S("age_group", "Age group: {age_group:t}", "年龄段：{age_group:t}"),
    "gender": S("gender", "Gender: {gender:t}", "性别：{gender:t}"),
    "vip_level": S("vip", "VIP level {vip_level:n}", "VIP 等级 {vip_level:n}"),
    "account_status": S("status", "Account status: {account_status:t}", "账户状态：{account_status:t}"),
    "registration_channel": S(
        "channel_in", "Registered through: {registration_channel:t}", "注册渠道：{registration_channel:t}"
    ),
    # RFM
    "days_since_last_transaction": S(
        "purchase_recency",
        "Last purchase {days_since_last_transaction:day|days} ago",
        "上次购买在 {days_since_last_transaction:n} 天前",
        fuller=(
            "Last purchase {days_since_last_transaction:day|days} ago; usually every {avg_transaction_interval:n}",
            "上次购买在 {days_since_last_transaction:n} 天前；平时每 {avg_transaction_interval:n} 天一次",
        ),
        none=_NO_HISTORY,
    ),
    "days_since_last_login": S(
        "login_recency",
        "Last login {days_since_last_login:day|days} ago",
        "上次登录在 {days_since_last_login:n} 天前",
        none=("No login in the last 180 days", "近 180 天没有登录"),
    ),
    "recency_score": S(
        "purchase_recency", "Recency score {recency_score:n} of 5", "最近购买得分 {recency_score:n}（满分 5）"
    ),
    "transaction_count_20d": S(
        "purchase_count",
        "{transaction_count_20d:purchase|purchases} in the last 20 days",
        "近 20 天购买 {transaction_count_20d:n} 次",
        fuller=(
            "{transaction_count_20d:purchase|purchases} in the last 20 days, {lifetime_transaction_count:n} in 180",
            "近 20 天购买 {transaction_count_20d:n} 次；近 180 天共 {lifetime_transaction_count:n} 次",
        ),
    ),
    "login_count_20d": S(
        "login_count", "{login_count_20d:login|logins} in the last 20 days", "近 20 天登录 {login_count_20d:n} 次"
    ),
    "interaction_count_20d": S(
        "interaction_count",
        "{interaction_count_20d:contact|contacts} in the last 20 days",
        "近 20 天互动 {interaction_count_20d:n} 次",
    ),
    "frequency_score": S(
        "purchase_count", "Frequency score {frequency_score:n} of 5", "购买频次得分 {frequency_score:n}（满分 5）"
    ),
    "total_amount_20d": S(
        "amount", "Spent {total_amount_20d:m} in the last 20 days", "近 20 天消费 {total_amount_20d:m}"
    ),
    "avg_transaction_amount_20d": S(
        "basket",
        "{avg_transaction_amount_20d:m} a purchase in the last 20 days",
        "近 20 天平均每单 {avg_transaction_amount_20d:m}",
        none=_NO_PURCHASE,
    ),
    "max_transaction_amount_20d": S(
        "largest",
        "Largest purchase of the last 20 days: {max_transaction_amount_20d:m}",
        "近 20 天最大一单 {max_transaction_amount_20d:m}",
        none=_NO_PURCHASE,
    ),
    "monetary_score": S(
        "amount", "Spending score {monetary_score:n} of 5", "消费金额得分 {monetary_score:n}（满分 5）"
    ),
    "rfm_combined_score": S(
        "rfm", "Combined RFM score {rfm_combined_score:n} of 5", "RFM 综合得分 {rfm_combined_score:n}（满分 5）"
    ),
    # Transaction behaviour
    "std_amount_20d": S(
        "amount_spread",
        "Purchase amounts of the last 20 days spread by {std_amount_20d:m}",
        "近 20 天单笔金额的标准差为 {std_amount_20d:m}",
        none=_NO_PURCHASE,
    ),
    "min_amount_20d": S(
        "smallest",
        "Smallest purchase of the last 20 days: {min_amount_20d:m}",
        "近 20 天最小一单 {min_amount_20d:m}",
        none=_NO_PURCHASE,
    ),
    "median_amount_20d": S(
        "basket",
        "A middling purchase of the last 20 days is {median_amount_20d:m}",
        "近 20 天单笔金额的中位数为 {median_amount_20d:m}",
        none=_NO_PURCHASE,
    ),
    "amount_cv_20d": S(
        "amount_spread",
        "Purchase amounts of the last 20 days vary by {amount_cv_20d:p} of their mean",
        "近 20 天单笔金额的波动为均值的 {amount_cv_20d:p}",
        none=_NO_PURCHASE,
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
        none=_NO_PURCHASE,
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
        none=_TOO_FEW,
    ),
    "transaction_regularity": S(
        "regularity",
        "Regularity of purchases: {transaction_regularity:p}",
        "购买规律性为 {transaction_regularity:p}",
        none=_TOO_FEW,
    ),
    "weekend_transaction_ratio_20d": S(
        "weekend",
        "{weekend_transaction_ratio_20d:p} of the purchases of the last 20 days were at a weekend",
        "近 20 天 {weekend_transaction_ratio_20d:p} 的购买在周末",
        none=_NO_PURCHASE,
    ),
    "evening_transaction_ratio_20d": S(
        "evening",
        "{evening_transaction_ratio_20d:p} of the purchases of the last 20 days were in the evening",
        "近 20 天 {evening_transaction_ratio_20d:p} 的购买在晚上",
        none=_NO_PURCHASE,
    ),
    "recent_vs_historical_ratio": S(
        "amount_against_past",
        "Spends {recent_vs_historical_ratio:p} of its usual daily amount",
        "近期日均消费为平时的 {recent_vs_historical_ratio:p}",
        none=_NO_HISTORY,
    ),
    # Interaction
    "session_seconds_20d": S(
        "session",
        "{session_seconds_20d:second|seconds} of contact in the last 20 days",
        "近 20 天互动时长共 {session_seconds_20d:n} 秒",
    ),
    "avg_login_duration_20d": S(
        "login_length",
        "A login lasts {avg_login_duration_20d:second|seconds}",
        "平均每次登录 {avg_login_duration_20d:n} 秒",
        none=("No login with a duration in the last 20 days", "近 20 天没有记录时长的登录"),
    ),
    "login_trend_20d": S(
        "login_trend",
        "Logins change by {login_trend_20d:s} every 5 days over the last 20",
        "近 20 天登录次数每 5 天变化 {login_trend_20d:s}",
    ),
    "days_with_login_20d": S(
        "login_count",
        "Logged in on {days_with_login_20d:day|days} of the last 20",
        "近 20 天有 {days_with_login_20d:n} 天登录",
    ),
    "browse_count_20d": S(
        "browse", "{browse_count_20d:browse|browses} in the last 20 days", "近 20 天浏览 {browse_count_20d:n} 次"
    ),
    "avg_browse_depth_20d": S(
        "browse_depth",
        "Looks at {avg_browse_depth_20d:page|pages} a visit",
        "平均每次浏览 {avg_browse_depth_20d:n} 页",
        none=("No browsing with a page depth in the last 20 days", "近 20 天没有记录页数的浏览"),
    ),
    "browse_to_purchase_ratio_20d": S(
        "browse_to_purchase",
        "{browse_to_purchase_ratio_20d:purchase|purchases} for each browse",
        "每次浏览对应 {browse_to_purchase_ratio_20d:n} 次购买",
        none=("No browsing in the last 20 days", "近 20 天没有浏览"),
    ),
    "support_interaction_count_20d": S(
        "support",
        "{support_interaction_count_20d:call|calls} for support in the last 20 days",
        "近 20 天求助客服 {support_interaction_count_20d:n} 次",
    ),
    "complaint_count_20d": S(
        "complaints",
        "{complaint_count_20d:complaint|complaints} in the last 20 days",
        "近 20 天投诉 {complaint_count_20d:n} 次",
    ),
    "avg_response_satisfaction_20d": S(
        "satisfaction",
        "Satisfaction {avg_response_satisfaction_20d:n} of 5 in the last 20 days",
        "近 20 天满意度 {avg_response_satisfaction_20d:n}（满分 5）",
        none=("No satisfaction given in the last 20 days", "近 20 天没有满意度评价"),
    ),
    "primary_channel": S("channel", "Comes mostly by: {primary_channel:t}", "主要互动渠道：{primary_channel:t}"),
    "channel_diversity_20d": S(
        "channels",
        "Diversity of channels in the last 20 days: {channel_diversity_20d:n}",
        "近 20 天渠道多样性为 {channel_diversity_20d:n}",
        none=("No contact with a channel in the last 20 days", "近 20 天没有带渠道的互动"),
    ),
    "mobile_usage_ratio_20d": S(
        "mobile",
        "{mobile_usage_ratio_20d:p} of the contacts of the last 20 days were by mobile",
        "近 20 天 {mobile_usage_ratio_20d:p} 的互动来自手机",
        none=("No contact with a channel in the last 20 days", "近 20 天没有带渠道的互动"),
    ),
    "active_days_20d": S(
        "active_days", "Active on {active_days_20d:day|days} of the last 20", "近 20 天活跃 {active_days_20d:n} 天"
    ),
    "engagement_score": S(
        "active_days",
        "Engagement {engagement_score:p}",
        "活跃度 {engagement_score:p}",
        fuller=(
            "Active on {active_days_20d:n} of the last 20 days: engagement {engagement_score:p}",
            "近 20 天中有 {active_days_20d:n} 天活跃：活跃度 {engagement_score:p}",
        ),
    ),
    # Trend
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
        none=_NOT_OBSERVED,
    ),
    "frequency_vs_avg": S(
        "count_against_past",
        "Purchases of the last 20 days against its own past: {frequency_vs_avg:s} on a scale of −1 to 1",
        "近 20 天购买次数与自身以往相比：{frequency_vs_avg:s}（−1 至 1）",
        none=_NOT_OBSERVED,
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
    # Lifecycle
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
    # Social network
    "referral_count": S(
        "referrals", "Referred {referral_count:customer|customers}", "推荐了 {referral_count:n} 位客户"
    ),
    "referred_by_active_user": S(
        "referrer",
        "Referrer active in the last 20 days (1 yes, 0 no): {referred_by_active_user:n}",
        "推荐人近 20 天是否活跃（1 是，0 否）：{referred_by_active_user:n}",
    ),
    "social_influence_score": S(
        "referrals", "Social influence {social_influence_score:n}", "社交影响力 {social_influence_score:n}"
    ),
    "friend_count": S("friends", "{friend_count:friend|friends}", "好友 {friend_count:n} 位"),
    "friend_activity_level": S(
        "friends_active",
        "Friends were active on {friend_activity_level:day|days} of the last 20",
        "好友近 20 天平均活跃 {friend_activity_level:n} 天",
        none=("No friends known", "没有已知好友"),
    ),
    "network_effect_score": S(
        "friends_active",
        "{network_effect_score:p} of friends and referrals were active in the last 20 days",
        "近 20 天 {network_effect_score:p} 的好友与推荐关系活跃",
        none=("No friends or referrals known", "没有已知的好友或推荐关系"),
    ),
    # Risk signals
    "consecutive_inactive_days": S(
        "activity_recency",
        "No activity for {consecutive_inactive_days:day|days}",
        "已连续 {consecutive_inactive_days:n} 天没有活动",
    ),
    "sudden_activity_drop": S(
        "sudden_drop",
        "Sudden drop of activity in the last 7 days (1 yes, 0 no): {sudden_activity_drop:n}",
        "近 7 天活动骤降（1 是，0 否）：{sudden_activity_drop:n}",
    ),
    "negative_feedback_count_20d": S(
        "negative",
        "{negative_feedback_count_20d:bad rating|bad ratings} in the last 20 days",
        "近 20 天差评 {negative_feedback_count_20d:n} 次",
    ),
    "failed_transaction_count_20d": S(
        "failed",
        "{failed_transaction_count_20d:failed payment|failed payments} in the last 20 days",
        "近 20 天支付失败 {failed_transaction_count_20d:n} 次",
    ),
    "security_event_count_20d": S(
        "security",
        "{security_event_count_20d:security event|security events} in the last 20 days",
        "近 20 天安全事件 {security_event_count_20d:n} 次",
    ),
    "competitor_search_signal": S(
        "competitor",
        "Searched for a competitor in the last 20 days (1 yes, 0 no): {competitor_search_signal:n}",
        "近 20 天搜索过竞争对手（1 是，0 否）：{competitor_search_signal:n}",
    ),
    "unsubscribe_signal": S(
        "unsubscribed",
        "Unsubscribed in the last 180 days (1 yes, 0 no): {unsubscribe_signal:n}",
        "近 180 天退订过（1 是，0 否）：{unsubscribe_signal:n}",
    ),
}
