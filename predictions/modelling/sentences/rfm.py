"""Sentences of the family “RFM”: recency, frequency and monetary value."""

from predictions.modelling.sentences.declared import NO_HISTORY, NO_PURCHASE, Sentence

S = Sentence

SENTENCES: dict[str, Sentence] = {
    "days_since_last_transaction": S(
        "purchase_recency",
        "Last purchase {days_since_last_transaction:day|days} ago",
        "上次购买在 {days_since_last_transaction:n} 天前",
        fuller=(
            "Last purchase {days_since_last_transaction:day|days} ago; usually every {avg_transaction_interval:n}",
            "上次购买在 {days_since_last_transaction:n} 天前；平时每 {avg_transaction_interval:n} 天一次",
        ),
        none=NO_HISTORY,
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
        none=NO_PURCHASE,
    ),
    "max_transaction_amount_20d": S(
        "largest",
        "Largest purchase of the last 20 days: {max_transaction_amount_20d:m}",
        "近 20 天最大一单 {max_transaction_amount_20d:m}",
        none=NO_PURCHASE,
    ),
    "monetary_score": S(
        "amount", "Spending score {monetary_score:n} of 5", "消费金额得分 {monetary_score:n}（满分 5）"
    ),
    "rfm_combined_score": S(
        "rfm", "Combined RFM score {rfm_combined_score:n} of 5", "RFM 综合得分 {rfm_combined_score:n}（满分 5）"
    ),
}
