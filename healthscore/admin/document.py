"""A configuration as people read it: a table of weights by type, and a table of figures for each section."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.joining import listed
from healthscore import words
from healthscore.dimensions.catalogue import BY_NAME, NAMES
from healthscore.dimensions.configuration import DEFAULT

__all__ = ["TYPES", "Leaf", "leaves", "section_title", "tables", "title"]

TYPES = tuple(DEFAULT["weights"])
TYPE_TITLES = {
    "enterprise": gettext_lazy("enterprise"),
    "mid_market": gettext_lazy("mid market"),
    "startup": gettext_lazy("startup"),
}
SECTIONS = {
    "weights": gettext_lazy("Weights of the dimensions"),
    "adoption_tiers": gettext_lazy("Features by tier"),
    "type_otherwise": gettext_lazy("Customers of other types"),
    "grades": gettext_lazy("Grades"),
    "trend": gettext_lazy("Trend and forecast"),
    "alerts": gettext_lazy("Alerts"),
}
KEYS = {
    "type_otherwise": gettext_lazy("weighed and measured like"),
    "days": gettext_lazy("window, days"),
    "login_days_target": gettext_lazy("days with a login that count in full"),
    "sessions_target": gettext_lazy("sessions that count in full"),
    "minutes_target": gettext_lazy("minutes that count in full"),
    "tickets_limit": gettext_lazy("tickets that count 0"),
    "limits_hours": gettext_lazy("hours to solve"),
    "status_scores": gettext_lazy("score of the status"),
    "renewal_days_before": gettext_lazy("days before the renewal date that count as renewed"),
    "renewal_days_after": gettext_lazy("days after it"),
    "months_left_target": gettext_lazy("months left that count in full"),
    "maturity_months_target": gettext_lazy("months of contract that count in full"),
    "mrr_targets": gettext_lazy("MRR that counts in full"),
    "growth_days": gettext_lazy("growth against so many days before"),
    "threshold": gettext_lazy("improving or declining beyond"),
    "forecast_days": gettext_lazy("days ahead of the forecast"),
    "history_days": gettext_lazy("days that the forecast looks back"),
    "least_scores": gettext_lazy("least scores for a forecast"),
    "score_drop": gettext_lazy("drop of the score"),
    "renewal_days": gettext_lazy("renewal within days"),
    "renewal_score": gettext_lazy("renewal at risk below the score"),
    "inactive_days": gettext_lazy("days without activity"),
    "nps_below": gettext_lazy("NPS below"),
    "weights": gettext_lazy("weight"),
    "urgent": gettext_lazy("urgent"),
    "high": gettext_lazy("high"),
    "medium": gettext_lazy("medium"),
    "low": gettext_lazy("low"),
    "current": gettext_lazy("current"),
    "late": gettext_lazy("late"),
    "overdue": gettext_lazy("overdue"),
    "core": gettext_lazy("core"),
    "advanced": gettext_lazy("advanced"),
    "integration": gettext_lazy("integration"),
    **TYPE_TITLES,
    **words.GRADES,
}


@dataclass(frozen=True)
class Leaf:
    """A number, text or list of the document, by the keys that lead to it."""

    path: tuple[str, ...]
    value: Any

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def title(self) -> str:
        return title(self.path)


def leaves(document: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """In the order of the default, whose keys every document has."""
    order = DEFAULT
    for key in path:
        order = order[key]
    for key in order:
        if isinstance(order[key], Mapping):
            yield from leaves(document, (*path, key))
        else:
            yield Leaf((*path, key), _at(document, (*path, key)))


def section_title(name: str) -> str:
    """A dimension's name, or that of another section."""
    return _(BY_NAME[name].title) if name in BY_NAME else str(SECTIONS[name])


def title(path: tuple[str, ...]) -> str:
    """What a number is called within its section."""
    section, *keys = path
    if section == "weights":
        return _(BY_NAME[keys[1]].title)
    if section in BY_NAME and keys[0] == "weights":
        part = next(one for one in BY_NAME[section].parts if one.name == keys[1])
        return _("weight of %(part)s") % {"part": _(part.title)}
    named = [str(KEYS[key]) for key in (keys or [section])]
    return listed(named)


def tables(document: Mapping[str, Any]) -> dict[str, Any]:
    """`weights`: a row a dimension with a cell a type; `sections`: each with its leaves."""
    sections: dict[str, list[dict[str, str]]] = {}
    for leaf in leaves(document):
        if leaf.path[0] != "weights":
            sections.setdefault(leaf.path[0], []).append({"title": leaf.title, "value": _shown(leaf.value)})
    return {
        "types": [TYPE_TITLES[kind] for kind in TYPES],
        "weights": [
            {
                "title": _(BY_NAME[name].title),
                "cells": [words.number(document["weights"][kind][name]) for kind in TYPES],
            }
            for name in NAMES
        ],
        "sections": [{"title": section_title(name), "rows": rows} for name, rows in sections.items()],
    }


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = document
    for key in path:
        value = value[key]
    return value


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return listed(value) or "–"
    return str(KEYS.get(value, value)) if isinstance(value, str) else words.number(float(value))
