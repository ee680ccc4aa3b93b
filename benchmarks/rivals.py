"""A representative half of the features, written again in DuckDB's SQL, in pandas, and in a loop over customers.

Each takes the rows that the engine takes and returns NAMES for each customer, so that times and answers compare.
"""

import datetime as dt
import math
import statistics
from collections import Counter
from itertools import pairwise
from typing import Any

import polars as pl

STATUSES = ("completed", "refunded", "failed")
KINDS = ("login", "browse", "search", "support", "complaint", "feedback", "unsubscribe", "security")
CHANNELS = ("web", "mobile", "phone", "email", "store")
ACTIVITY = ("login", "browse", "search", "support", "complaint", "feedback")
NAMES = (
    *("customer_age_days", "vip_level", "account_status", "registration_channel", "days_since_last_transaction"),
    *("recency_score", "transaction_count_20d", "login_count_20d", "interaction_count_20d", "total_amount_20d"),
    *("avg_transaction_amount_20d", "max_transaction_amount_20d", "min_amount_20d", "median_amount_20d"),
    *("std_amount_20d", "refund_ratio_20d", "transaction_days_20d", "transaction_count_trend_20d"),
    *("unique_categories_20d", "top_category", "payment_method_count_20d", "avg_transaction_interval"),
    *("weekend_transaction_ratio_20d", "evening_transaction_ratio_20d", "session_seconds_20d"),
    *("avg_login_duration_20d", "days_with_login_20d", "browse_count_20d", "avg_browse_depth_20d"),
    *("complaint_count_20d", "avg_response_satisfaction_20d", "mobile_usage_ratio_20d", "active_days_20d"),
    *("amount_change_7d", "frequency_change_10d", "engagement_change_10d", "momentum_score"),
    *("customer_lifetime_days", "total_lifetime_value", "lifetime_transaction_count", "churn_risk_history"),
    *("reactivation_count", "consecutive_inactive_days", "sudden_activity_drop", "negative_feedback_count_20d"),
    *("failed_transaction_count_20d", "unsubscribe_signal"),
)

SQL = """
WITH t AS (
  SELECT *, DATE '{d}' - day AS age, status = 'completed' AS bought FROM transactions
  WHERE day < DATE '{d}' AND day >= DATE '{d}' - 180
), i AS (
  SELECT *, DATE '{d}' - day AS age FROM interactions WHERE day < DATE '{d}' AND day >= DATE '{d}' - 180
), tg AS (
  SELECT customer_pk,
    min(age) FILTER (bought) AS last_age,
    count(*) FILTER (bought AND age <= 20) AS n20,
    sum(cents) FILTER (bought AND age <= 20) AS sum20,
    max(cents) FILTER (bought AND age <= 20) AS max20,
    min(cents) FILTER (bought AND age <= 20) AS min20,
    median(cents) FILTER (bought AND age <= 20) AS median20,
    stddev_pop(cents) FILTER (bought AND age <= 20) AS std20,
    count(*) FILTER (status = 'refunded' AND age <= 20) AS refunded20,
    count(*) FILTER (status = 'failed' AND age <= 20) AS failed20,
    count(DISTINCT age) FILTER (bought AND age <= 20) AS days20,
    count(*) FILTER (bought AND age BETWEEN 16 AND 20) AS q0,
    count(*) FILTER (bought AND age BETWEEN 11 AND 15) AS q1,
    count(*) FILTER (bought AND age BETWEEN 6 AND 10) AS q2,
    count(*) FILTER (bought AND age <= 5) AS q3,
    count(DISTINCT category) FILTER (bought AND age <= 20) AS categories20,
    count(DISTINCT method) FILTER (bought AND age <= 20) AS methods20,
    count(DISTINCT age) FILTER (bought) AS days,
    max(age) FILTER (bought) - min(age) FILTER (bought) AS span,
    count(*) FILTER (bought AND age <= 20 AND isodow(day) >= 6) AS weekend20,
    count(*) FILTER (bought AND age <= 20 AND hour >= 18) AS evening20,
    coalesce(sum(cents) FILTER (bought AND age <= 7), 0) AS week1,
    coalesce(sum(cents) FILTER (bought AND age BETWEEN 8 AND 14), 0) AS week2,
    count(*) FILTER (bought AND age <= 10) AS n10,
    count(*) FILTER (bought AND age BETWEEN 11 AND 20) AS n10before,
    sum(cents) FILTER (bought) AS sum180,
    count(*) FILTER (bought) AS n180
  FROM t GROUP BY 1
), ig AS (
  SELECT customer_pk,
    count(*) FILTER (kind = 'login' AND age <= 20) AS logins20,
    count(*) FILTER (age <= 20) AS n20,
    sum(duration_seconds) FILTER (age <= 20) AS seconds20,
    avg(duration_seconds) FILTER (kind = 'login' AND age <= 20) AS login_seconds20,
    count(DISTINCT age) FILTER (kind = 'login' AND age <= 20) AS login_days20,
    count(*) FILTER (kind = 'browse' AND age <= 20) AS browses20,
    avg(page_depth) FILTER (kind = 'browse' AND age <= 20) AS depth20,
    count(*) FILTER (kind = 'complaint' AND age <= 20) AS complaints20,
    avg(satisfaction) FILTER (age <= 20) AS satisfaction20,
    count(*) FILTER (channel = 'mobile' AND age <= 20) AS mobile20,
    count(channel) FILTER (age <= 20) AS channels20,
    count(*) FILTER (satisfaction <= 2 AND age <= 20) AS negative20,
    count(*) FILTER (kind = 'unsubscribe') AS unsubscribed
  FROM i GROUP BY 1
), a AS (
  SELECT customer_pk, age FROM t WHERE bought
  UNION ALL SELECT customer_pk, age FROM i WHERE kind IN {activity}
), ag AS (
  SELECT customer_pk,
    count(DISTINCT age) FILTER (age <= 20) AS days20,
    count(*) FILTER (age <= 10) AS n10,
    count(*) FILTER (age BETWEEN 11 AND 20) AS n10before,
    count(*) FILTER (age <= 7) AS week1,
    count(*) FILTER (age BETWEEN 8 AND 27) AS before,
    avg(pow(2, -(age - 1) / 5.0)) FILTER (age <= 20) AS momentum,
    min(age) AS last_age, max(age) - min(age) AS span
  FROM a GROUP BY 1
), gaps AS (
  SELECT customer_pk, count(gap) AS n, count(*) FILTER (gap > 7) AS long FROM (
    SELECT customer_pk, lag(age) OVER (PARTITION BY customer_pk ORDER BY age DESC) - age AS gap
    FROM (SELECT DISTINCT customer_pk, age FROM a)
  ) GROUP BY 1
), top AS (
  SELECT customer_pk, first(category ORDER BY n DESC, category) AS category FROM (
    SELECT customer_pk, category, count(*) AS n FROM t
    WHERE bought AND age <= 20 AND category IS NOT NULL GROUP BY 1, 2
  ) GROUP BY 1
)
SELECT c.customer_pk,
  DATE '{d}' - c.registered_on AS customer_age_days,
  coalesce(c.vip_level, 0) AS vip_level,
  CASE WHEN c.status_since >= DATE '{d}' THEN 'active'
       ELSE coalesce(nullif(c.account_status, ''), 'unknown') END AS account_status,
  coalesce(nullif(c.registration_channel, ''), 'unknown') AS registration_channel,
  tg.last_age AS days_since_last_transaction,
  CASE WHEN tg.last_age <= 3 THEN 5 WHEN tg.last_age <= 7 THEN 4 WHEN tg.last_age <= 14 THEN 3
       WHEN tg.last_age <= 20 THEN 2 ELSE 1 END AS recency_score,
  coalesce(tg.n20, 0) AS transaction_count_20d,
  coalesce(ig.logins20, 0) AS login_count_20d,
  coalesce(ig.n20, 0) AS interaction_count_20d,
  coalesce(tg.sum20, 0) / 100 AS total_amount_20d,
  tg.sum20 / tg.n20 / 100 AS avg_transaction_amount_20d,
  tg.max20 / 100 AS max_transaction_amount_20d,
  tg.min20 / 100 AS min_amount_20d,
  tg.median20 / 100 AS median_amount_20d,
  tg.std20 / 100 AS std_amount_20d,
  tg.refunded20 / nullif(tg.n20 + tg.refunded20, 0) AS refund_ratio_20d,
  coalesce(tg.days20, 0) AS transaction_days_20d,
  coalesce((-1.5 * tg.q0 - 0.5 * tg.q1 + 0.5 * tg.q2 + 1.5 * tg.q3) / 5, 0) AS transaction_count_trend_20d,
  coalesce(tg.categories20, 0) AS unique_categories_20d,
  coalesce(top.category, 'none') AS top_category,
  coalesce(tg.methods20, 0) AS payment_method_count_20d,
  tg.span / nullif(tg.days - 1, 0) AS avg_transaction_interval,
  tg.weekend20 / nullif(tg.n20, 0) AS weekend_transaction_ratio_20d,
  tg.evening20 / nullif(tg.n20, 0) AS evening_transaction_ratio_20d,
  coalesce(ig.seconds20, 0) AS session_seconds_20d,
  ig.login_seconds20 AS avg_login_duration_20d,
  coalesce(ig.login_days20, 0) AS days_with_login_20d,
  coalesce(ig.browses20, 0) AS browse_count_20d,
  ig.depth20 AS avg_browse_depth_20d,
  coalesce(ig.complaints20, 0) AS complaint_count_20d,
  ig.satisfaction20 AS avg_response_satisfaction_20d,
  ig.mobile20 / nullif(ig.channels20, 0) AS mobile_usage_ratio_20d,
  coalesce(ag.days20, 0) AS active_days_20d,
  coalesce((tg.week1 - tg.week2) / nullif(tg.week1 + tg.week2, 0), 0) AS amount_change_7d,
  coalesce((tg.n10 - tg.n10before) / nullif(tg.n10 + tg.n10before, 0), 0) AS frequency_change_10d,
  coalesce((ag.n10 - ag.n10before) / nullif(ag.n10 + ag.n10before, 0), 0) AS engagement_change_10d,
  ag.momentum AS momentum_score,
  coalesce(ag.span, 0) AS customer_lifetime_days,
  coalesce(tg.sum180, 0) / 100 AS total_lifetime_value,
  coalesce(tg.n180, 0) AS lifetime_transaction_count,
  gaps.long / nullif(gaps.n, 0) AS churn_risk_history,
  coalesce(gaps.long, 0) AS reactivation_count,
  coalesce(ag.last_age - 1, 180) AS consecutive_inactive_days,
  coalesce(CAST(7 * ag.before >= 40 AND 200 * ag.week1 < 21 * ag.before AS INT), 0) AS sudden_activity_drop,
  coalesce(ig.negative20, 0) AS negative_feedback_count_20d,
  coalesce(tg.failed20, 0) AS failed_transaction_count_20d,
  CAST(coalesce(ig.unsubscribed, 0) > 0 AS INT) AS unsubscribe_signal
FROM customers c LEFT JOIN tg USING (customer_pk) LEFT JOIN ig USING (customer_pk) LEFT JOIN ag USING (customer_pk)
LEFT JOIN gaps USING (customer_pk) LEFT JOIN top USING (customer_pk)
"""


def duckdb_tables(*, customers: Any, transactions: Any, interactions: Any, threads: int) -> Any:
    """A connection that holds the rows in DuckDB's own tables, labels from short lists as enums."""
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    for name, values in (("status", STATUSES), ("kind", KINDS), ("channel", CHANNELS)):
        connection.execute(f"CREATE TYPE {name} AS ENUM {values}")
    for name, table, replaced in (
        ("customers", customers, ""),
        ("transactions", transactions, "REPLACE (status::status AS status)"),
        ("interactions", interactions, "REPLACE (kind::kind AS kind, channel::channel AS channel)"),
    ):
        connection.register("given", table)
        connection.execute(f"CREATE TABLE {name} AS SELECT * {replaced} FROM given")
        connection.unregister("given")
    return connection


def with_duckdb(*, as_of: dt.date, connection: Any) -> pl.DataFrame:
    """By one statement."""
    return pl.DataFrame(connection.sql(SQL.format(d=as_of, activity=ACTIVITY)).to_arrow_table())


def with_pandas(*, as_of: dt.date, customers: Any, transactions: Any, interactions: Any) -> pl.DataFrame:
    """By grouped columns; the frames are pandas', `day` as datetime64."""
    import numpy as np
    import pandas as pd

    now = pd.Timestamp(as_of)
    key = "customer_pk"
    out = pd.DataFrame(index=pd.Index(customers[key], name=key))
    facts = customers.set_index(key)
    t = transactions.assign(age=(now - transactions["day"]).dt.days)
    t = t[t["age"].between(1, 180)]
    i = interactions.assign(age=(now - interactions["day"]).dt.days)
    i = i[i["age"].between(1, 180)]
    p = t[t["status"] == "completed"]
    pw, iw, tw = p[p["age"] <= 20], i[i["age"] <= 20], t[t["age"] <= 20]
    logins, browses = iw[iw["kind"] == "login"], iw[iw["kind"] == "browse"]
    parts = [p[[key, "age"]], i.loc[i["kind"].isin(ACTIVITY), [key, "age"]]]
    a = pd.concat(parts, ignore_index=True)
    aw = a[a["age"] <= 20]

    def size(frame: Any) -> Any:
        return frame.groupby(key, sort=False).size().reindex(out.index, fill_value=0)

    def zero(series: Any) -> Any:
        return series.reindex(out.index).fillna(0)

    def ratio(top: Any, bottom: Any) -> Any:
        return (top / bottom.where(bottom != 0)).astype(float)

    def change(x: Any, y: Any) -> Any:
        return ratio(x - y, x + y).fillna(0)

    cents = pw.groupby(key, sort=False)["cents"]
    n20 = size(pw)
    begun = ~(facts["status_since"] >= now)
    status = facts["account_status"].replace("", None).fillna("unknown")
    out["customer_age_days"] = (now - facts["registered_on"]).dt.days
    out["vip_level"] = facts["vip_level"].fillna(0)
    out["account_status"] = status.where(begun, "active")
    out["registration_channel"] = facts["registration_channel"].replace("", None).fillna("unknown")
    last = p.groupby(key, sort=False)["age"].min().reindex(out.index)
    out["days_since_last_transaction"] = last
    out["recency_score"] = np.select([last <= 3, last <= 7, last <= 14, last <= 20], [5, 4, 3, 2], 1)
    out["transaction_count_20d"] = n20
    out["login_count_20d"] = size(logins)
    out["interaction_count_20d"] = size(iw)
    total = zero(cents.sum())
    out["total_amount_20d"] = total / 100
    out["avg_transaction_amount_20d"] = ratio(total, n20) / 100
    out["max_transaction_amount_20d"] = cents.max() / 100
    out["min_amount_20d"] = cents.min() / 100
    out["median_amount_20d"] = cents.median() / 100
    out["std_amount_20d"] = cents.std(ddof=0) / 100
    refunded = size(tw[tw["status"] == "refunded"])
    out["refund_ratio_20d"] = ratio(refunded, refunded + n20)
    out["transaction_days_20d"] = zero(pw.groupby(key, sort=False)["age"].nunique())
    bucket = (20 - pw["age"]) // 5
    counts = pw.groupby([key, bucket]).size().unstack(fill_value=0).reindex(columns=range(4), fill_value=0)
    out["transaction_count_trend_20d"] = zero((counts * [-1.5, -0.5, 0.5, 1.5]).sum(axis=1) / 5)
    out["unique_categories_20d"] = zero(pw.groupby(key, sort=False)["category"].nunique())
    tops = pw.groupby([key, "category"], observed=True).size().rename("n").reset_index()
    tops = tops.sort_values([key, "n", "category"], ascending=[True, False, True]).drop_duplicates(key)
    out["top_category"] = tops.set_index(key)["category"].reindex(out.index).fillna("none")
    out["payment_method_count_20d"] = zero(pw.groupby(key, sort=False)["method"].nunique())
    days = p.groupby(key, sort=False)["age"].agg(["min", "max", "nunique"]).reindex(out.index)
    out["avg_transaction_interval"] = ratio(days["max"] - days["min"], days["nunique"] - 1)
    out["weekend_transaction_ratio_20d"] = ratio(size(pw[pw["day"].dt.weekday >= 5]), n20)
    out["evening_transaction_ratio_20d"] = ratio(size(pw[pw["hour"] >= 18]), n20)
    out["session_seconds_20d"] = zero(iw.groupby(key, sort=False)["duration_seconds"].sum())
    out["avg_login_duration_20d"] = logins.groupby(key, sort=False)["duration_seconds"].mean()
    out["days_with_login_20d"] = zero(logins.groupby(key, sort=False)["age"].nunique())
    out["browse_count_20d"] = size(browses)
    out["avg_browse_depth_20d"] = browses.groupby(key, sort=False)["page_depth"].mean()
    out["complaint_count_20d"] = size(iw[iw["kind"] == "complaint"])
    out["avg_response_satisfaction_20d"] = iw.groupby(key, sort=False)["satisfaction"].mean()
    out["mobile_usage_ratio_20d"] = ratio(size(iw[iw["channel"] == "mobile"]), size(iw[iw["channel"].notna()]))
    out["active_days_20d"] = zero(aw.groupby(key, sort=False)["age"].nunique())
    week1 = zero(p[p["age"] <= 7].groupby(key, sort=False)["cents"].sum())
    week2 = zero(p[p["age"].between(8, 14)].groupby(key, sort=False)["cents"].sum())
    out["amount_change_7d"] = change(week1, week2)
    out["frequency_change_10d"] = change(size(pw[pw["age"] <= 10]), size(pw[pw["age"] > 10]))
    out["engagement_change_10d"] = change(size(aw[aw["age"] <= 10]), size(aw[aw["age"] > 10]))
    weight = pd.Series(np.exp2(-(aw["age"].to_numpy() - 1) / 5), index=aw[key])
    out["momentum_score"] = weight.groupby(level=0, sort=False).mean()
    span = a.groupby(key, sort=False)["age"].agg(["min", "max"]).reindex(out.index)
    out["customer_lifetime_days"] = (span["max"] - span["min"]).fillna(0)
    out["total_lifetime_value"] = zero(p.groupby(key, sort=False)["cents"].sum()) / 100
    out["lifetime_transaction_count"] = size(p)
    distinct = a.drop_duplicates().sort_values([key, "age"])
    gap = distinct.groupby(key, sort=False)["age"].diff()
    gaps, long = zero(gap.groupby(distinct[key]).count()), zero((gap > 7).groupby(distinct[key]).sum())
    out["churn_risk_history"] = ratio(long, gaps)
    out["reactivation_count"] = long
    out["consecutive_inactive_days"] = (span["min"] - 1).fillna(180)
    before, week = size(a[a["age"].between(8, 27)]), size(a[a["age"] <= 7])
    out["sudden_activity_drop"] = ((7 * before >= 40) & (200 * week < 21 * before)).astype(int)
    out["negative_feedback_count_20d"] = size(iw[iw["satisfaction"] <= 2])
    out["failed_transaction_count_20d"] = size(tw[tw["status"] == "failed"])
    out["unsubscribe_signal"] = (size(i[i["kind"] == "unsubscribe"]) > 0).astype(int)
    return pl.from_pandas(out.reset_index())


def for_one(*, as_of: dt.date, customer: dict[str, Any], bought: list[tuple], met: list[tuple]) -> dict[str, Any]:
    """One customer in plain Python. `bought`: day, hour, cents, category, method, status; `met`: day, kind, channel,
    seconds, depth, satisfaction."""
    t = [((as_of - row[0]).days, *row) for row in bought if 1 <= (as_of - row[0]).days <= 180]
    i = [((as_of - row[0]).days, *row) for row in met if 1 <= (as_of - row[0]).days <= 180]
    p = [row for row in t if row[6] == "completed"]
    pw, iw = [row for row in p if row[0] <= 20], [row for row in i if row[0] <= 20]
    cents = [row[3] for row in pw]
    logins, browses = [row for row in iw if row[2] == "login"], [row for row in iw if row[2] == "browse"]
    ages = [row[0] for row in p] + [row[0] for row in i if row[2] in ACTIVITY]
    days = sorted(set(ages))
    gaps = [later - earlier for earlier, later in pairwise(days)]
    buy_days = sorted({row[0] for row in p})
    categories = Counter(row[4] for row in pw if row[4])
    refunded = sum(row[0] <= 20 and row[6] == "refunded" for row in t)
    last = buy_days[0] if buy_days else None
    recent, before, week = [a for a in ages if a <= 20], sum(8 <= a <= 27 for a in ages), sum(a <= 7 for a in ages)

    def mean(values: list) -> float | None:
        return sum(values) / len(values) if values else None

    def change(x: int, y: int) -> float:
        return (x - y) / (x + y) if x + y else 0

    def hundredth(value: float | None) -> float | None:
        return None if value is None else value / 100

    q = Counter((20 - row[0]) // 5 for row in pw)
    since, channels = customer["status_since"], [row[3] for row in iw if row[3]]
    is_begun = since is None or since < as_of
    return {
        "customer_age_days": (as_of - customer["registered_on"]).days,
        "vip_level": customer["vip_level"] or 0,
        "account_status": (customer["account_status"] or "unknown") if is_begun else "active",
        "registration_channel": customer["registration_channel"] or "unknown",
        "days_since_last_transaction": last,
        "recency_score": next((s for s, most in ((5, 3), (4, 7), (3, 14), (2, 20)) if last and last <= most), 1),
        "transaction_count_20d": len(pw),
        "login_count_20d": len(logins),
        "interaction_count_20d": len(iw),
        "total_amount_20d": sum(cents) / 100,
        "avg_transaction_amount_20d": hundredth(mean(cents)),
        "max_transaction_amount_20d": hundredth(max(cents, default=None)),
        "min_amount_20d": hundredth(min(cents, default=None)),
        "median_amount_20d": hundredth(statistics.median(cents) if cents else None),
        "std_amount_20d": hundredth(statistics.pstdev(cents) if cents else None),
        "refund_ratio_20d": refunded / (refunded + len(pw)) if refunded + len(pw) else None,
        "transaction_days_20d": len({row[0] for row in pw}),
        "transaction_count_trend_20d": (-1.5 * q[0] - 0.5 * q[1] + 0.5 * q[2] + 1.5 * q[3]) / 5,
        "unique_categories_20d": len(categories),
        "top_category": min(categories, key=lambda name: (-categories[name], name), default="none"),
        "payment_method_count_20d": len({row[5] for row in pw if row[5]}),
        "avg_transaction_interval": (buy_days[-1] - buy_days[0]) / (len(buy_days) - 1) if len(buy_days) > 1 else None,
        "weekend_transaction_ratio_20d": mean([row[1].weekday() >= 5 for row in pw]),
        "evening_transaction_ratio_20d": mean([row[2] >= 18 for row in pw]),
        "session_seconds_20d": sum(row[4] or 0 for row in iw),
        "avg_login_duration_20d": mean([row[4] for row in logins if row[4] is not None]),
        "days_with_login_20d": len({row[0] for row in logins}),
        "browse_count_20d": len(browses),
        "avg_browse_depth_20d": mean([row[5] for row in browses if row[5] is not None]),
        "complaint_count_20d": sum(row[2] == "complaint" for row in iw),
        "avg_response_satisfaction_20d": mean([row[6] for row in iw if row[6] is not None]),
        "mobile_usage_ratio_20d": mean([channel == "mobile" for channel in channels]),
        "active_days_20d": len(set(recent)),
        "amount_change_7d": change(
            sum(row[3] for row in p if row[0] <= 7), sum(row[3] for row in p if 8 <= row[0] <= 14)
        ),
        "frequency_change_10d": change(sum(row[0] <= 10 for row in pw), sum(row[0] > 10 for row in pw)),
        "engagement_change_10d": change(sum(a <= 10 for a in recent), sum(a > 10 for a in recent)),
        "momentum_score": math.fsum(2 ** (-(a - 1) / 5) for a in recent) / len(recent) if recent else None,
        "customer_lifetime_days": days[-1] - days[0] if days else 0,
        "total_lifetime_value": sum(row[3] for row in p) / 100,
        "lifetime_transaction_count": len(p),
        "churn_risk_history": mean([gap > 7 for gap in gaps]),
        "reactivation_count": sum(gap > 7 for gap in gaps),
        "consecutive_inactive_days": days[0] - 1 if days else 180,
        "sudden_activity_drop": int(7 * before >= 40 and 200 * week < 21 * before),
        "negative_feedback_count_20d": sum(row[6] is not None and row[6] <= 2 for row in iw),
        "failed_transaction_count_20d": sum(row[0] <= 20 and row[6] == "failed" for row in t),
        "unsubscribe_signal": int(any(row[2] == "unsubscribe" for row in i)),
    }
