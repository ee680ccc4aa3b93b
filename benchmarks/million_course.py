"""The rows of `benchmarks.million` that work itself makes: experiments, imports, runs, jobs, logs of the admin."""

__all__ = ["COURSE", "NOON"]

NOON = "(%(day)s::timestamp AT TIME ZONE 'Asia/Shanghai')"

EXPERIMENTS = (
    (
        "experiments_experiment",
        f"""INSERT INTO experiments_experiment (name, hypothesis, starts_on, ends_on, min_probability, risk_levels,
            layer, observation_days, secondary_metrics, guardrail_metrics, significance, power, smallest_effect,
            treatment_cost, value_source, is_stratified, strata, salt, state, started_on, ended_on, created_at)
        SELECT 'Experiment ' || g, 'A coupon keeps them', %(day)s::date - 30 * g - 7, %(day)s::date - 30 * g + 30, 0.7,
            '[]', 'retention', 7, '["purchases", "amount"]', '["complaints"]', 0.05, 0.8, 0.05, 2.5, 'own', false,
            '["risk_level"]', CASE WHEN g = 3 THEN '' ELSE 'salt' || g END,
            (ARRAY['running','completed','draft'])[g], CASE WHEN g < 3 THEN %(day)s::date - 30 * g - 7 END,
            CASE WHEN g = 2 THEN %(day)s::date - 30 END, {NOON} - interval '30 days' * g
        FROM generate_series(1, 3) g""",
    ),
    (
        "experiments_arm",
        """INSERT INTO experiments_arm (experiment_id, position, name, is_control, share, measure)
        SELECT 1 + (g - 1) / 3, (g - 1) %% 3, (ARRAY['control','coupon','call'])[1 + (g - 1) %% 3], (g - 1) %% 3 = 0,
            CASE WHEN (g - 1) %% 3 = 0 THEN 0.1 ELSE 0.45 END, (ARRAY['','a coupon','a call'])[1 + (g - 1) %% 3]
        FROM generate_series(1, 9) g""",
    ),
    (
        "experiments_statechange",
        f"""INSERT INTO experiments_statechange (experiment_id, from_state, to_state, reason, changed_at, changed_by_id)
        SELECT g, 'draft', 'running', 'begin', {NOON} - interval '30 days' * g, 1 FROM generate_series(1, 2) g""",
    ),
    (
        "experiments_assignment",
        f"""INSERT INTO experiments_assignment (experiment_id, customer_id, arm_id, u, enrolled_on, enrolled_at,
            probability, risk_level, customer_type, model_id, monthly_value, stratum, layer, is_current)
        SELECT 1 + g %% 2, g * 5, 1 + 3 * (g %% 2) + CASE WHEN u < 0.1 THEN 0 WHEN u < 0.55 THEN 1 ELSE 2 END, u,
            %(day)s::date - 30 * (1 + g %% 2)::int - 7 + (g * 30 / (%(n)s / 5))::int, {NOON},
            0.7 + 0.3 * random(), 'critical', 'type ' || g %% 4, 52, (g %% 977)::numeric, '', 'retention', g %% 2 = 0
        FROM (SELECT g, random() AS u FROM generate_series(1, %(n)s / 5) g) drawn""",
    ),
    (
        "experiments_listing",
        f"""INSERT INTO experiments_listing (assignment_id, arm_id, is_ghost, listed_on, listed_at)
        SELECT id, CASE WHEN arm_id %% 3 = 1 THEN arm_id + 1 ELSE arm_id END, arm_id %% 3 = 1, enrolled_on, {NOON}
        FROM experiments_assignment""",
    ),
    (
        "experiments_outcome",
        f"""INSERT INTO experiments_outcome (assignment_id, status, n_purchases, amount, n_active_days, n_complaints,
            n_unsubscribes, n_purchases_before, amount_before, n_active_days_before, first_treated_at, treatment_cost,
            n_corrections, observed_at)
        SELECT id, CASE WHEN random() < 0.5 - (arm_id %% 3) * 0.02 THEN 'churned' ELSE 'retained' END, 2, 99.5, 2, 0, 0,
            3, 120, 4, CASE WHEN arm_id %% 3 <> 1 THEN {NOON} END, 2.5, (random() * 1.2)::int, {NOON}
        FROM experiments_assignment WHERE enrolled_on < %(day)s::date - 8""",
    ),
    (
        "experiments_upliftstudy",
        f"""INSERT INTO experiments_upliftstudy (experiment_id, as_of, digest, code, document, path, signature,
            daily_budget, made_at)
        SELECT 2, %(day)s, 'd', 'signal', '{{"arms": []}}', '', '', 1000, {NOON} FROM generate_series(1, 1)""",
    ),
    (
        "experiments_upliftlisting",
        """INSERT INTO experiments_upliftlisting (study_id, customer_id, listed_on, arm_id, place, effect, value, net)
        SELECT 1, g * 9, %(day)s::date - (g %% 30)::int, 5, 1 + g / 30, random(), 100, 100 * random()
        FROM generate_series(1, %(n)s / 20) g""",
    ),
)
FILES = (
    (
        "customers_importfile",
        f"""INSERT INTO customers_importfile (name, kind, source, upload, encoding, sha256, state, message, n_read,
            n_added, n_updated, n_unchanged, n_set_aside, ignored_columns, created_by_id, created_at)
        SELECT 'file ' || g || '.csv', (ARRAY['customers','transactions','interactions','sales'])[1 + g %% 4], 'upload',
            '', 'utf-8', md5(g::text), 'done', '', 1050, 1000, 0, 0, 50, '[]', 1 + g %% 50,
            {NOON} - interval '3 hours' * (2000 - g) FROM generate_series(1, 2000) g""",
    ),
    (
        "customers_setasiderow",
        """INSERT INTO customers_setasiderow (file_id, kind, line, raw, n_rows, is_mapped, key, awaits, awaits_deal,
            reasons, customer_ids, is_waiting, resolved_at, resolution)
        SELECT 2000 - g %% 2000,
            (ARRAY['customers','transactions','interactions','sales'])[1 + (2000 - g %% 2000) %% 4], g / 2000 + 2,
            '{"customer_id": "=1+1", "registered_on": "soon"}', 1, false, '', '', '',
            '[{"column": "registered_on", "code": "not_date", "params": {}}]', '[]', g %% 10 = 1,
            CASE WHEN g %% 10 > 6 THEN now() END, CASE WHEN g %% 10 > 6 THEN 'mended' ELSE '' END
        FROM generate_series(1, %(n)s / 10) g""",
    ),
    (
        "customers_archivefile",
        """INSERT INTO customers_archivefile (kind, month, path, n_rows, sha256, written_at)
        SELECT kind, '2020-01-01'::date + interval '1 month' * g, 'archive/' || kind || g, 100000, '', now()
        FROM generate_series(0, 60) g, unnest(ARRAY['transactions', 'interactions']) kind""",
    ),
    (
        "customers_run",
        f"""INSERT INTO customers_run (kind, as_of, state, started_at, ended_at, error, claim)
        SELECT kind, %(day)s::date - g, CASE WHEN g = 3 THEN 'failed' ELSE 'done' END, {NOON} - interval '1 day' * g,
            {NOON} - interval '1 day' * g + interval '40 minutes', CASE WHEN g = 3 THEN 'no disk' ELSE '' END, ''
        FROM generate_series(0, 720) g, unnest(ARRAY['daily', 'retention']) kind""",
    ),
    (
        "customers_step",
        """INSERT INTO customers_step (run_id, name, position, state, started_at, ended_at, n_rows, n_attempts,
            result, error)
        SELECT id, 'step ' || g, g, 'done', started_at, ended_at, 1000, 1, '{}', ''
        FROM customers_run, generate_series(1, 9) g""",
    ),
    (
        "customers_job",
        """INSERT INTO customers_job (id, kind, state, arguments, n_done, error, path, created_at, created_by_id)
        SELECT gen_random_uuid(), 'export', 'done', '{}', 0, '', '', now() - interval '1 hour' * g, 1 + g %% 50
        FROM generate_series(1, 5000) g""",
    ),
    (
        "django_admin_log",
        """INSERT INTO django_admin_log (action_time, object_id, object_repr, action_flag, change_message, user_id)
        SELECT now() - interval '1 minute' * g, g::text, 'x', 2, '', 1 + g %% 50
        FROM generate_series(1, %(n)s / 10) g""",
    ),
)
COURSE = (*EXPERIMENTS, *FILES)
