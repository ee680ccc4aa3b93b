"""A company for the benchmark of serving, and the keys that its callers show."""

import hashlib
import os
from typing import Any

import psycopg

from benchmarks.shop import AS_OF
from benchmarks.track import set_up

KEY, TOKEN = "sjx_benchmark", "0123456789abcdef0123456789abcdef01234567"
REASONS = """[
{"feature": "days_since_last_transaction", "value": 15, "contribution": 0.8,
 "sentence": {"en": "Last purchase 15 days ago", "zh": "15 天前最后一次购买"}},
{"feature": "weekly_spending_variation", "value": 2.65, "contribution": 0.4,
 "sentence": {"en": "Weekly spending varies by 265% of its mean", "zh": "每周消费波动为均值的 265%"}},
{"feature": "engagement_score", "value": 0.04, "contribution": 0.3,
 "sentence": {"en": "Active on 1 of the last 20 days", "zh": "最近 20 天中有 1 天活跃"}},
{"feature": "friend_count", "value": 2, "contribution": -0.2, "sentence": {"en": "2 friends", "zh": "2 位好友"}},
{"feature": "vip_level", "value": 3, "contribution": -0.1, "sentence": {"en": "VIP level 3", "zh": "VIP 等级 3"}}]"""
STATEMENTS = (
    """INSERT INTO customers_customer (customer_id, registered_on, name, customer_type, region, age_group, gender,
        account_status, registration_channel, referred_by, industry, company_size, payment_status, created_at,
        updated_at)
    SELECT 'C' || lpad(i::text, 9, '0'), %(day)s::date - 400, 'N' || i, 'loyal', 'East', '', '', 'active', '', '', '',
        '', '', now(), now() FROM generate_series(0, %(n)s - 1) i""",
    """INSERT INTO predictions_prediction (customer_id, as_of, model_id, probability, risk_level, lifecycle_stage,
        reasons, main_reason, monthly_value)
    SELECT c.id, %(day)s::date - d, %(model)s, ((c.id * 7919 + d * 13) %% 1000000) / 1000000.0, 'high', 'active',
        %(reasons)s::jsonb, 'days_since_last_transaction', 50 FROM customers_customer c, generate_series(0, 2) d""",
    """INSERT INTO healthscore_healthscore (customer_id, as_of, score, grade, breakdown, coverage, direction,
        grade_before, customer_type, sources, configuration_id, calculated_at)
    SELECT id, %(day)s, 0.5, 'at_risk', '{}', 1, 'stable', '', '', '[]', %(configuration)s, now()
    FROM customers_customer""",
    """INSERT INTO customers_hold (customer_id, kind, source, since, reason, created_at)
    SELECT id, 'opt_out', 'opt-out', %(day)s, '', now() FROM customers_customer WHERE id %% 10 = 0""",
)


def fill(url: str, n: int) -> None:
    """Put it into the migrated, empty database of the environment."""
    set_up()
    from django.contrib.auth.models import User
    from rest_framework.authtoken.models import Token

    from customers.models import ApiKey
    from healthscore import configurations
    from predictions.models import ModelVersion

    facts = {"kind": "rule", "role": "champion", "as_of": AS_OF, "horizon_days": 7}
    model = ModelVersion.objects.create(version="benchmark", catalogue_version="1", code_version="1", **facts)
    scopes = ["predictions:read", "customers:read", "customers:write"]
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    ApiKey.objects.create(name="benchmark", prefix="benchmar", digest=digest, scopes=scopes, requests_per_minute=10**9)
    Token.objects.create(key=TOKEN, user=User.objects.create_superuser("benchmark"))
    values: dict[str, Any] = {"n": n, "day": AS_OF, "model": model.pk, "reasons": REASONS}
    values["configuration"] = configurations.active().pk
    with psycopg.connect(url.replace("postgres://", "postgresql://", 1), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in STATEMENTS:
            connection.execute(statement.encode(), values)
        connection.execute("VACUUM (ANALYZE)")


if __name__ == "__main__":
    import sys

    fill(os.environ["DATABASE_URL"], int(sys.argv[1]))
