"""The tab of a customer's features by family: now, in its own past, and among its peers, with a sentence a family."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format, number_format
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers import charts
from customers.admin.panels import Panel, register
from customers.joining import running
from customers.models import Customer
from customers.visibility import FIGURES_LEFT_OUT, is_limited
from predictions import comparison
from predictions.admin.families import FAMILIES
from predictions.comparison import AGES, Compared, Comparison
from predictions.modelling.sentences import SENTENCES
from predictions.modelling.wording import sentence

__all__ = ["features", "shown"]

UNKNOWN = "unknown"


def features(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """The 88 values at the latest day computed, by family, the family that stands out most unfolded."""
    found = comparison.of(customer)
    if found is None:
        return {"families": []}
    families = [
        _family(name, list(group), found) for name, group in groupby(found.features, key=lambda one: one.feature.family)
    ]
    widest = max(families, key=lambda one: one["stands_out"])
    return {
        "families": [one | {"is_open": one is widest} for one in families],
        "as_of": found.as_of,
        "past_titles": [_("%(n)s days before") % {"n": age} for age in AGES],
        "days": [(age, date_format(day) if day else "–") for age, day in zip(AGES, found.days, strict=True)],
        "peers": FIGURES_LEFT_OUT if found.group and is_limited(request.user) else _peers(found),
    }


def _family(name: str, members: Sequence[Compared], found: Comparison) -> dict[str, Any]:
    outstanding = max(members, key=lambda one: abs(one.deviation or 0))
    return {
        "name": name,
        "title": FAMILIES.get(name, name),
        "sentence": _told(outstanding, found) if outstanding.deviation is not None else "",
        "stands_out": abs(outstanding.deviation or 0),
        "rows": [_row(one) for one in members],
    }


def _row(one: Compared) -> dict[str, Any]:
    return {
        "name": one.feature.name,
        "description": _(one.feature.description),
        "value": shown(one.now),
        "past": [shown(value) for value in one.past],
        "peers": _quartiles(one),
        "strip": _strip(one) if one.is_number else "",
    }


def _strip(one: Compared) -> str:
    title = _("Now %(now)s; 20, 40 and 60 days before %(past)s; peers %(peers)s") % {
        "now": shown(one.now),
        "past": " / ".join(shown(value) for value in one.past),
        "peers": _quartiles(one) or "–",
    }
    past = [None if value is None else float(value) for value in one.past]
    now = None if one.now is None else float(one.now)
    svg = charts.strip(now=now, past=past, quartiles=one.quartiles, title=title, shown=_tick)
    return mark_safe(svg)  # noqa: S308 - drawn by us, texts escaped


def _told(one: Compared, found: Comparison) -> str:
    """What the most unusual feature of a family says, where it stands among peers, and where it came from."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    low, median, high = (value or 0.0 for value in one.quartiles or (0.0, 0.0, 0.0))
    facts = {
        "what": sentence(name=one.feature.name, row=found.row)[language],
        "median": _as_told(one.feature.name, median),
        "before": _as_told(one.feature.name, one.past[0]),
    }
    if float(one.now) > high:
        text = _("%(what)s. That is more than three quarters of the peers have; their median is %(median)s.")
    elif float(one.now) < low:
        text = _("%(what)s. That is less than three quarters of the peers have; their median is %(median)s.")
    else:
        text = _("%(what)s. That is like the middle half of the peers; their median is %(median)s.")
    if one.past[0] is None:
        return text % facts
    before = _("20 days before it was %(before)s.")
    return running([text % facts, before % facts])


def _as_told(name: str, value: Any) -> str:
    """A value as the feature's sentence writes it: in percent where the sentence does."""
    declared = SENTENCES.get(name)
    is_share = declared is not None and f"{{{name}:p}}" in declared.en
    return f"{100 * value:.0f}%" if is_share and value is not None else shown(value)


def _peers(found: Comparison) -> str:
    if found.group is None:
        return _("There are no peers to compare with: the day was computed before they were kept.")
    facts = {"n": number_format(found.group.n_customers, force_grouping=True), "type": found.group.customer_type}
    if facts["type"] == UNKNOWN:
        return _("Peers: the %(n)s active customers of that day whose type is not known, as this one's.") % facts
    if facts["type"]:
        return _("Peers: the %(n)s active customers of the type “%(type)s” on that day.") % facts
    return _("Peers: all %(n)s active customers of that day, for few are of the same type.") % facts


def _quartiles(one: Compared) -> str:
    if not one.quartiles or any(value is None for value in one.quartiles):
        return ""
    low, median, high = (shown(value) for value in one.quartiles)
    return _("%(median)s (%(low)s to %(high)s)") % {"median": median, "low": low, "high": high}


def _tick(value: float) -> str:
    """A number short enough for the end of an axis."""
    return f"{value:.2g}".replace("e+0", "e") if abs(value) >= 100_000 else shown(value)


def shown(value: Any) -> str:
    """A value as people read it: a dash for none, whole numbers whole, two decimals, small ones with two figures."""
    if value is None:
        return "–"
    if isinstance(value, bool | str):
        return str(value)
    short = round(value, 2 if abs(value) < 1_000 else 0) or float(f"{value:.2g}")
    is_whole = float(short).is_integer() and abs(short) < 10**15
    return number_format(int(short) if is_whole else short, use_l10n=True, force_grouping=True)


register(
    Panel(
        name="features",
        position=10,
        template="admin/predictions/panels/features.html",
        context=features,
        permission="predictions.view_featuresnapshot",
        tab="features",
    )
)
