"""All figures of the report, from the rows; what `report_data --json` prints and what the page shows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from django.conf import settings

from customers.commands import Advance
from customers.report import activity, base_rates, columns, findings, fold, source
from customers.report.findings import Finding
from customers.report.habits import Habits
from customers.report.habits import habits as seen_habits
from customers.report.tallies import Tally, tally

DUPLICATE_KEYS = ("name", "customer_type", "region", "age_group", "gender", "registration_channel")
CUSTOMER_COLUMNS = (*source.ATTRIBUTES, "vip_level", "status_since", "referred_by")
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
    everyone = source.everyone()
    with TemporaryDirectory() as folder:
        events = fold.events(as_of=as_of, everyone=everyone, folder=Path(folder), advance=advance or Advance())
        customers = everyone.filter(pl.col("registered_on") < as_of)
        return _figures(as_of=as_of, customers=customers, events=events)


def _figures(*, as_of: dt.date, customers: pl.DataFrame, events: fold.Events) -> Figures:
    horizon = settings.HORIZON_DAYS
    horizons = sorted({*shown_horizons(horizon), *base_rates.OTHER_HORIZONS})
    habits = seen_habits(as_of=as_of, customers=customers, events=events, horizons=horizons)
    by_day = events.by_day | {"active_customers": habits.active_customers}
    days = activity.by_day({name: found.counts() for name, found in by_day.items()})
    tallies = {"customers": _tallies(customers, folder=events.folder)} | events.columns
    facts: dict[str, Any] = {
        "as_of": as_of,
        "horizon": horizon,
        "n_rows": {"customers": customers.height} | {table: events.n_rows(table) for table in fold.EVENT_COLUMNS},
        "first_day": days["day"].min(),
        "last_day": days["day"].max(),
        "missing": [
            columns.missing(counted, table=table, column=name)
            for table, found in tallies.items()
            for name, counted in found.items()
        ],
        "distributions": _distributions(as_of=as_of, customers=customers, events=events, habits=habits),
        "labels": _labels(tallies),
        "duplicates": _duplicates(customers),
        "days": days,
        "holes": [hole for table in fold.EVENT_COLUMNS for hole in activity.holes(days, table=table)],
        "gaps": habits.gaps,
        "weeks": habits.weeks,
        "rates": {h: base_rates.pooled(habits.weeks, horizon=h) for h in horizons},
    }
    return Figures(**facts, warnings=findings.warnings(**facts))


def _tallies(customers: pl.DataFrame, *, folder: Path) -> dict[str, Tally]:
    return {name: tally(customers[name], folder=folder / f"customers-{name}") for name in CUSTOMER_COLUMNS}


def _distributions(
    *, as_of: dt.date, customers: pl.DataFrame, events: fold.Events, habits: Habits
) -> list[columns.Distribution]:
    age = customers.select((pl.lit(as_of) - pl.col("registered_on")).dt.total_days()).to_series()
    ages, levels = (tally(values, folder=events.folder) for values in (age, customers["vip_level"]))
    contacts = events.columns["interactions"]
    amounts = events.bought_cents.counts().with_columns(pl.col("value") / 100)
    wanted: Sequence[tuple[pl.DataFrame, str, str, str]] = (
        (amounts, "transactions", "amount", ""),
        (habits.purchases.counts(), "customers", "purchases", ""),
        (ages.counts(), "customers", "age", ""),  # its name says that it counts days
        (levels.counts(), "customers", "vip_level", ""),
        (contacts["duration_seconds"].counts(), "interactions", "duration_seconds", "s"),
        (contacts["page_depth"].counts(), "interactions", "page_depth", ""),
        (contacts["satisfaction"].counts(), "interactions", "satisfaction", ""),
    )
    found = (columns.distribution(n, table=table, column=column, unit=unit) for n, table, column, unit in wanted)
    return [distribution for distribution in found if distribution]


def _labels(tallies: Mapping[str, Mapping[str, Tally]]) -> list[columns.Labels]:
    found = (
        columns.labels(tallies[table][name], table=table, column=name)
        for table, names in _LABELS.items()
        for name in names
    )
    return [labels for labels in found if labels]


def _duplicates(customers: pl.DataFrame) -> list[dict[str, Any]]:
    found = columns.duplicates(customers, same=DUPLICATE_KEYS)
    return found.with_columns(pl.col("registered_on").cast(pl.String)).rows(named=True)


def _hole(hole: activity.Hole) -> dict[str, Any]:
    return {"table": hole.table, "from": str(hole.start), "to": str(hole.end), "days": hole.n_days}


def _week(week: base_rates.Week, horizons: Sequence[int]) -> dict[str, Any]:
    rates = {str(horizon): week.rate(horizon) for horizon in horizons}
    return {"as_of": str(week.as_of), "eligible": week.n_eligible, "base_rates": rates}
