"""Sentences of the family “Social network”: friends and referrals."""

from predictions.modelling.sentences.declared import Sentence

S = Sentence

SENTENCES: dict[str, Sentence] = {
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
}
