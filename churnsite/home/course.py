"""How it went: churn rate, active customers, customers at risk and their value, day by day."""

import datetime as dt
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from churnsite.home.days import Days
from churnsite.home.links import of_day
from churnsite.home.remembered import remembered
from customers import charts
from customers.admin.labels import drawn
from experiments.admin.report.words import NONE, percent, whole
from predictions.models import DailyFigures

__all__ = ["SHOWN_DAYS", "of"]

SHOWN_DAYS = 90


def of(days: Days) -> dict[str, Any]:
    """Charts, and the same in a table with the lists behind; no charts below two days.

    `is_not_kept` for a user whose customers' figures are not kept from day to day.
    """
    rows = days.since(days.latest - dt.timedelta(days=SHOWN_DAYS - 1))
    return {"is_not_kept": bool(days.managers), "charts": _charts(rows), "rows": [_row(row) for row in rows[::-1]]}


def _charts(rows: list[DailyFigures]) -> list[Any]:
    """Drawn once for the same figures and language."""
    facts = [(row.as_of, row.n_scored, row.n_at_risk, row.value_at_risk, row.n_closed, row.n_churned) for row in rows]
    key = ("course", get_language(), facts)
    drawings: list[str] = remembered(key, lambda: [_churn(rows), _customers(rows), _value(rows)], seconds=86_400)
    return [drawn(one) for one in drawings if one]


def _churn(rows: list[DailyFigures]) -> str:
    known = [(row.as_of, row.churn_rate) for row in rows if row.churn_rate is not None]
    if len(known) < 2:
        return ""
    return charts.line(
        {_("churn rate"): ([day for day, _rate in known], [rate for _day, rate in known])},
        title=_("Churn rate of those active on each day"),
        x_label=_("day"),
        y_label=_("left within %(days)s days") % {"days": rows[-1].horizon_days},
        percent=True,
    )


def _customers(rows: list[DailyFigures]) -> str:
    if len(rows) < 2:
        return ""
    dates = [row.as_of for row in rows]
    series = {
        _("active"): (dates, [row.n_scored for row in rows]),
        _("at risk"): (dates, [row.n_at_risk for row in rows]),
    }
    return charts.line(
        series, title=_("Active customers and customers at risk"), x_label=_("day"), y_label=_("customers")
    )


def _value(rows: list[DailyFigures]) -> str:
    known = [row for row in rows if row.value_at_risk is not None]
    if len(known) < 2:
        return ""
    return charts.line(
        {_("value at risk"): ([row.as_of for row in known], [float(row.value_at_risk or 0) for row in known])},
        title=_("Monthly value of customers at risk"),
        x_label=_("day"),
        y_label=_("account currency a month"),
    )


def _row(row: DailyFigures) -> dict[str, Any]:
    return {
        "day": row.as_of,
        "active": whole(row.n_scored),
        "active_url": of_day(row.as_of),
        "at_risk": whole(row.n_at_risk),
        "at_risk_url": of_day(row.as_of, is_at_risk=True),
        "value": NONE if row.value_at_risk is None else whole(float(row.value_at_risk)),
        "left": whole(row.n_churned) if row.n_closed else NONE,
        "left_url": of_day(row.as_of, churned__exact=1) if row.n_closed else "",
        "rate": percent(row.churn_rate),
    }
