"""The 88 features once more, slowly: one customer at a time, in fractions, straight from the definition.

It shares nothing with the engine, so that a mistake would have to be made twice.
"""

import datetime as dt
import itertools
import math
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

ACTIVE = {"login", "browse", "search", "support", "complaint", "feedback"}


@dataclass
class Shop:
    """Plain rows: dictionaries with the engine's column names."""

    customers: list[dict] = field(default_factory=list)
    transactions: list[dict] = field(default_factory=list)
    interactions: list[dict] = field(default_factory=list)
    links: list[dict] = field(default_factory=list)


def features(shop: Shop, as_of: dt.date) -> dict[int, dict]:
    """By customer_pk, every feature's value by name."""
    known = {one["customer_pk"]: one for one in shop.customers if one["registered_on"] < as_of}
    people = {pk: Person(shop, one, as_of) for pk, one in known.items()}
    return {pk: person.features(people, shop.links) for pk, person in people.items()}


class Person:
    def __init__(self, shop: Shop, row: dict, as_of: dt.date):
        self.row, self.pk, self.as_of = row, row["customer_pk"], as_of
        self.age = (as_of - row["registered_on"]).days
        mine = [t for t in shop.transactions if t["customer_pk"] == self.pk]
        self.transactions = [(self.days_ago(t), t) for t in mine if 1 <= self.days_ago(t) <= 180]
        mine = [i for i in shop.interactions if i["customer_pk"] == self.pk]
        self.interactions = [(self.days_ago(i), i) for i in mine if 1 <= self.days_ago(i) <= 180]
        self.bought = [(a, t) for a, t in self.transactions if t["status"] == "completed"]
        self.logins = [(a, i) for a, i in self.interactions if i["kind"] == "login"]
        self.active = [a for a, _ in self.bought] + [a for a, i in self.interactions if i["kind"] in ACTIVE]

    def days_ago(self, row):
        return (self.as_of - row["day"]).days

    def is_active(self):
        return any(a <= 20 for a in self.active)

    def active_days(self):
        return len({a for a in self.active if a <= 20})

    def observed(self, first, last):
        return sum(1 for age in range(first, last + 1) if age <= self.age)

    def count(self, first, last):
        return sum(1 for a, _ in self.bought if first <= a <= last)

    def amount(self, first, last):
        return sum((Fraction(t["cents"], 100) for a, t in self.bought if first <= a <= last), Fraction(0))

    def n_active(self, first, last):
        return sum(1 for a in self.active if first <= a <= last)

    def n_logins(self, first, last):
        return sum(1 for a, _ in self.logins if first <= a <= last)

    def features(self, people, links):
        out = {}
        for part in (self.basic, self.rfm, self.transaction, self.interaction, self.trend):
            out |= part(out)
        out |= self.risk()
        out |= self.lifecycle(out)
        out |= self.social(people, links)
        return out

    def basic(self, _out):
        given = {k: self.row[k] or "unknown" for k in ("customer_type", "region", "age_group", "gender")}
        since = self.row["status_since"]
        status = "active" if since is not None and since >= self.as_of else self.row["account_status"] or "unknown"
        return given | {
            "customer_age_days": self.age,
            "vip_level": self.row["vip_level"] or 0,
            "account_status": status,
            "registration_channel": self.row["registration_channel"] or "unknown",
        }

    def rfm(self, _out):
        last = min((a for a, _ in self.bought), default=None)
        n, total = self.count(1, 20), self.amount(1, 20)
        cents = [t["cents"] for a, t in self.bought if a <= 20]
        recency = first_of(last, [(3, 5), (7, 4), (14, 3), (20, 2)])
        frequency = 1 + sum(n >= bound for bound in (2, 5, 10, 20))
        monetary = 1 + sum(total >= bound for bound in (100, 1000, 5000, 10000))
        return {
            "days_since_last_transaction": last,
            "days_since_last_login": min((a for a, _ in self.logins), default=None),
            "recency_score": recency,
            "transaction_count_20d": n,
            "login_count_20d": self.n_logins(1, 20),
            "interaction_count_20d": len([1 for a, _ in self.interactions if a <= 20]),
            "frequency_score": frequency,
            "total_amount_20d": total,
            "avg_transaction_amount_20d": total / n if n else None,
            "max_transaction_amount_20d": Fraction(max(cents), 100) if cents else None,
            "monetary_score": monetary,
            "rfm_combined_score": Fraction(3, 10) * recency + Fraction(3, 10) * frequency + Fraction(4, 10) * monetary,
        }

    def transaction(self, out):
        recent = [(a, t) for a, t in self.bought if a <= 20]
        amounts = sorted(Fraction(t["cents"], 100) for _, t in recent)
        n, total = len(recent), self.amount(1, 20)
        refunded = len([1 for a, t in self.transactions if a <= 20 and t["status"] == "refunded"])
        days = {a for a, _ in recent}
        categories = Counter(t["category"] for _, t in recent if t["category"])
        methods = Counter(t["method"] for _, t in recent if t["method"])
        gaps = gaps_of(a for a, _ in self.bought)
        history = self.amount(1, 180)
        middle = (amounts[(n - 1) // 2] + amounts[n // 2]) / 2 if n else None
        return {
            "std_amount_20d": deviation(amounts) if n else None,
            "min_amount_20d": amounts[0] if n else None,
            "median_amount_20d": middle,
            "amount_cv_20d": deviation(amounts) / float(total / n) if n else None,
            "refund_ratio_20d": Fraction(refunded, n + refunded) if n + refunded else None,
            "transaction_days_20d": len(days),
            "transactions_per_day_20d": Fraction(n, len(days)) if n else None,
            "transaction_count_trend_20d": slope([self.count(*q) for q in BUCKETS]),
            "amount_trend_20d": slope([self.amount(*q) for q in BUCKETS]),
            "unique_categories_20d": len(categories),
            "top_category": top(categories),
            "top_category_share_20d": Fraction(max(categories.values()), categories.total()) if categories else None,
            "category_diversity_20d": entropy(categories),
            "payment_method_count_20d": len(methods),
            "primary_payment_method": top(methods),
            "avg_transaction_interval": Fraction(sum(gaps), len(gaps)) if gaps else None,
            "transaction_regularity": 1 / (1 + deviation(gaps) * len(gaps) / sum(gaps)) if len(gaps) > 1 else None,
            "weekend_transaction_ratio_20d": share([t["day"].weekday() >= 5 for _, t in recent]),
            "evening_transaction_ratio_20d": share([18 <= t["hour"] <= 23 for _, t in recent]),
            "recent_vs_historical_ratio": (total / self.observed(1, 20)) / (history / self.observed(1, 180))
            if history
            else None,
        }

    def interaction(self, out):
        recent = [i for a, i in self.interactions if a <= 20]
        kinds = Counter(i["kind"] for i in recent)
        channels = Counter(i["channel"] for i in recent if i["channel"])
        n = out["transaction_count_20d"]
        browses = [i for i in recent if i["kind"] == "browse"]
        score = (
            Fraction(4, 10) * Fraction(self.active_days(), 20)
            + Fraction(3, 10) * min(1, Fraction(len(recent), 40))
            + Fraction(2, 10) * min(1, Fraction(n, 8))
            + Fraction(1, 10) * min(1, Fraction(len(kinds), 4))
        )
        return {
            "session_seconds_20d": sum(i["duration_seconds"] or 0 for i in recent),
            "avg_login_duration_20d": mean([i["duration_seconds"] for i in recent if i["kind"] == "login"]),
            "login_trend_20d": slope([self.n_logins(*q) for q in BUCKETS]),
            "days_with_login_20d": len({a for a, _ in self.logins if a <= 20}),
            "browse_count_20d": len(browses),
            "avg_browse_depth_20d": mean([i["page_depth"] for i in browses]),
            "browse_to_purchase_ratio_20d": Fraction(n, len(browses)) if browses else None,
            "support_interaction_count_20d": kinds["support"],
            "complaint_count_20d": kinds["complaint"],
            "avg_response_satisfaction_20d": mean([i["satisfaction"] for i in recent]),
            "primary_channel": top(channels),
            "channel_diversity_20d": entropy(channels),
            "mobile_usage_ratio_20d": Fraction(channels["mobile"], channels.total()) if channels else None,
            "active_days_20d": self.active_days(),
            "engagement_score": score,
        }

    def trend(self, _out):
        days = self.observed(21, 180)
        weeks = [(7 * w - 6, 7 * w) for w in range(1, 9)]
        recent = [a for a in self.active if a <= 20]
        logs = [math.log(1 + self.n_active(*q)) for q in BUCKETS]
        past = {
            name: change(of(1, 20), 20 * of(21, 180) / Fraction(days)) if days else None
            for name, of in (("amount_vs_avg", self.amount), ("frequency_vs_avg", self.count))
        }
        return past | {
            "amount_change_7d": change(self.amount(1, 7), self.amount(8, 14)),
            "frequency_change_7d": change(self.count(1, 7), self.count(8, 14)),
            "login_change_7d": change(self.n_logins(1, 7), self.n_logins(8, 14)),
            "amount_change_10d": change(self.amount(1, 10), self.amount(11, 20)),
            "frequency_change_10d": change(self.count(1, 10), self.count(11, 20)),
            "engagement_change_10d": change(self.n_active(1, 10), self.n_active(11, 20)),
            "amount_volatility": variation([self.amount(*week) for week in weeks]),
            "frequency_volatility": variation([self.count(*week) for week in weeks]),
            "activity_decay_rate": -(-1.5 * logs[0] - 0.5 * logs[1] + 0.5 * logs[2] + 1.5 * logs[3]) / 5,
            "momentum_score": math.fsum(2 ** (-(a - 1) / 5) for a in recent) / len(recent) if recent else None,
        }

    def lifecycle(self, out):
        gaps = gaps_of(self.active)
        history = self.amount(1, 180)
        weeks = {math.ceil(a / 7) for a in self.active}
        return {
            "customer_lifetime_days": max(self.active) - min(self.active) if self.active else 0,
            "lifecycle_stage": self.stage(out),
            "total_lifetime_value": history,
            "avg_monthly_value": 30 * history / self.observed(1, 180),
            "lifetime_transaction_count": self.count(1, 180),
            "retention_rate_historical": Fraction(len(weeks), max(weeks)) if weeks else None,
            "churn_risk_history": share([gap > 7 for gap in gaps]),
            "reactivation_count": sum(gap > 7 for gap in gaps),
        }

    def stage(self, out):
        if not self.is_active():
            return "lapsed"
        if self.age < 30:
            return "new"
        first = max(a for a in self.active if a <= 20)
        before = [a for a in self.active if a > first]
        if before and min(before) - first >= 20:
            return "reactivated"
        return "at_risk" if out["consecutive_inactive_days"] >= 7 else "active"

    def social(self, people, links):
        by_id = {person.row["customer_id"]: person for person in people.values()}
        friends = set()
        for link in links:
            ends = {link["low_pk"], link["high_pk"]}
            if link["since"] < self.as_of and self.pk in ends and len(ends) == 2 and ends <= set(people):
                friends |= ends - {self.pk}
        my_id = self.row["customer_id"]
        referred = {p.pk for p in people.values() if p.row["referred_by"] == my_id and p.pk != self.pk}
        referrer = by_id.get(self.row["referred_by"])
        referrers = {referrer.pk} if referrer and referrer.pk != self.pk else set()
        everyone = friends | referred | referrers
        active_referred = sum(people[pk].is_active() for pk in referred)
        return {
            "referral_count": len(referred),
            "referred_by_active_user": int(any(people[pk].is_active() for pk in referrers)),
            "social_influence_score": math.log(1 + len(referred)) + math.log(1 + active_referred),
            "friend_count": len(friends),
            "friend_activity_level": mean([people[pk].active_days() for pk in friends]),
            "network_effect_score": share([people[pk].is_active() for pk in everyone]),
        }

    def risk(self):
        recent = [i for a, i in self.interactions if a <= 20]
        n, k = self.n_active(8, 27), self.n_active(1, 7)
        return {
            "consecutive_inactive_days": min(self.active) - 1 if self.active else 180,
            "sudden_activity_drop": int(7 * n >= 40 and 200 * k < 21 * n),
            "negative_feedback_count_20d": len([1 for i in recent if i["satisfaction"] in (1, 2)]),
            "failed_transaction_count_20d": len(
                [1 for a, t in self.transactions if a <= 20 and t["status"] == "failed"]
            ),
            "security_event_count_20d": len([1 for i in recent if i["kind"] == "security"]),
            "competitor_search_signal": int(any(i["kind"] == "search" and i["is_competitor"] for i in recent)),
            "unsubscribe_signal": int(any(i["kind"] == "unsubscribe" for _, i in self.interactions)),
        }


BUCKETS = [(16, 20), (11, 15), (6, 10), (1, 5)]


def first_of(value, bounds):
    return next((score for bound, score in bounds if value is not None and value <= bound), 1)


def slope(q):
    return (Fraction(-3, 2) * q[0] - Fraction(1, 2) * q[1] + Fraction(1, 2) * q[2] + Fraction(3, 2) * q[3]) / 5


def gaps_of(ages):
    days = sorted(set(ages))
    return [later - earlier for earlier, later in itertools.pairwise(days)]


def deviation(values):
    middle = Fraction(sum(values)) / len(values)
    return root(sum((value - middle) ** 2 for value in values) / len(values))


def root(square):
    """The square root of an exact fraction, good to the last digits at any size."""
    scale = 10**40
    return float(Fraction(math.isqrt(square.numerator * square.denominator * scale), square.denominator * 10**20))


def variation(values):
    return deviation(values) * len(values) / float(sum(values)) if sum(values) else None


def change(a, b):
    return Fraction(a - b) / (a + b) if a + b else Fraction(0)


def mean(values):
    known = [value for value in values if value is not None]
    return Fraction(sum(known), len(known)) if known else None


def share(flags):
    return Fraction(sum(flags), len(flags)) if flags else None


def top(counts):
    return min(counts, key=lambda label: (-counts[label], label)) if counts else "none"


def entropy(counts):
    if not counts:
        return None
    return math.fsum(-n / counts.total() * math.log(n / counts.total()) for n in counts.values())
