"""The charts of a report: rates, the effect over time, contamination by day, subgroups as a forest."""

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from customers import charts
from customers.admin.labels import drawn
from experiments.document import Comparison, Contamination, Document, OverTime, Subgroup

__all__ = ["contamination", "effects", "over_time", "rates", "subgroups"]

LABELS = 7
NO_ENDS = (None, None)


def rates(document: Document) -> SafeString:
    """The share that left, arm by arm."""
    arms = document["churn"]["arms"]
    return drawn(
        charts.forest(
            [arm["name"] for arm in arms],
            [arm["rate"] for arm in arms],
            [_ends(arm["rate_ci"]) for arm in arms],
            title=_("Share that left, with its interval"),
            reference=None,
            percent=True,
        )
    )


def effects(comparisons: list[Comparison]) -> SafeString:
    """The difference of each arm, with the fixed and the always-valid interval."""
    labels, values, intervals = [], [], []
    for one in comparisons:
        labels += [_("%(arm)s, planned end") % one, _("%(arm)s, always valid") % one]
        values += [one["difference"], one["difference"] if one["sequential"]["ci"] else None]
        intervals += [_ends(one["difference_ci"]), _ends(one["sequential"]["ci"])]
    return drawn(
        charts.forest(labels, values, intervals, title=_("Kept by the measure, with both intervals"), percent=True)
    )


def over_time(course: OverTime) -> str:
    """The difference as outcomes became known; empty below three dates."""
    points = [point for point in course["points"] if point["difference"] is not None]
    if len(points) < 3:
        return ""
    days = [dt.date.fromisoformat(point["on"]) for point in points]
    effect = _("effect, always-valid band")
    lines = {effect: (days, [point["difference"] for point in points])}
    for place, name in enumerate((_("fixed interval, low"), _("fixed interval, high"))):
        lines[name] = (days, [_ends(point["difference_ci"])[place] for point in points])
    band = [_ends(point["sequential_ci"]) for point in points]
    return drawn(
        charts.line(
            lines,
            title=_("Effect of %(arm)s as outcomes became known") % course,
            y_label=_("kept by the measure"),
            bands={effect: (days, [low for low, _high in band], [high for _low, high in band])},
            levels={_("no effect"): 0.0},
            percent=True,
            from_zero=False,
        )
    )


def contamination(found: Contamination) -> str:
    """Control customers treated for the first time, day by day; empty while none was."""
    days = found["days"]
    if not found["n"] or len(days) < 2:
        return ""
    step = -(-len(days) // LABELS)
    labels = [one["on"][5:] if number % step == 0 else "" for number, one in enumerate(days)]
    counts = [one["n"] for one in days]
    title = _("Control customers who were treated, by day")
    return drawn(charts.bars(labels, counts, title=title, y_label=_("customers"), horizontal=False))


def subgroups(rows: list[Subgroup], labels: list[str], *, title: str) -> SafeString:
    """The difference within each group of one arm; `labels` are the groups as people call them."""
    values: list[Any] = [row["difference"] for row in rows]
    return drawn(
        charts.forest(labels, values, [_ends(row["difference_ci"]) for row in rows], title=title, percent=True)
    )


def _ends(interval: list[float] | None) -> tuple[Any, Any]:
    return (interval[0], interval[1]) if interval else NO_ENDS
