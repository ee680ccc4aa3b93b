"""The report as one HTML page that needs nothing else: charts are inline SVG, styles are in the page, no scripts."""

import datetime as dt

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers import charts
from customers.churn import WINDOW_DAYS
from customers.report import base_rates
from customers.report.columns import FENCE, Distribution, Labels, Missing
from customers.report.figures import Figures
from customers.report.names import column_name, table_name


def html(found: Figures) -> str:
    context = {
        "figures": found,
        "language": get_language() or "en",
        "window_days": WINDOW_DAYS,
        "fence": FENCE,
        "tables": [(table_name(table), _count(n)) for table, n in found.n_rows.items()],
        "missing": [(table_name(m.table), column_name(m.column), _missing(m)) for m in found.missing if m.n_rows],
        "numbers": [(table_name(d.table), column_name(d.column), _numbers(d)) for d in found.distributions],
        "n_buyers": _count(found.gaps.n_buyers),
        "n_repeat_buyers": _count(found.gaps.n_repeat_buyers),
        "duplicates": found.duplicates[:20],
        "base_rates": [(horizon, found.rates[horizon], _fits(found.rates[horizon])) for horizon in found.horizons],
        "has_rates": any(found.rates[horizon] is not None for horizon in found.horizons),
        "activity_charts": _safe(_activity(found)),
        "rate_charts": _safe(_rates(found)),
        "distribution_charts": _safe([_histogram(d) for d in found.distributions]),
        "label_charts": _safe([_bars(labels) for labels in found.labels if labels.n_distinct > 1]),
        "gap_charts": _safe(_gaps(found)),
    }
    return render_to_string("customers/report.html", context)


def _count(n: int) -> str:
    """With a comma between thousands in every language, as the charts have them."""
    return f"{n:,}"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"


def _numbers(found: Distribution) -> list[str]:
    places = (found.minimum, found.p25, found.median, found.p75, found.p99, found.maximum)
    return [_count(found.n), f"{found.mean:,.2f}", *map(_amount, places), _count(found.n_outliers)]


def _missing(found: Missing) -> list[str]:
    return [_count(found.n_rows), _count(found.n_missing), f"{found.share or 0:.0%}", _count(found.n_distinct)]


def _fits(rate: float | None) -> str:
    if rate is None:
        return _("no closed week")
    if rate > base_rates.TOO_HIGH:
        return _("too high")
    return _("too low") if rate < base_rates.TOO_LOW else _("would do")


def _activity(found: Figures) -> list[str]:
    drawn = []
    days = found.days["day"].to_list()
    for table in ("transactions", "interactions"):
        if not found.n_rows[table]:
            continue
        name = str(table_name(table))
        spans = [
            charts.Span(start=hole.start, end=hole.end + dt.timedelta(days=1))
            for hole in found.holes
            if hole.table == table
        ]
        drawn.append(
            charts.line(
                {name: (days, found.days[table].to_list())},
                title=_("By day: {table}").format(table=name),
                y_label=_("rows"),
                spans=spans,
                span_label=_("hole"),
            )
        )
    if days:
        customers = {_("active customers"): (days, found.days["active_customers"].to_list())}
        drawn.append(charts.line(customers, title=_("By day: active customers"), y_label=_("customers")))
    return drawn


def _rates(found: Figures) -> list[str]:
    if not found.weeks:
        return []
    dates = [week.as_of for week in found.weeks]
    bounds = {"5 %": base_rates.TOO_LOW, "70 %": base_rates.TOO_HIGH}
    by_week = {_("{n} days").format(n=h): (dates, [week.rate(h) for week in found.weeks]) for h in found.horizons}
    in_use = {_("churned"): (dates, [week.rate(found.horizon) for week in found.weeks])}
    eligible = {_("eligible"): (dates, [week.n_eligible for week in found.weeks])}
    return [
        charts.bars(
            [str(h) for h in found.horizons],
            [found.rates[h] for h in found.horizons],
            title=_("Share without activity, by horizon"),
            x_label=_("horizon in days"),
            horizontal=False,
            percent=True,
        ),
        charts.line(by_week, title=_("The same by week"), y_label=_("share"), percent=True, levels=bounds),
        charts.line(
            in_use,
            title=_("Churn rate over time, {n} days").format(n=found.horizon),
            y_label=_("share of the eligible"),
            percent=True,
        ),
        charts.line(eligible, title=_("Eligible customers by week"), y_label=_("customers")),
    ]


def _histogram(found: Distribution) -> str:
    unit = f" ({found.unit})" if found.unit else ""
    return charts.histogram(
        found.counts,
        found.edges,
        title=str(column_name(found.column)),
        x_label=f"{column_name(found.column)}{unit}",
        y_label=_("rows"),
        marks={_("median"): found.median},
    )


def _bars(found: Labels) -> str:
    labels, counts = list(found.labels), list(found.counts)
    if found.n_other:
        labels.append(_("{n} others").format(n=found.n_distinct - len(found.labels)))
        counts.append(found.n_other)
    title = f"{column_name(found.column)} · {table_name(found.table)}"
    return charts.bars(labels, counts, title=title, y_label=_("rows"))


def _gaps(found: Figures) -> list[str]:
    gaps = found.gaps
    if not gaps.n:
        return []
    marks = {_("median"): gaps.median or 0, _("9 of 10"): gaps.p90 or 0}
    edges = [gap + 0.5 for gap in range(len(gaps.counts) + 1)]
    shown = {name: min(place, edges[-1]) for name, place in marks.items()}
    return [
        charts.histogram(
            gaps.counts,
            edges,
            title=_("Days to the next purchase day"),
            x_label=_("days ({n}: that many or more)").format(n=len(gaps.counts)),
            y_label=_("gaps"),
            marks=shown,
        )
    ]


def _safe(drawings: list[str]) -> list[SafeString]:
    """Charts escape the texts that they are given."""
    return [mark_safe(drawing) for drawing in drawings]  # noqa: S308 - made by customers.charts
