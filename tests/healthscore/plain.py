"""The health score written out slowly in plain Python from its description, to hold the engine against.

Rows are dicts; times are aware datetimes, days follow from the zone. Nothing of the package is used.
"""

import datetime as dt
import math
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import median
from zoneinfo import ZoneInfo

ORDER = ("usage", "payment", "support", "engagement", "adoption", "satisfaction", "lifecycle", "value")
TABLE = {
    "enterprise": (0.15, 0.20, 0.15, 0.10, 0.10, 0.10, 0.10, 0.10),
    "mid_market": (0.20, 0.15, 0.15, 0.15, 0.10, 0.10, 0.05, 0.10),
    "startup": (0.25, 0.10, 0.10, 0.20, 0.15, 0.10, 0.05, 0.05),
}
TARGET = {"enterprise": 20000, "mid_market": 5000, "startup": 1000}
LIMIT = {"urgent": 8, "high": 24, "medium": 72, "low": 120}
MONTH = 30.4375


@dataclass
class Account:
    """A customer with all the rows that are known of it."""

    registered_on: dt.date
    customer_type: str = ""
    contract_on: dt.date | None = None
    contract_months: float | None = None
    payment_status: str = ""
    nps_score: float | None = None
    onboarding_completed: bool | None = None
    sales: list = field(default_factory=list)
    support: list = field(default_factory=list)
    activity: list = field(default_factory=list)


def day_before(as_of, days):
    return as_of - dt.timedelta(days=days)


def within(day, as_of, days):
    return day_before(as_of, days) <= day < as_of


def weighed(pairs):
    known = [(weight, value) for weight, value in pairs if value is not None]
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if known else None


def average(values):
    values = [value for value in values if value is not None]
    return math.fsum(values) / len(values) if values else None


@dataclass
class Plain:
    """What the description says of one account at one date."""

    account: Account
    as_of: dt.date
    zone: ZoneInfo
    tiers: dict

    def __post_init__(self):
        a, d = self.account, self.as_of
        self.sales = [row for row in a.sales if row["deal_on"] < d]
        self.support = [row for row in a.support if self.local(row["created_at"]) < d]
        self.activity = [row for row in a.activity if self.local(row["at"]) < d]
        self.contract_on = a.contract_on if a.contract_on and a.contract_on < d else None

    def local(self, instant):
        return instant.astimezone(self.zone).date()

    def midnight(self):
        return dt.datetime.combine(self.as_of, dt.time(), tzinfo=self.zone).astimezone(dt.UTC)

    def resolved(self, ticket):
        at = ticket["resolved_at"]
        return at if at is not None and self.local(at) < self.as_of else None

    def open_hours(self, ticket):
        return (self.midnight() - ticket["created_at"].astimezone(dt.UTC)).total_seconds() / 3600

    def is_overdue(self, ticket):
        limit = LIMIT.get(ticket["priority"])
        return limit is not None and self.resolved(ticket) is None and self.open_hours(ticket) > limit

    def recent_tickets(self):
        return [row for row in self.support if within(self.local(row["created_at"]), self.as_of, 90)]

    def ticket_satisfaction(self):
        mean = average([row["satisfaction"] for row in self.recent_tickets()])
        return None if mean is None else (mean - 1) / 4

    def parts(self):
        return {name: getattr(self, f"parts_of_{name}")() for name in ORDER}

    def recent(self):
        return [row for row in self.activity if within(self.local(row["at"]), self.as_of, 30)]

    def parts_of_usage(self):
        if not self.activity:
            return [(0.5, None), (0.5, None)]
        rows = self.recent()
        logins = {self.local(row["at"]) for row in rows if row["activity_type"] == "login"}
        return [(0.5, min(1, len(logins) / 20)), (0.5, average([r["depth"] for r in rows]) if rows else 0.0)]

    def parts_of_engagement(self):
        rows, has = self.recent(), bool(self.activity)
        onboarding = self.account.onboarding_completed
        minutes = math.fsum(row["minutes"] or 0 for row in rows)
        return [
            (0.35, min(1, len(rows) / 40) if has else None),
            (0.35, min(1, minutes / 600) if has else None),
            (0.3, None if onboarding is None else float(onboarding)),
        ]

    def parts_of_support(self):
        if not self.support:
            return [(0.3, None), (0.4, None), (0.3, None)]
        tickets = self.recent_tickets()
        judged = [t for t in tickets if t["priority"] in LIMIT and (self.resolved(t) or self.is_overdue(t))]
        in_time = [t for t in judged if self.resolved(t) and self.hours_taken(t) <= LIMIT[t["priority"]]]
        return [
            (0.3, max(0, 1 - len(tickets) / 12)),
            (0.4, len(in_time) / len(judged) if judged else None),
            (0.3, self.ticket_satisfaction()),
        ]

    def hours_taken(self, ticket):
        taken = ticket["resolved_at"].astimezone(dt.UTC) - ticket["created_at"].astimezone(dt.UTC)
        return max(0, taken.total_seconds() / 3600)

    def has_renewal(self, deal, before, after):
        first, last = day_before(deal["renewal_on"], before), deal["renewal_on"] + dt.timedelta(days=after)
        return any(
            other is not deal and other["stage"] == "renewed" and first <= other["deal_on"] <= last
            for other in self.sales
        )

    def paid_with_renewal(self):
        return [deal for deal in self.sales if deal["stage"] in ("won", "renewed") and deal["renewal_on"]]

    def parts_of_payment(self):
        status = {"current": 1.0, "late": 0.5, "overdue": 0.0}.get(self.account.payment_status)
        due = [
            deal
            for deal in self.paid_with_renewal()
            if within(deal["renewal_on"] + dt.timedelta(days=30), self.as_of, 365)
        ]
        made = [deal for deal in due if self.has_renewal(deal, 60, 30)]
        return [(0.6, status), (0.4, len(made) / len(due) if due else None)]

    def parts_of_adoption(self):
        used = {row["feature"] for row in self.recent()}
        shares = []
        for tier, weight in (("core", 0.5), ("advanced", 0.3), ("integration", 0.2)):
            features = set(self.tiers.get(tier, []))
            shares.append((weight, len(features & used) / len(features) if features and self.activity else None))
        return shares

    def parts_of_satisfaction(self):
        nps = self.account.nps_score
        return [(0.6, None if nps is None else (nps + 100) / 200), (0.4, self.ticket_satisfaction())]

    def parts_of_lifecycle(self):
        length = self.account.contract_months
        if self.contract_on is None:
            return [(0.5, None), (0.5, None)]
        since = (self.as_of - self.contract_on).days / MONTH
        left = None if length is None else 0.0 if length == 0 else min(1, max(0, length - since) / 6)
        return [(0.5, left), (0.5, min(1, since / 24))]

    def revenue(self, at):
        """As a fraction, and None with no deal in force."""
        shares = [
            Fraction(deal["cents"], 100) / Fraction(deal["months"])
            for deal in self.sales
            if deal["stage"] in ("won", "renewed")
            and deal["months"]
            and deal["deal_on"] < at
            and (at - deal["deal_on"]).days / MONTH < deal["months"]
        ]
        return sum(shares) if shares else None

    def mrr(self):
        return float(self.revenue(self.as_of) or 0) if self.sales else None

    def parts_of_value(self):
        if not self.sales:
            return [(0.7, None), (0.3, None)]
        now, before = self.revenue(self.as_of) or 0, self.revenue(day_before(self.as_of, 90)) or 0
        target = TARGET.get(self.account.customer_type, TARGET["mid_market"])
        change = float((now - before) / (now + before)) if now + before else 0.0
        return [(0.7, min(1, float(now) / target)), (0.3, 0.5 + 0.5 * change)]

    def weights(self):
        return dict(zip(ORDER, TABLE.get(self.account.customer_type, TABLE["mid_market"]), strict=True))

    def dimensions(self):
        return {name: weighed(pairs) for name, pairs in self.parts().items()}

    def coverage(self):
        scores = self.dimensions()
        return sum(weight for name, weight in self.weights().items() if scores[name] is not None)

    def exact(self):
        if self.account.registered_on >= self.as_of:
            return None
        scores, weights = self.dimensions(), self.weights()
        return weighed([(weights[name], scores[name]) for name in ORDER])

    def score(self):
        """In ten-thousandths; half up."""
        exact = self.exact()
        return None if exact is None else math.floor(round(exact, 10) * 10000 + 0.5 + 1e-9)

    def earlier(self, days=30):
        return Plain(self.account, day_before(self.as_of, days), self.zone, self.tiers)

    def sources(self):
        return [name for name in ("sales", "support", "activity") if getattr(self, name)]

    def weakest(self):
        scores, weights = self.dimensions(), self.weights()
        known = [name for name in ORDER if scores[name] is not None]
        return sorted(known, key=lambda name: -round(weights[name] * (1 - scores[name]), 12))[:2]

    def alerts(self):
        """The codes that hold, each with value and threshold."""
        found, now, before = {}, self.score(), self.earlier().score()
        if now is not None and before is not None:
            if before - now >= 1000:
                found["score_drop"] = ((before - now) / 10000, 0.10)
            if rank(now) > rank(before):
                found["grade_drop"] = (now / 10000, BOUND[grade(before)])
        due = [
            deal
            for deal in self.paid_with_renewal()
            if self.as_of <= deal["renewal_on"] <= self.as_of + dt.timedelta(days=60)
        ]
        if now is not None and now < 6000 and any(not self.has_renewal(deal, 60, 0) for deal in due):
            found["renewal_at_risk"] = (now / 10000, 0.60)
        if self.account.payment_status == "overdue":
            found["payment_overdue"] = (None, None)
        overdue = [
            (self.open_hours(t) - LIMIT[t["priority"]], self.open_hours(t), LIMIT[t["priority"]])
            for t in self.support
            if self.is_overdue(t)
        ]
        if overdue:
            found["ticket_overdue"] = max(overdue, key=lambda one: one[0])[1:]
        last = max((self.local(row["at"]) for row in self.activity), default=None)
        if last is not None and not within(last, self.as_of, 14):
            found["no_activity"] = ((self.as_of - last).days, 14)
        if self.account.nps_score is not None and self.account.nps_score < 0:
            found["nps_negative"] = (self.account.nps_score, 0)
        return found


BOUND = {"excellent": 0.80, "good": 0.60, "at_risk": 0.30}


def grade(score):
    return "excellent" if score >= 8000 else "good" if score >= 6000 else "at_risk" if score >= 3000 else "critical"


def rank(score):
    return ("excellent", "good", "at_risk", "critical").index(grade(score))


def theil_sen(points):
    """The median slope of (day, score) pairs."""
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0]).days
        for number, earlier in enumerate(points)
        for later in points[number + 1 :]
    ]
    return median(slopes)
