"""All customers at a glance: grades, how they moved, what is to be renewed, how it went, what calls for a look."""

import datetime as dt
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, Sum, Value, When
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import charts
from customers.admin import background
from customers.admin.labels import drawn
from customers.models import Job
from customers.models.runs import State
from customers.visibility import visible
from healthscore import portfolio, portfolio_kept, words
from healthscore.admin import beside, flow, shown
from healthscore.dimensions.configuration import GRADES
from healthscore.models import HealthAlert, HealthDay
from healthscore.portfolio import Figures
from healthscore.renewals import WINDOWS

__all__ = ["figures", "under_way"]

SCORES = "admin:healthscore_healthscore_changelist"
ALERTS = "admin:healthscore_healthalert_changelist"
LEFT_OUT = "admin:healthscore_notscored_changelist"


def figures(user: Any) -> dict[str, Any]:
    """What the page shows of the customers whom the user may see; only `latest` (None) where no day was scored yet.

    Of a large company it is what was kept with the scores; `is_ready` is False while a job counts what was not.
    """
    latest = beside.latest_day()
    if latest is None:
        return {"latest": None}
    alerts = _alerts(user)
    return {
        "latest": latest,
        "failures": shown.failures(latest.failures),
        "alerts": alerts,
        **(_kept(latest, alerts, user) if latest.n_scored >= portfolio_kept.LARGE else _live(latest, alerts, user)),
    }


def under_way() -> list[Job]:
    """The job that counts the figures, and the last one where that failed."""
    return [job for job in background.latest([portfolio_kept.KIND])[:1] if job.state != State.DONE]


def _live(latest: HealthDay, alerts: list[dict[str, Any]], user: Any) -> dict[str, Any]:
    narrow = partial(visible, user=user)
    found = portfolio.figures(as_of=latest.as_of, narrow=narrow).get((), Figures())
    return _shown(latest, found, alerts, portfolio.course(as_of=latest.as_of, narrow=narrow))


def _kept(latest: HealthDay, alerts: list[dict[str, Any]], user: Any) -> dict[str, Any]:
    if not portfolio_kept.is_current(latest):
        portfolio_kept.ask()
    found, jobs = portfolio_kept.read(latest, user), background.shown(under_way())
    if found is None:
        return {"is_ready": False, "jobs": jobs}
    return {"jobs": jobs, **_shown(latest, found, alerts, portfolio_kept.course(latest.as_of, user))}


def _shown(
    latest: HealthDay, found: Figures, alerts: list[dict[str, Any]], points: list[portfolio.Point]
) -> dict[str, Any]:
    return {
        "is_ready": True,
        "cards": _cards(found, sum(one["n"] for one in alerts)),
        "grades": _grades(found.grades),
        "movements": _movements(latest, found.moves),
        "renewals": _renewals(found),
        "course": _course(points),
    }


def _link(view: str, **query: Any) -> str:
    return f"{reverse(view)}?{urlencode(query)}" if query else reverse(view)


def _cards(found: Figures, n_alerts: int) -> list[dict[str, Any]]:
    return [
        _card(
            _("Average score"),
            shown.score(found.average),
            _("of 0 to 1, over %(n)s customers") % {"n": shown.money(found.n_scored)},
            "monitor_heart",
            _link(SCORES),
        ),
        _card(_("Not scored"), found.n_not_scored, _("customers, each with the reason"), "help", _link(LEFT_OUT)),
        _card(_("Open alerts"), n_alerts, _("not taken up yet"), "notifications", _link(ALERTS, state__exact="open")),
        _card(
            _("To be reviewed"),
            found.n_disagreeing,
            _("health and risk of leaving disagree strongly"),
            "compare_arrows",
            _link(SCORES, disagreement="yes"),
        ),
    ]


def _card(title: str, number: Any, note: str, icon: str, url: str) -> dict[str, Any]:
    return {"title": title, "number": number, "note": note, "icon": icon, "url": url, "variant": "primary"}


def _grades(counts: dict[str, int]) -> list[dict[str, Any]]:
    total = sum(counts.values())
    return [
        {
            "level": shown.LEVELS[name],
            "title": words.grade(name),
            "n": counts.get(name, 0),
            "share": counts.get(name, 0) / total if total else 0,
            "percent": round(100 * counts.get(name, 0) / total) if total else 0,
            "url": _link(SCORES, grade__exact=name),
        }
        for name in GRADES
    ]


def _movements(latest: HealthDay, moves: flow.Moves) -> dict[str, Any]:
    """From the grade of 30 days ago, as the data are now, to that of today."""
    titles = {**{name: words.grade(name) for name in GRADES}, "": _("no score")}
    day = date_format(latest.as_of)
    heads = (_("30 days before"), day)
    title = _("Customers by grade 30 days before and on %(day)s") % {"day": day}
    svg = flow.drawing(moves=moves, titles=titles, title=title, heads=heads)
    return {
        "drawing": drawn(svg) if svg else "",
        "heads": [titles[name] for name in GRADES],
        "rows": [_moves_from(then, moves, titles) for then in (*GRADES, "") if any(key[0] == then for key in moves)],
        "n_better": sum(n for pair, n in moves.items() if _places(pair) > 0),
        "n_worse": sum(n for pair, n in moves.items() if _places(pair) < 0),
    }


def _moves_from(then: str, moves: flow.Moves, titles: dict[str, str]) -> dict[str, Any]:
    cells = [
        {
            "title": titles[now],
            "n": moves.get((then, now), 0),
            "is_same": then == now,
            "url": _link(SCORES, grade_before__exact=then, grade__exact=now),
        }
        for now in GRADES
    ]
    return {"title": titles[then], "cells": cells}


def _places(pair: tuple[str, str]) -> int:
    """How many grades better it became; 0 without a score then."""
    then, now = pair
    return GRADES.index(then) - GRADES.index(now) if then else 0


def _renewals(found: Figures) -> dict[str, Any]:
    most = max((float(found.value_due[grade, max(WINDOWS)]) for grade in (*GRADES, "")), default=0.0)
    with_any = {grade for grade, _days in found.n_due}
    rows = [_renewal(grade, found, most) for grade in (*GRADES, "") if grade in with_any]
    return {"windows": WINDOWS, "rows": rows}


def _renewal(grade: str, found: Figures, most: float) -> dict[str, Any]:
    view = SCORES if grade else LEFT_OUT
    chosen = {"grade__exact": grade} if grade else {}
    return {
        "title": words.grade(grade) if grade else _("not scored"),
        "level": shown.LEVELS.get(grade, ""),
        "share": float(found.value_due[grade, max(WINDOWS)]) / most if most else 0,
        "windows": [
            {
                "n": found.n_due[grade, days],
                "value": shown.money(found.value_due[grade, days]),
                "url": _link(view, renewal=days, **chosen),
                "customers_head": _("customers within %(days)s days") % {"days": days},
                "value_head": _("value within %(days)s days") % {"days": days},
            }
            for days in WINDOWS
        ],
    }


def _alerts(user: Any) -> list[dict[str, Any]]:
    """Open ones by code, the grave first."""
    open_ = visible(HealthAlert.objects.filter(state=HealthAlert.State.OPEN).order_by(), user)
    is_high = Case(When(severity=HealthAlert.Severity.HIGH, then=Value(1)), default=Value(0))
    found = open_.values("code").annotate(n=Count("pk"), n_high=Sum(is_high)).order_by("-n_high", "-n", "code")
    most = max((row["n"] for row in found), default=0)
    return [
        {
            "title": words.alert_title(row["code"]),
            "n": row["n"],
            "n_high": row["n_high"],
            "share": row["n"] / most,
            "url": _link(ALERTS, code=row["code"], state__exact="open"),
        }
        for row in found
    ]


def _course(points: list[tuple[dt.date, float]]) -> str:
    """A line; empty where there are no two days."""
    if len(points) < 2:
        return ""
    svg = charts.line(
        {_("Average score"): ([day for day, _mean in points], [mean for _day, mean in points])},
        title=_("Average score over the last 90 days"),
        y_label=_("score"),
    )
    return drawn(svg)


background.tell(
    portfolio_kept.KIND,
    title=gettext_lazy("The figures of the portfolio"),
    sentence=lambda _result: _("They are counted."),
)
