"""All customers at a glance: grades, how they moved, what is to be renewed, how it went, what calls for a look."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Avg, Case, Count, OuterRef, Q, Subquery, Sum, Value, When
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers import charts
from customers.admin.labels import drawn
from customers.visibility import is_limited, visible
from healthscore import words
from healthscore.admin import beside, flow, shown
from healthscore.dimensions.configuration import GRADES
from healthscore.models import HealthAlert, HealthDay, HealthScore, NotScored

__all__ = ["figures"]

Keeper = Callable[[str, Callable[[], Any]], Any]

HISTORY_DAYS = 90
MOST_POINTS = 31
SCORES = "admin:healthscore_healthscore_changelist"
LARGE = 50_000
KEPT_SECONDS = 24 * 3600
ALERTS = "admin:healthscore_healthalert_changelist"
LEFT_OUT = "admin:healthscore_notscored_changelist"


def figures(user: Any) -> dict[str, Any]:
    """What the page shows of the customers whom the user may see; only `latest` (None) where no day was scored yet."""
    latest = beside.latest_day()
    if latest is None:
        return {"latest": None}
    today = visible(HealthScore.objects.filter(as_of=latest.as_of), user)
    keep = _keeper(latest, user)
    counts = keep("grades", lambda: dict(today.values_list("grade").annotate(n=Count("pk"))))
    average = keep("average", lambda: today.aggregate(mean=Avg("score"))["mean"])
    alerts = _alerts(user)
    return {
        "latest": latest,
        "failures": shown.failures(latest.failures),
        "cards": _cards(
            average,
            alerts,
            sum(counts.values()),
            _n_not_scored(latest, user),
            keep("disagree", partial(_disagree, latest, today)),
        ),
        "grades": _grades(counts),
        "movements": _movements(latest, keep("moves", partial(_moves, today))),
        "renewals": _renewals(keep("due", partial(_due_by_grade, latest, user))),
        "alerts": alerts,
        "course": _course(keep("course", partial(_means, latest.as_of, user))),
    }


def _keeper(latest: HealthDay, user: Any) -> Keeper:
    """Figures of a large company are made once for what was scored last; of a smaller one, or of a part, each time."""
    if is_limited(user) or latest.n_scored < LARGE:
        return lambda _name, make: make()
    made = f"{latest.as_of}:{latest.calculated_at.isoformat()}"
    return lambda name, make: cache.get_or_set(f"portfolio:{name}:{made}", make, KEPT_SECONDS)


def _disagree(latest: HealthDay, today: Any) -> int:
    n: int = beside.disagreeing(beside.with_facts(today, as_of=latest.as_of)).order_by().count()
    return n


def _n_not_scored(latest: HealthDay, user: Any) -> int:
    if not is_limited(user):
        return latest.n_not_scored
    return visible(NotScored.objects.filter(as_of=latest.as_of), user).count()


def _link(view: str, **query: Any) -> str:
    return f"{reverse(view)}?{urlencode(query)}" if query else reverse(view)


def _cards(
    average: Any, alerts: list[dict[str, Any]], n_scored: int, n_not_scored: int, n_disagree: int
) -> list[dict[str, Any]]:
    n_alerts = sum(one["n"] for one in alerts)
    return [
        _card(
            _("Average score"),
            shown.score(average),
            _("of 0 to 1, over %(n)s customers") % {"n": shown.money(n_scored)},
            "monitor_heart",
            _link(SCORES),
        ),
        _card(_("Not scored"), n_not_scored, _("customers, each with the reason"), "help", _link(LEFT_OUT)),
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


def _moves(today: Any) -> flow.Moves:
    found = today.values_list("grade_before", "grade").annotate(n=Count("pk"))
    return {(then, now): n for then, now, n in found}


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


def _renewals(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    most = max((float(row["value_90"] or 0) for row in found.values()), default=0.0)
    names = [name for name in (*GRADES, "") if name in found]
    return {"windows": beside.WINDOWS, "rows": [_renewal(name, found[name], most) for name in names]}


def _due_by_grade(latest: HealthDay, user: Any) -> dict[str, dict[str, Any]]:
    """By grade, "" for customers without a score: customers with a renewal ahead, and the value of the deals."""
    grade = HealthScore.objects.filter(customer=OuterRef("customer"), as_of=latest.as_of).values("grade")[:1]
    ahead = visible(beside.due(as_of=latest.as_of, days=max(beside.WINDOWS)), user)
    rows = ahead.order_by().annotate(of_grade=Subquery(grade))
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


def _means(as_of: dt.date, user: Any) -> list[tuple[dt.date, float]]:
    """The average score of days of the last 90, as many as a line needs."""
    first = as_of - dt.timedelta(days=HISTORY_DAYS)
    days = list(
        HealthDay.objects.filter(as_of__range=(first, as_of)).order_by("-as_of").values_list("as_of", flat=True)
    )
    chosen = days[:: -(-len(days) // MOST_POINTS) or 1]
    if len(chosen) < 2:
        return []
    scores = visible(HealthScore.objects.filter(as_of__in=chosen), user)
    means = scores.values_list("as_of").annotate(mean=Avg("score"))
    return [(day, float(mean)) for day, mean in means.order_by("as_of")]


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
