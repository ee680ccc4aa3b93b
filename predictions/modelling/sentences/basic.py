"""Sentences of the family “Basic information”: who the customer is."""

from predictions.modelling.sentences.declared import Sentence

S = Sentence

SENTENCES: dict[str, Sentence] = {
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
}
