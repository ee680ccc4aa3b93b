"""How many of those who could be scored turn out to have churned: by week and horizon. No Django.

The population of a week is that of the model: registered before the as-of date, status active or unknown at it, and
activity in the window before it. Only labels that are closed before D count.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from customers.churn import WINDOW_DAYS, label_closes_on

HORIZONS = (7, 14, 28, 60)
OTHER_HORIZONS = (3, 5, 10, 21, 42, 90, 120, 180)
TOO_LOW, TOO_HIGH = 0.05, 0.70
MOST_WEEKS = 260
_SCORED = ("active", "unknown")


@dataclass(frozen=True, kw_only=True)
class Week:
    """Eligible customers at an as-of date, and how many of them churned within each horizon (None: not closed)."""

    as_of: dt.date
    n_eligible: int
    n_churned: dict[int, int | None]

    def rate(self, horizon: int) -> float | None:
        churned = self.n_churned.get(horizon)
        return None if churned is None or not self.n_eligible else churned / self.n_eligible


def dates(*, first: dt.date | None, as_of: dt.date, horizons: Sequence[int]) -> list[dt.date]:
    """Weekly as-of dates whose window lies within the data and whose shortest label is closed at `as_of`."""
    if first is None:
        return []
    latest = as_of - dt.timedelta(days=min(horizons))
    found = [latest - dt.timedelta(weeks=back) for back in range(MOST_WEEKS)]
    return [day for day in reversed(found) if day >= first + dt.timedelta(days=WINDOW_DAYS)]


def weeks(
    *, customers: pl.DataFrame, active: pl.DataFrame, dates: Sequence[dt.date], as_of: dt.date, horizons: Sequence[int]
) -> list[Week]:
    """The weeks of these customers, whose distinct customer_pk and day with activity are sorted by day."""
    return [_week(customers, active, day, as_of, horizons) for day in dates]


def added(parts: Iterable[Sequence[Week]]) -> list[Week]:
    """The weeks of all customers, from those of parts of them."""
    return [_sum(weeks) for weeks in zip(*parts, strict=True)]


def _sum(weeks: Sequence[Week]) -> Week:
    churned = {
        horizon: None if n is None else sum(week.n_churned[horizon] or 0 for week in weeks)
        for horizon, n in weeks[0].n_churned.items()
    }
    return Week(as_of=weeks[0].as_of, n_eligible=sum(week.n_eligible for week in weeks), n_churned=churned)


def pooled(found: Sequence[Week], *, horizon: int) -> float | None:
    """The share over all weeks whose label is closed; None where there is none."""
    closed = [(week.n_churned[horizon] or 0, week.n_eligible) for week in found if week.n_churned[horizon] is not None]
    total = sum(eligible for _, eligible in closed)
    return sum(churned for churned, _ in closed) / total if total else None


def counted(found: Sequence[Week], *, horizon: int) -> tuple[int, int]:
    """Churned and retained rows over all closed weeks."""
    closed = [(week.n_churned[horizon] or 0, week.n_eligible) for week in found if week.n_churned[horizon] is not None]
    churned = sum(n for n, _ in closed)
    return churned, sum(n for _, n in closed) - churned


def better_horizon(rates: dict[int, float | None], *, horizon: int) -> int | None:
    """The horizon nearest to the one in use whose base rate is between the bounds; a reported one if any does."""
    fitting = [h for h, rate in rates.items() if rate is not None and TOO_LOW <= rate <= TOO_HIGH and h != horizon]
    reported = [h for h in fitting if h in HORIZONS]
    return min(reported or fitting, key=lambda h: (abs(h - horizon), h), default=None)


def _week(customers: pl.DataFrame, active: pl.DataFrame, day: dt.date, today: dt.date, horizons: Sequence[int]) -> Week:
    seen = _between(active, day - dt.timedelta(days=WINDOW_DAYS), day)["customer_pk"].unique()
    known = customers.filter((pl.col("registered_on") < day) & _status_at(day).is_in(_SCORED))
    eligible = known.filter(pl.col("customer_pk").is_in(seen.implode()))["customer_pk"]
    ahead = _between(active, day, day + dt.timedelta(days=max(horizons)))
    ahead = ahead.filter(pl.col("customer_pk").is_in(eligible.implode()))
    back = ahead.group_by("customer_pk").agg(pl.col("day").min())["day"]
    churned: dict[int, int | None] = {
        h: eligible.len() - int((back < day + dt.timedelta(days=h)).sum())
        if label_closes_on(as_of=day, horizon_days=h) <= today
        else None
        for h in horizons
    }
    return Week(as_of=day, n_eligible=eligible.len(), n_churned=churned)


def _status_at(day: dt.date) -> pl.Expr:
    """Feature 7: active before `status_since`, whatever is given; else as given, unknown where it is blank."""
    given = pl.col("account_status").fill_null("unknown")
    return pl.when(pl.col("status_since") >= day).then(pl.lit("active")).otherwise(given)


def _between(active: pl.DataFrame, since: dt.date, until: dt.date) -> pl.DataFrame:
    low, high = active["day"].search_sorted(pl.Series([since, until]), side="left")
    return active[int(low) : int(high)]
