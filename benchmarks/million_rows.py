"""The rows of `benchmarks.million`, as statements: `n` customers, `day` the date as of which all stands, `days` scored.

Activity is skewed (the customer of rank r does about 1/√r of it), rows lie in the order in which they would have come.
"""

from benchmarks.million_course import COURSE, NOON

__all__ = ["ROWS"]

SKEWED = "1 + floor(%(n)s * power(random(), 2))::bigint"
REASONS = """[
 {"feature": "days_since_last_transaction", "value": 15, "contribution": 0.8,
  "sentence": {"en": "Last purchase 15 days ago", "zh": "15 天前最后一次购买"}},
 {"feature": "weekly_spending_variation", "value": 2.65, "contribution": 0.4,
  "sentence": {"en": "Weekly spending of the last 8 weeks varies by 265%% of its mean",
    "zh": "近 8 周每周消费的波动为均值的 265%%"}},
 {"feature": "engagement_20d", "value": 0.04, "contribution": 0.3,
  "sentence": {"en": "Active on 1 of the last 20 days: engagement 4%%", "zh": "近 20 天有 1 天活跃：参与度 4%%"}},
 {"feature": "friend_count", "value": 2, "contribution": -0.1, "sentence": {"en": "2 friends", "zh": "2 位好友"}}]"""
MEASURE = '{"value": 0.79, "low": 0.78, "high": 0.8}'
METRICS = f"""{{"roc_auc": {MEASURE}, "pr_auc": {MEASURE}, "ece": {MEASURE}, "brier": {MEASURE},
 "lift_top_decile": {MEASURE}, "base_rate": {MEASURE}, "seen": {{"roc_auc": {MEASURE}}},
 "unseen": {{"roc_auc": {MEASURE}}}}}"""
PARTS = {
    "usage": ("login_frequency", "active_users", "session_time"),
    "payment": ("status", "renewal"),
    "support": ("open_tickets", "solved_in_time"),
    "engagement": ("contacts", "breadth"),
    "adoption": ("features", "depth"),
    "satisfaction": ("nps", "ratings"),
    "lifecycle": ("tenure", "onboarding"),
    "value": ("mrr", "growth"),
}


def _breakdown() -> str:
    """SQL of a score's breakdown: each dimension with its parts."""
    one = ", ".join(
        f"'{name}', jsonb_build_object('score', round(random()::numeric, 3), 'parts', jsonb_build_object("
        + ", ".join(f"'{part}', round(random()::numeric, 3)" for part in parts)
        + "))"
        for name, parts in PARTS.items()
    )
    return f"jsonb_build_object({one})"


GRADE = """CASE WHEN {0} >= 0.8 THEN 'excellent' WHEN {0} >= 0.6 THEN 'good' WHEN {0} >= 0.4 THEN 'at_risk'
    ELSE 'critical' END"""

PEOPLE = (
    (
        "auth_user",
        """INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
            date_joined) SELECT '!', g = 1, 'staff' || g, '', '', '', true, true, now()
        FROM generate_series(1, 50) g""",
    ),
    (
        "customers_customer",
        """INSERT INTO customers_customer (id, customer_id, registered_on, name, customer_type, region, age_group,
            gender, vip_level, account_status, registration_channel, referred_by, industry, company_size,
            payment_status, created_at, updated_at)
        SELECT g, 'C' || lpad(g::text, 9, '0'), %(day)s::date - (1 + random() * 1500)::int,
            (ARRAY['Zhang','Wang','Li','Zhao','Chen','Liu','Yang','Huang','Zhou','Wu','Smith','Jones','Miller','Davis'])
                [1 + (random() * 13)::int] || ' '
                || (ARRAY['Wei','Fang','Min','Jing','Lei','Yan','Anna','Paul','Maria','John'])[1 + (random() * 9)::int]
                || ' ' || g %% 9973,
            'type ' || g %% 4, 'region ' || (random() * 16)::int, 'group ' || g %% 6, (g %% 2)::text,
            (random() * 4)::int, CASE WHEN g %% 50 = 0 THEN 'closed' ELSE 'active' END, 'channel ' || g %% 5,
            CASE WHEN g %% 10 = 3 THEN 'C' || lpad(((g::bigint * 7919) %% %(n)s + 1)::text, 9, '0') ELSE '' END,
            'industry ' || g %% 12, '', (ARRAY['', 'current', 'late', 'overdue'])[1 + (random() * 3)::int], now(), now()
        FROM generate_series(1, %(n)s) g""",
    ),
    (
        "customers_link",
        """INSERT INTO customers_link (low_id, high_id, since)
        SELECT DISTINCT ON (low, high) low, high, %(day)s::date - (random() * 900)::int
        FROM (SELECT g AS low, g + 1 + floor(random() * (%(n)s - g))::bigint AS high
              FROM generate_series(1, %(n)s - 1) g) pairs WHERE high <= %(n)s""",
    ),
)
FACTS = (
    (
        "customers_transaction",
        f"""INSERT INTO customers_transaction (transaction_id, customer_id, occurred_at, amount, product_category,
            payment_method, status)
        SELECT 'T' || g, {SKEWED}, {NOON} - interval '180 days' * (1 - g / (%(n)s * 3.0)),
            (1 + 10000 * power(random(), 4))::numeric(15, 2), 'category ' || 1 + (30 * random())::int,
            'method ' || (4 * random())::int,
            CASE WHEN random() < 0.95 THEN 'completed' WHEN random() < 0.6 THEN 'refunded' ELSE 'failed' END
        FROM generate_series(1, %(n)s * 3) g""",
    ),
    (
        "customers_interaction",
        f"""INSERT INTO customers_interaction (interaction_id, customer_id, occurred_at, kind, channel,
            duration_seconds, page_depth, satisfaction, topic)
        SELECT 'I' || g, {SKEWED}, {NOON} - interval '180 days' * (1 - g / (%(n)s * 5.0)),
            (ARRAY['login','login','login','browse','browse','browse','search','search','support','complaint',
                'feedback','unsubscribe','security'])[1 + (12 * random())::int],
            (ARRAY['','web','mobile','phone','email','store'])[1 + (5 * random())::int], (1800 * random())::int,
            (20 * random())::int, CASE WHEN random() < 0.1 THEN 1 + (4 * random())::int END,
            CASE WHEN random() < 0.02 THEN 'competitor' ELSE '' END
        FROM generate_series(1, %(n)s * 5) g""",
    ),
    (
        "customers_deal",
        f"""INSERT INTO customers_deal (deal_id, customer_id, deal_date, deal_amount, deal_stage, account_manager,
            product_type, contract_length, renewal_date)
        SELECT 'D' || g, {SKEWED}, %(day)s::date - 1 - (700 * random())::int, (100000 * random())::numeric(15, 2),
            (ARRAY['won','won','won','renewed','lost','open'])[1 + (5 * random())::int],
            'Manager ' || (199 * random())::int, 'product ' || g %% 5, 12, %(day)s::date + (365 * random() - 100)::int
        FROM generate_series(1, %(n)s / 2) g""",
    ),
    (
        "customers_ticket",
        f"""INSERT INTO customers_ticket (ticket_id, customer_id, created_date, resolved_date, priority, category,
            satisfaction_score, agent_id)
        SELECT 'K' || g, {SKEWED}, {NOON} - interval '180 days' * (1 - g / (%(n)s / 2.0)),
            CASE WHEN random() < 0.9 THEN {NOON} - interval '170 days' * (1 - g / (%(n)s / 2.0)) END,
            (ARRAY['low','medium','high','urgent'])[1 + (3 * random())::int], 'category ' || g %% 9,
            1 + (4 * random())::int, 'agent ' || g %% 40
        FROM generate_series(1, %(n)s / 2) g""",
    ),
    (
        "customers_activity",
        f"""INSERT INTO customers_activity (row_key, customer_id, date, activity_type, feature_name, user_count,
            session_duration, usage_depth)
        SELECT 'a' || g, {SKEWED}, {NOON} - interval '180 days' * (1 - g / (%(n)s * 1.0)),
            (ARRAY['login','feature_use','integration','export'])[1 + (3 * random())::int], 'feature ' || g %% 20,
            (9 * random())::int, 60 * random(), random()
        FROM generate_series(1, %(n)s) g""",
    ),
    (
        "customers_intervention",
        f"""INSERT INTO customers_intervention (intervention_id, customer_id, kind, channel, occurred_at, cost, note,
            recorded_by_id, recorded_at)
        SELECT 'V' || g, {SKEWED}, (ARRAY['coupon','call','e-mail'])[1 + g %% 3], '',
            {NOON} - interval '90 days' * random(), 2.5, '', 1 + g %% 50, now()
        FROM generate_series(1, %(n)s / 200) g""",
    ),
    (
        "customers_hold",
        """INSERT INTO customers_hold (customer_id, kind, source, since, until, reason, created_at)
        SELECT g * 50, CASE WHEN g %% 10 = 0 THEN 'opt_out' WHEN g %% 10 = 1 THEN 'unsubscribed' ELSE 'control' END,
            CASE WHEN g %% 10 = 0 THEN 'opt-out' WHEN g %% 10 = 1 THEN 'unsubscribed' ELSE 'experiment 1' END,
            %(day)s::date - (g %% 30)::int, CASE WHEN g %% 10 > 1 THEN %(day)s::date + 8 - (g %% 14)::int END, '', now()
        FROM generate_series(1, %(n)s / 50) g WHERE 8 - g %% 14 > - (g %% 30)""",
    ),
    (
        "customers_suppression",
        """INSERT INTO customers_suppression (customer_id, kind, source, outlet, suppressed_on)
        SELECT g * 50, 'control', 'experiment 1', outlet, %(day)s::date - (g %% 7)::int
        FROM generate_series(1, %(n)s / 50) g,
            unnest(ARRAY['home', 'predictions.risktoday.csv', 'experiments.treatments']) outlet""",
    ),
)
SCORES = (
    (
        "predictions_modelversion",
        f"""INSERT INTO predictions_modelversion (version, kind, role, as_of, horizon_days, catalogue_version,
            code_version, parameters, data, metrics, baselines, curves, analysis, warnings, path, signature, created_at)
        SELECT 'model-' || g, 'lightgbm', CASE WHEN g = 52 THEN 'champion' WHEN g = 51 THEN 'challenger' ELSE 'retired'
            END, %(day)s::date - 7 * (52 - g), 7, 'abc', '1', '{{"threshold": 0.5}}',
            '{{"splits": {{"train": ["2025-06-01"], "test": ["2025-07-01"]}}, "rows_by_slice": {{"train": 10}}}}',
            '{METRICS}', '{{"rule": {METRICS}, "purchase_count_20d": {METRICS}}}',
            '{{"roc": {{"x": [0, 0.5, 1], "y": [0, 0.8, 1]}}}}', '{{"gain": {{"friend_count": 0.4, "region": 0.6}}}}',
            '[]', '', '', {NOON} - interval '7 days' * (52 - g) FROM generate_series(1, 52) g""",
    ),
    (
        "predictions_promotion",
        f"""INSERT INTO predictions_promotion (model_id, previous_id, is_rollback, reason, promoted_at, promoted_by_id)
        SELECT g, NULLIF(g - 1, 0), false, 'better', {NOON} - interval '7 days' * (52 - g), 1
        FROM generate_series(1, 52) g""",
    ),
    (
        "predictions_prediction",
        f"""INSERT INTO predictions_prediction (customer_id, as_of, model_id, probability, risk_level, lifecycle_stage,
            monthly_value, reasons, churned, is_treated)
        SELECT customer, as_of, 52 - (%(day)s::date - as_of) / 7, p, level,
            (ARRAY['new','active','active','active','at_risk','reactivated'])[1 + (5 * s)::int],
            (1000 * s * s)::numeric(15, 2), CASE WHEN p >= 0.5 THEN '{REASONS}'::jsonb END,
            CASE WHEN as_of < %(day)s::date - 7 THEN s < p END, CASE WHEN as_of < %(day)s::date - 7 THEN s < 0.02 END
        FROM (
            SELECT customer, %(day)s::date - back AS as_of, p, s, CASE WHEN p >= 0.7 THEN 'critical' WHEN p >= 0.5
                THEN 'high' WHEN p >= 0.3 THEN 'medium' ELSE 'low' END AS level
            FROM (SELECT back, customer, power(random(), 4)::numeric(7, 6) AS p, random() AS s
                  FROM generate_series(%(days)s - 1, 0, -1) back, generate_series(1, %(n)s) customer) drawn
        ) rows""",
    ),
    (
        "predictions_dailyquality",
        """INSERT INTO predictions_dailyquality (as_of, model_id, n_predictions, n_churned, n_treated, metrics,
            warnings, measured_at)
        SELECT %(day)s::date - 7 - g, 52 - g / 7, %(n)s, %(n)s / 3, 100,
            '{"roc_auc": 0.79, "ece": 0.02, "lift_top_decile": 2.2, "base_rate": 0.35, "intervals": {}}', '[]', now()
        FROM generate_series(0, 350) g""",
    ),
    (
        "predictions_drift",
        """INSERT INTO predictions_drift (as_of, model_id, feature, psi, p_value, is_warning)
        SELECT %(day)s::date - g, 52 - g / 7, 'feature_' || f, random() / 4, random(), random() < 0.05
        FROM generate_series(0, 350) g, generate_series(1, 89) f""",
    ),
    (
        "predictions_featuresnapshot",
        f"""INSERT INTO predictions_featuresnapshot (as_of, catalogue_version, path, sha256, n_customers, n_eligible,
            timings, computed_at)
        SELECT %(day)s::date - g, 'abc', 'snapshots/' || g, '', %(n)s, %(n)s, '{{"reading": 1.5}}',
            {NOON} - interval '1 day' * g FROM generate_series(0, 350) g""",
    ),
    (
        "healthscore_healthday",
        """INSERT INTO healthscore_healthday (as_of, configuration_id, n_scored, n_not_scored, failures, calculated_at)
        SELECT %(day)s::date - g, (SELECT min(id) FROM healthscore_configurationversion), %(n)s, %(n)s / 100, '[]',
            now() FROM generate_series(0, 0) g""",
    ),
    (
        "healthscore_healthscore",
        f"""INSERT INTO healthscore_healthscore (customer_id, as_of, score, grade, breakdown, coverage, mrr, change_30d,
            grade_before, direction, forecast_30d, customer_type, sources, configuration_id, calculated_at)
        SELECT g, %(day)s, s, {GRADE.format("s")}, {_breakdown()}, 0.6 + 0.4 * (g %% 2),
            CASE WHEN g %% 2 = 0 THEN (10000 * random())::numeric(24, 4) END, (b - s), {GRADE.format("(s + s - b)")},
            (ARRAY['improving','stable','declining'])[1 + (2 * random())::int], s, 'type ' || g %% 4,
            '["sales", "support", "activity"]', (SELECT min(id) FROM healthscore_configurationversion), now()
        FROM (SELECT g, s, (s + 0.1 * random() - 0.05)::numeric(5, 4) AS b
              FROM (SELECT g, random()::numeric(5, 4) AS s FROM generate_series(1, %(n)s) g) drawn) both_scores""",
    ),
    (
        "healthscore_notscored",
        """INSERT INTO healthscore_notscored (customer_id, as_of, reason)
        SELECT g * 100, %(day)s, 'no_data' FROM generate_series(1, %(n)s / 100) g""",
    ),
    (
        "healthscore_healthalert",
        """INSERT INTO healthscore_healthalert (customer_id, code, severity, value, threshold, detail, state, opened_on,
            held_on, closed_on)
        SELECT g * 5, (ARRAY['score_drop','grade_drop','payment_overdue','ticket_overdue'])[1 + g %% 4],
            (ARRAY['high','medium'])[1 + g %% 2], 0.25, 0.1, '',
            (ARRAY['open','acknowledged','closed','closed'])[1 + g %% 4],
            %(day)s::date - (g %% 90)::int, %(day)s::date - (g %% 45)::int,
            CASE WHEN g %% 4 > 1 THEN %(day)s::date - (g %% 45)::int END
        FROM generate_series(1, %(n)s / 5) g""",
    ),
    (
        "healthscore_override",
        """INSERT INTO healthscore_override (customer_id, grade, reason, starts_on, expires_on, computed_grade,
            created_by_id, created_at, verdict)
        SELECT g * 100, 'good', 'known', %(day)s::date - (g %% 60)::int, %(day)s::date - (g %% 60)::int + 30, 'at_risk',
            1 + g %% 50, now(), '' FROM generate_series(1, %(n)s / 200) g""",
    ),
)

ROWS = (*PEOPLE, *FACTS, *SCORES, *COURSE)
