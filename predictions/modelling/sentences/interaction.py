"""Sentences of the family “Interaction”: logins, browsing, support and channels."""

from predictions.modelling.sentences.declared import Sentence

S = Sentence

SENTENCES: dict[str, Sentence] = {
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
}
