"""Sentences of the family “Risk signals”: what warns by itself."""

from predictions.modelling.sentences.declared import Sentence

S = Sentence

SENTENCES: dict[str, Sentence] = {
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
