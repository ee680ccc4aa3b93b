"""All figures of the report, from the rows; what `report_data --json` prints and what the page shows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from django.conf import settings

from customers.commands import Advance
from customers.report import activity, base_rates, columns, findings, source
from customers.report.findings import Finding

DUPLICATE_KEYS = ("name", "customer_type", "region", "age_group", "gender", "registration_channel")
_COLUMNS = {
    "customers": (*source.ATTRIBUTES, "vip_level", "status_since", "referred_by"),
    "transactions": ("amount_cents", "status", "product_category", "payment_method"),
    "interactions": ("kind", "channel", "duration_seconds", "page_depth", "satisfaction", "topic"),
}
_LABELS = {
    "customers": ("customer_type", "region", "age_group", "gender", "account_status", "registration_channel"),
    "transactions": ("status", "product_category", "payment_method"),
    "interactions": ("kind", "channel", "topic"),
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The report's numbers; `rates` are pooled base rates by horizon in days."""

    as_of: dt.date
    horizon: int
    n_rows: dict[str, int]
    first_day: dt.date | None
    last_day: dt.date | None
    missing: list[columns.Missing]
    distributions: list[columns.Distribution]
    labels: list[columns.Labels]
    duplicates: list[dict[str, Any]]
    days: pl.DataFrame
    holes: list[activity.Hole]
    gaps: activity.Gaps
    weeks: list[base_rates.Week]
    rates: dict[int, float | None]
    warnings: list[Finding]

    @property
    def horizons(self) -> tuple[int, ...]:
        return shown_horizons(self.horizon)

    def as_json(self) -> dict[str, Any]:
        """`tables`, `base_rates`, `warnings`, and the date; shares are from 0 to 1, amounts in the currency."""
        return {
            "as_of": str(self.as_of),
            "horizon_days": self.horizon,
            "tables": {
                "rows": [{"table": table, "rows": n} for table, n in self.n_rows.items()],
                "missing": [asdict(item) | {"share": item.share} for item in self.missing],
                "distributions": [asdict(item) for item in self.distributions],
                "labels": [asdict(item) for item in self.labels],
                "duplicates": self.duplicates,
                "activity": self.days.with_columns(pl.col("day").cast(pl.String)).rows(named=True),
                "holes": [_hole(hole) for hole in self.holes],
                "purchase_gaps": asdict(self.gaps),
                "base_rates_by_week": [_week(week, self.horizons) for week in self.weeks],
            },
            "base_rates": {str(horizon): self.rates[horizon] for horizon in self.horizons},
            "warnings": [warning.as_json() for warning in self.warnings],
        }


def shown_horizons(horizon: int) -> tuple[int, ...]:
    return tuple(sorted({*base_rates.HORIZONS, horizon}))


def figures(*, as_of: dt.date, advance: Advance | None = None) -> Figures:
    """The report on what was known before `as_of`."""
    rows = source.read(as_of=as_of, advance=advance)
    active = activity.active_days(transactions=rows.transactions, interactions=rows.interactions)
    days = activity.by_day(transactions=rows.transactions, interactions=rows.interactions, active=active)
    horizon = settings.HORIZON_DAYS
    horizons = sorted({*shown_horizons(horizon), *base_rates.OTHER_HORIZONS})
    weeks = base_rates.weeks(customers=rows.customers, active=active, as_of=as_of, horizons=horizons)
    frames = {"customers": rows.customers, "transactions": rows.transactions, "interactions": rows.interactions}
    facts: dict[str, Any] = {
        "as_of": as_of,
        "horizon": horizon,
        "n_rows": {table: frame.height for table, frame in frames.items()},
        "first_day": days["day"].min(),
        "last_day": days["day"].max(),
        "missing": [
            found for t, frame in frames.items() for found in columns.missing(frame, table=t, columns=_COLUMNS[t])
        ],
        "distributions": _distributions(rows, as_of),
        "labels": _labels(frames),
        "duplicates": _duplicates(rows.customers),
        "days": days,
        "holes": [hole for table in ("transactions", "interactions") for hole in activity.holes(days, table=table)],
        "gaps": activity.purchase_gaps(rows.transactions),
        "weeks": weeks,
        "rates": {h: base_rates.pooled(weeks, horizon=h) for h in horizons},
    }
    return Figures(**facts, warnings=findings.warnings(**facts))


def _distributions(rows: source.Rows, as_of: dt.date) -> list[columns.Distribution]:
    bought = rows.transactions.filter(pl.col("status").cast(pl.String) == "completed")
    per_customer = bought.group_by("customer_pk").len("n")["n"]
    age = rows.customers.select((pl.lit(as_of) - pl.col("registered_on")).dt.total_days()).to_series()
    wanted: Sequence[tuple[pl.Series, str, str, str]] = (
        (bought["amount_cents"] / 100, "transactions", "amount", ""),
        (per_customer, "customers", "purchases", ""),
        (age, "customers", "age", ""),  # its name says that it counts days
        (rows.customers["vip_level"], "customers", "vip_level", ""),
        (rows.interactions["duration_seconds"], "interactions", "duration_seconds", "s"),
        (rows.interactions["page_depth"], "interactions", "page_depth", ""),
        (rows.interactions["satisfaction"], "interactions", "satisfaction", ""),
    )
    found = (columns.distribution(v, table=table, column=column, unit=unit) for v, table, column, unit in wanted)
    return [distribution for distribution in found if distribution]


def _labels(frames: dict[str, pl.DataFrame]) -> list[columns.Labels]:
    found = (columns.labels(frames[t][name], table=t, column=name) for t, names in _LABELS.items() for name in names)
    return [labels for labels in found if labels]


def _duplicates(customers: pl.DataFrame) -> list[dict[str, Any]]:
    found = columns.duplicates(customers, same=DUPLICATE_KEYS)
    return found.with_columns(pl.col("registered_on").cast(pl.String)).rows(named=True)


def _hole(hole: activity.Hole) -> dict[str, Any]:
    return {"table": hole.table, "from": str(hole.start), "to": str(hole.end), "days": hole.n_days}


def _week(week: base_rates.Week, horizons: Sequence[int]) -> dict[str, Any]:
    rates = {str(horizon): week.rate(horizon) for horizon in horizons}
    return {"as_of": str(week.as_of), "eligible": week.n_eligible, "base_rates": rates}
