"""How many are at risk and worth how much, how many are active and left, and how the risk is spread."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from churnsite.home.days import Days
from churnsite.home.links import of_day, of_today
from churnsite.home.remembered import remembered
from customers import charts
from customers.admin.labels import drawn
from experiments.admin.report.words import NONE, percent, whole
from predictions.admin.customer_panels import VARIANTS
from predictions.figures import STEPS
from predictions.modelling.risk import AT_RISK
from predictions.models import DailyFigures, RiskLevel

__all__ = ["Change", "Tile", "distribution", "levels", "tiles"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """Against a week before; `tone` is good, bad or same, and the words say the same as its colour."""

    text: str
    url: str
    icon: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A number that stands large, the list behind it, and how it changed."""

    title: str
    icon: str
    number: str
    url: str
    unit: str
    meaning: str
    change: Change | None
    why_no_change: str = ""


def tiles(days: Days, *, by_value: Mapping[str, str]) -> list[Tile]:
    """The numbers on top; `by_value` sorts the work list by monthly value."""
    return [_at_risk(days), _worth(days, by_value), _active(days), _left(days)]


def levels(days: Days) -> list[dict[str, Any]]:
    """Customers of the latest day by risk level, the highest first."""
    found, total = days.now, days.now.n_scored or 1
    return [
        {
            "title": level.label,
            "name": level.value,
            "n": whole(getattr(found, f"n_{level.value}")),
            "share": getattr(found, f"n_{level.value}") / total,
            "percent": percent(getattr(found, f"n_{level.value}") / total),
            "variant": VARIANTS[level.value],
            "url": of_today(level.value),
        }
        for level in reversed(RiskLevel)
    ]


def distribution(days: Days) -> str:
    """A chart of customers by probability, with the bounds of the levels; empty without customers."""
    if not days.now.n_scored:
        return ""
    key = ("distribution", get_language(), days.now.histogram, settings.RISK_LEVEL_BOUNDS)
    return drawn(remembered(key, lambda: _histogram(days.now.histogram), seconds=86_400))


def _histogram(counts: list[int]) -> str:
    bounds = zip(list(RiskLevel)[1:], settings.RISK_LEVEL_BOUNDS, strict=True)
    marks = {_("%(level)s from %(bound)s") % {"level": one.label, "bound": _bound(at)}: 100 * at for one, at in bounds}
    return charts.histogram(
        counts,
        [100 * step / STEPS for step in range(STEPS + 1)],
        title=_("Active customers by probability of leaving"),
        x_label=_("probability of leaving, in percent"),
        y_label=_("customers"),
        marks=marks,
    )


def _bound(share: float) -> str:
    return percent(share, digits=0 if round(100 * share, 6) % 1 == 0 else 1)


def _at_risk(days: Days) -> Tile:
    now, before = days.now, days.before
    share = percent(now.n_at_risk / now.n_scored if now.n_scored else 0)
    return Tile(
        title=_("Customers at risk"),
        icon="warning",
        number=whole(now.n_at_risk),
        url=of_today(*AT_RISK),
        unit=_("%(share)s of the active customers") % {"share": share},
        meaning=_("Active customers at high or critical risk of leaving, as of the latest day that was scored."),
        change=_change(now.n_at_risk, before.n_at_risk, before, url=of_day(before.as_of, is_at_risk=True))
        if before
        else None,
        why_no_change=_nothing_before(),
    )


def _worth(days: Days, by_value: Mapping[str, str]) -> Tile:
    now, before = days.now, days.before
    return Tile(
        title=_("What they are worth"),
        icon="payments",
        number=NONE if now.value_at_risk is None else whole(float(now.value_at_risk)),
        url=of_today(*AT_RISK, **by_value),
        unit=_("a month, in the account currency"),
        meaning=_(
            "The sum of the monthly values of the customers at risk. A customer's monthly value is what was bought in "
            "the last 180 days, as an amount a 30 days; days before registration are left out."
        ),
        change=_worth_change(now, before),
        why_no_change=_nothing_before() if before is None else _("The value of a week before was not kept."),
    )


def _active(days: Days) -> Tile:
    now, before = days.now, days.before
    return Tile(
        title=_("Active customers"),
        icon="groups",
        number=whole(now.n_scored),
        url=of_today(),
        unit=_("who were active in the last 20 days"),
        meaning=_(
            "Customers with a purchase or a contact in the last 20 days and an active account: those who can leave, "
            "and who are scored."
        ),
        change=_change(now.n_scored, before.n_scored, before, url=of_day(before.as_of), more_is_good=True)
        if before
        else None,
        why_no_change=_nothing_before(),
    )


def _left(days: Days) -> Tile:
    closed, before = days.closed, days.closed_before
    title, icon = _("Churn rate"), "logout"
    meaning = _(
        "Of the customers who were active on a day, the share without any activity in the days after it; known once "
        "those days are over. Late events can still change it for two weeks."
    )
    if closed is None or closed.churn_rate is None:
        unit = _("not known before the first predictions are some days old")
        return Tile(title=title, icon=icon, number=NONE, url=of_today(), unit=unit, meaning=meaning, change=None)
    facts = {"n": whole(closed.n_churned), "of": whole(closed.n_closed), "day": date_format(closed.as_of)}
    facts["days"] = str(closed.horizon_days)
    return Tile(
        title=title,
        icon=icon,
        number=percent(closed.churn_rate),
        url=of_day(closed.as_of, churned__exact=1),
        unit=_("%(n)s of %(of)s active on %(day)s left within %(days)s days") % facts,
        meaning=meaning,
        change=_rate_change(closed, before),
        why_no_change=_nothing_before(),
    )


def _nothing_before() -> str:
    return _("There is no day of a week before to compare with.")


def _change(now: int, then: int, before: DailyFigures, *, url: str, more_is_good: bool = False) -> Change:
    difference = now - then
    facts = {"n": whole(abs(difference)), "day": date_format(before.as_of), "then": whole(then)}
    if difference > 0:
        text = _("%(n)s more than on %(day)s (%(then)s)") % facts
    elif difference < 0:
        text = _("%(n)s fewer than on %(day)s (%(then)s)") % facts
    else:
        text = _("as many as on %(day)s") % facts
    return Change(text=text, url=url, **_direction(difference, more_is_good))


def _worth_change(now: DailyFigures, before: DailyFigures | None) -> Change | None:
    if before is None or before.value_at_risk is None or now.value_at_risk is None:
        return None
    difference = round(now.value_at_risk) - round(before.value_at_risk)
    then = whole(float(before.value_at_risk))
    facts = {"n": whole(abs(difference)), "day": date_format(before.as_of), "then": then}
    if difference > 0:
        text = _("%(n)s more than on %(day)s (%(then)s)") % facts
    elif difference < 0:
        text = _("%(n)s less than on %(day)s (%(then)s)") % facts
    else:
        text = _("as much as on %(day)s") % facts
    return Change(text=text, url=of_day(before.as_of, is_at_risk=True), **_direction(difference, False))


def _rate_change(closed: DailyFigures, before: DailyFigures | None) -> Change | None:
    if before is None or before.churn_rate is None or closed.churn_rate is None:
        return None
    points = round(100 * closed.churn_rate, 1) - round(100 * before.churn_rate, 1)
    facts = {"n": f"{abs(points):.1f}", "day": date_format(before.as_of), "then": percent(before.churn_rate)}
    if round(points, 1) > 0:
        text = _("%(n)s points more than of those of %(day)s (%(then)s)") % facts
    elif round(points, 1) < 0:
        text = _("%(n)s points less than of those of %(day)s (%(then)s)") % facts
    else:
        text = _("as of those of %(day)s") % facts
    return Change(text=text, url=of_day(before.as_of, churned__exact=1), **_direction(round(points, 1), False))


def _direction(difference: float, more_is_good: bool) -> dict[str, str]:
    if not difference:
        return {"icon": "trending_flat", "tone": "same"}
    is_more = difference > 0
    return {"icon": "trending_up" if is_more else "trending_down", "tone": "good" if is_more == more_is_good else "bad"}
