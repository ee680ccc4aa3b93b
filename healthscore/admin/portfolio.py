"""All customers at a glance: grades, how they moved, what is to be renewed, how it went, what calls for a look."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, Case, Count, OuterRef, Q, Subquery, Sum, Value, When
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers import charts
from customers.admin.labels import drawn
from healthscore import words
from healthscore.admin import beside, flow, shown
from healthscore.dimensions.configuration import GRADES
from healthscore.models import HealthAlert, HealthDay, HealthScore

__all__ = ["figures"]

HISTORY_DAYS = 90
MOST_POINTS = 31
SCORES = "admin:healthscore_healthscore_changelist"
ALERTS = "admin:healthscore_healthalert_changelist"
LEFT_OUT = "admin:healthscore_notscored_changelist"


def figures() -> dict[str, Any]:
    """What the page shows; only `latest` (None) where no day was scored yet."""
    latest = beside.latest_day()
    if latest is None:
        return {"latest": None}
    counts = dict(_today(latest).values_list("grade").annotate(n=Count("pk")))
    average = _today(latest).aggregate(mean=Avg("score"))["mean"]
    alerts = _alerts()
    return {
        "latest": latest,
        "failures": shown.failures(latest.failures),
        "cards": _cards(latest, average, alerts),
        "grades": _grades(counts),
        "movements": _movements(latest),
        "renewals": _renewals(latest),
        "alerts": alerts,
        "course": _course(latest.as_of),
    }


def _today(latest: HealthDay) -> Any:
    return HealthScore.objects.filter(as_of=latest.as_of)


def _link(view: str, **query: Any) -> str:
    return f"{reverse(view)}?{urlencode(query)}" if query else reverse(view)


def _cards(latest: HealthDay, average: Any, alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    n_alerts = sum(one["n"] for one in alerts)
    n_disagree = beside.disagreeing(beside.with_facts(_today(latest), as_of=latest.as_of)).order_by().count()
    return [
        _card(
            _("Average score"),
            shown.score(average),
            _("of 0 to 1, over %(n)s customers") % {"n": shown.money(latest.n_scored)},
            "monitor_heart",
            _link(SCORES),
        ),
        _card(_("Not scored"), latest.n_not_scored, _("customers, each with the reason"), "help", _link(LEFT_OUT)),
        _card(_("Open alerts"), n_alerts, _("not taken up yet"), "notifications", _link(ALERTS, state__exact="open")),
        _card(
            _("To be reviewed"),
            n_disagree,
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


def _movements(latest: HealthDay) -> dict[str, Any]:
    """From the grade of 30 days ago, as the data are now, to that of today."""
    found = _today(latest).values_list("grade_before", "grade").annotate(n=Count("pk"))
    moves = {(then, now): n for then, now, n in found}
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


def _renewals(latest: HealthDay) -> dict[str, Any]:
    found = _due_by_grade(latest)
    most = max((float(row["value_90"] or 0) for row in found.values()), default=0.0)
    names = [name for name in (*GRADES, "") if name in found]
    return {"windows": beside.WINDOWS, "rows": [_renewal(name, found[name], most) for name in names]}


def _due_by_grade(latest: HealthDay) -> dict[str, dict[str, Any]]:
    """By grade, "" for customers without a score: customers with a renewal ahead, and the value of the deals."""
    grade = HealthScore.objects.filter(customer=OuterRef("customer"), as_of=latest.as_of).values("grade")[:1]
    rows = beside.due(as_of=latest.as_of, days=max(beside.WINDOWS)).order_by().annotate(of_grade=Subquery(grade))
    sums: dict[str, Any] = {}
    for days in beside.WINDOWS:
        within = Q(renewal_date__lte=latest.as_of + dt.timedelta(days=days))
        sums[f"n_{days}"] = Count("customer", filter=within, distinct=True)
        sums[f"value_{days}"] = Sum("deal_amount", filter=within)
    by_grade: Any = rows.values("of_grade").annotate(**sums)
    return {row["of_grade"] or "": row for row in by_grade}


def _renewal(grade: str, row: dict[str, Any], most: float) -> dict[str, Any]:
    view = SCORES if grade else LEFT_OUT
    chosen = {"grade__exact": grade} if grade else {}
    return {
        "title": words.grade(grade) if grade else _("not scored"),
        "level": shown.LEVELS.get(grade, ""),
        "share": float(row["value_90"] or 0) / most if most else 0,
        "windows": [
            {
                "n": row[f"n_{days}"],
                "value": shown.money(row[f"value_{days}"] or 0),
                "url": _link(view, renewal=days, **chosen),
                "customers_head": _("customers within %(days)s days") % {"days": days},
                "value_head": _("value within %(days)s days") % {"days": days},
            }
            for days in beside.WINDOWS
        ],
    }


def _alerts() -> list[dict[str, Any]]:
    """Open ones by code, the grave first."""
    open_ = HealthAlert.objects.filter(state=HealthAlert.State.OPEN).order_by()
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


def _course(as_of: dt.date) -> str:
    """The average score of days of the last 90, as many as a line needs; empty below two."""
    first = as_of - dt.timedelta(days=HISTORY_DAYS)
    days = list(
        HealthDay.objects.filter(as_of__range=(first, as_of)).order_by("-as_of").values_list("as_of", flat=True)
    )
    chosen = days[:: -(-len(days) // MOST_POINTS) or 1]
    if len(chosen) < 2:
        return ""
    means = HealthScore.objects.filter(as_of__in=chosen).values_list("as_of").annotate(mean=Avg("score"))
    points = [(day, float(mean)) for day, mean in means.order_by("as_of")]
    svg = charts.line(
        {_("Average score"): ([day for day, _mean in points], [mean for _day, mean in points])},
        title=_("Average score over the last 90 days"),
        y_label=_("score"),
    )
    return drawn(svg)
