"""What the figures mean, in plain words: one rule a function, each yielding warnings with a code."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.churn import HISTORY_DAYS, WINDOW_DAYS
from customers.joining import listed, phrases, running
from customers.report import base_rates
from customers.report.names import column_name, table_name

FEW_LABELS = 200
STALE_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding; `start` and `end` are the first and last day that it concerns."""

    code: str
    message: str
    start: dt.date | None = None
    end: dt.date | None = None

    def as_json(self) -> dict[str, str | None]:
        start, end = (str(day) if day else None for day in (self.start, self.end))
        return {"code": self.code, "message": self.message, "from": start, "to": end}


def warnings(**facts: Any) -> list[Finding]:
    """The weightiest first; `facts` are those of `Figures`."""
    if not any(facts["n_rows"].values()):
        return [Finding(code="no_data", message=_("There are no data yet: import customers and their transactions."))]
    return [warning for rule in RULES for warning in rule(facts)]


def _base_rate(facts: dict[str, Any]) -> Iterator[Finding]:
    horizon, rate = facts["horizon"], facts["rates"][facts["horizon"]]
    if rate is None or base_rates.TOO_LOW <= rate <= base_rates.TOO_HIGH:
        return
    if rate > base_rates.TOO_HIGH:
        code, told = (
            "base_rate_high",
            _(
                "Within {days} days, {rate:.0%} of the active customers show no activity: a {days}-day label means "
                "little here, as staying away that long is the rule."
            ),
        )
    else:
        code, told = (
            "base_rate_low",
            _(
                "Within {days} days, only {rate:.1%} of the active customers show no activity: a {days}-day label has "
                "too few cases to learn from."
            ),
        )
    yield Finding(code=code, message=running([told.format(days=horizon, rate=rate), _advice(facts)]), **_span(facts))


def _advice(facts: dict[str, Any]) -> str:
    better = base_rates.better_horizon(facts["rates"], horizon=facts["horizon"])
    if better is None:
        return _("None of the horizons that were tried would do.")
    rate = facts["rates"][better]
    return _("{days} days would do: there it is {rate:.0%}. Set HORIZON_DAYS={days}.").format(days=better, rate=rate)


def _span(facts: dict[str, Any]) -> dict[str, dt.date]:
    closed = [week.as_of for week in facts["weeks"] if week.rate(facts["horizon"]) is not None]
    return {"start": closed[0], "end": closed[-1]} if closed else {}


def _history(facts: dict[str, Any]) -> Iterator[Finding]:
    if facts["first_day"] is None:
        yield Finding(code="no_events", message=_("There are customers but no transactions or interactions."))
        return
    n_days = (facts["as_of"] - facts["first_day"]).days
    least = WINDOW_DAYS + 2 * facts["horizon"]
    if n_days < least:
        text = _("The data cover {days} days; {least} is the least from which a model can be trained and tested.")
        message = text.format(days=n_days, least=least)
    elif n_days < HISTORY_DAYS:
        text = _("The data cover {days} days; the features look back {wanted} days, so long habits are not seen yet.")
        message = text.format(days=n_days, wanted=HISTORY_DAYS)
    else:
        return
    yield Finding(code="short_history", message=message, start=facts["first_day"], end=facts["last_day"])


def _few_labels(facts: dict[str, Any]) -> Iterator[Finding]:
    churned, retained = base_rates.counted(facts["weeks"], horizon=facts["horizon"])
    if min(churned, retained) < FEW_LABELS and facts["first_day"] is not None:
        text = _(
            "There are {churned} closed labels of customers who left and {retained} of customers who stayed; a model "
            "needs {least} of each, and a rule scores until then."
        )
        message = text.format(churned=churned, retained=retained, least=FEW_LABELS)
        yield Finding(code="few_labels", message=message)


def _stale(facts: dict[str, Any]) -> Iterator[Finding]:
    if facts["last_day"] is None:
        return
    empty = (facts["as_of"] - facts["last_day"]).days - 1
    if empty >= STALE_DAYS:
        text = _("The last event is of {day}: the {n} days up to the as-of date have none. Is an import missing?")
        start, end = (facts["last_day"] + dt.timedelta(days=1), facts["as_of"] - dt.timedelta(days=1))
        yield Finding(code="stale", message=text.format(day=facts["last_day"], n=empty), start=start, end=end)


def _holes(facts: dict[str, Any]) -> Iterator[Finding]:
    for hole in facts["holes"]:
        text = ngettext("No {table} on {start}.", "No {table} from {start} to {end}, {n} days.", hole.n_days)
        told = text.format(table=table_name(hole.table), start=hole.start, end=hole.end, n=hole.n_days)
        message = told + " " + _("A label or a feature over these days takes missing data for absence.")
        yield Finding(code="hole", message=message, start=hole.start, end=hole.end)


def _constant(facts: dict[str, Any]) -> Iterator[Finding]:
    for item in facts["missing"]:
        if item.n_rows > 1 and item.n_distinct == 1 and item.n_missing == 0:
            text = _("{column} ({table}) has the same value in every row and can tell no customers apart.")
            names = {"column": column_name(item.column), "table": table_name(item.table)}
            yield Finding(code="constant_column", message=text.format(**names))


def _empty(facts: dict[str, Any]) -> Iterator[Finding]:
    for table in facts["n_rows"]:
        empty = [item for item in facts["missing"] if item.table == table and item.n_rows and item.n_distinct == 0]
        if empty:
            text = _("No row has a value in these columns ({table}): {columns}.")
            named = listed(column_name(item.column) for item in empty)
            yield Finding(code="empty_columns", message=text.format(table=table_name(table), columns=named))


def _duplicates(facts: dict[str, Any]) -> Iterator[Finding]:
    if groups := facts["duplicates"]:
        text = _("{n} customers share name, registration date and attributes with another: {examples}.")
        examples = phrases(" = ".join(group["customer_ids"]) for group in groups[:3])
        n = sum(group["n"] for group in groups)
        yield Finding(code="duplicate_customers", message=text.format(n=n, examples=examples))


RULES = (_base_rate, _history, _few_labels, _stale, _holes, _duplicates, _constant, _empty)
